"""A workspace installs the app, takes it out, and installs it again: over Slack's OAuth, as browsers walk it."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
import yaml
from structlog.testing import capture_logs

from creneau.core.domain.people import Organization, Role, User
from creneau.demo.slack import Person, Workspace
from creneau.web.slack_install import BROWSER_COOKIE
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import ask, ask_and_confirm
from tests.conftest import plain

NEW_TEAM = "T0NOUVEAU"
FOUND, BAD_REQUEST = httpx.codes.FOUND, 422


class Browser:
    """Walks from our link to Slack's page and back. Secure cookies are carried by hand, as the test speaks http."""

    def __init__(self, story: Story, language: str = "fr") -> None:
        self._story = story
        self._client = httpx.Client(headers={"Accept-Language": language})
        self.secret: str | None = None

    def start(self, link: str = "") -> httpx.Response:
        answer = self._client.get(f"{self._story.stage.web_url}/slack/install", params={"link": link} if link else {})
        if BROWSER_COOKIE in answer.cookies:
            self.secret = answer.cookies[BROWSER_COOKIE]
        return answer

    def allow(self, started: httpx.Response, team_id: str) -> str:
        """Answer Slack's page; return the address to which it sends the browser back. No team: say no."""
        page = self._client.get(started.headers["Location"])
        assert page.status_code == httpx.codes.OK
        asked = parse_qs(urlsplit(started.headers["Location"]).query)
        form = {"state": asked["state"][0], "redirect_uri": asked["redirect_uri"][0], "scope": asked["scope"][0]}
        answer = self._client.post(self._story.slack.url + "/oauth/v2/authorize", data={**form, "team": team_id})
        assert answer.status_code == FOUND
        return answer.headers["Location"]

    def come_back(self, address: str) -> httpx.Response:
        cookies = {"Cookie": f"{BROWSER_COOKIE}={self.secret}"} if self.secret else {}
        return self._client.get(address, headers=cookies)

    def install(self, team_id: str, link: str = "") -> httpx.Response:
        return self.come_back(self.allow(self.start(link), team_id))


@pytest.fixture
def browser(story: Story) -> Browser:
    return Browser(story)


@pytest.fixture
def newcomer(story: Story) -> Organization:
    """A centre that no workspace has yet, and a workspace that no centre has."""
    people = [Person("U0NINA", "nina", "Nina Blanc", "nina@example.org")]
    story.slack.world.workspaces[NEW_TEAM] = Workspace(NEW_TEAM, "Nouveau", "", people=people)
    return story.creneau.people.add_organization("Nouveau centre")


def link_of(story: Story, organization: Organization, **lives: float) -> str:
    address = story.creneau.install_link(organization.id, timedelta(**(lives or {"days": 7})))
    return parse_qs(urlsplit(address).query)["link"][0]


def cap_avenir(story: Story) -> Organization:
    return story.stage.casts[0].organization


def test_a_workspace_is_installed_by_its_centres_link_and_the_app_answers_there(
    story: Story, browser: Browser, newcomer: Organization
):
    started = browser.start(link_of(story, newcomer))
    back = browser.come_back(browser.allow(started, NEW_TEAM))

    assert back.status_code == httpx.codes.OK
    assert "L’application est installée" in back.text
    assert f"https://slack.com/app_redirect?team={NEW_TEAM}" in back.text
    nina = story.creneau.people.add_user(
        newcomer, Role.BENEFICIARY, "Nina Blanc", "nina@example.org", slack_user_id="U0NINA"
    )
    assert nina.organization_id == newcomer.id
    person = story.slack.person(NEW_TEAM, "U0NINA")
    person.open_home()
    assert "Vos rendez-vous" in person.wait_for_home("Vos rendez-vous").all_text


def test_slack_is_asked_for_the_scopes_of_the_manifest_and_the_cookie_is_the_browsers_own(
    story: Story, browser: Browser
):
    started = browser.start()

    asked = parse_qs(urlsplit(started.headers["Location"]).query)
    manifest = yaml.safe_load((Path(__file__).parents[2] / "manifest.yml").read_text())
    assert asked["scope"][0].split(",") == manifest["oauth_config"]["scopes"]["bot"]
    assert asked["redirect_uri"] == [f"{story.stage.web_url}/slack/oauth_redirect"]
    cookie = started.headers["Set-Cookie"]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/slack/"} <= set(cookie.split("; "))


def test_tokens_are_sealed_in_the_database(story: Story, browser: Browser, newcomer: Organization):
    story.slack.oauth.rotates = True

    browser.install(NEW_TEAM, link_of(story, newcomer))

    with psycopg.connect(plain(story.stage.urls.owner)) as connection:
        row = connection.execute(
            "select bot_token_sealed, refresh_token_sealed from slack_installations where organization_id = %s",
            (newcomer.id,),
        ).fetchone()
    assert row is not None
    assert all(b"xox" not in sealed for sealed in row)
    installation = story.creneau.slack.find_installation(newcomer.id)
    assert installation is not None
    assert installation.bot_token.startswith("xoxe.xoxb-")
    assert installation.bot_token not in repr(installation)


@pytest.mark.parametrize("trouble", ["no cookie", "another browser", "forged", "none", "late", "used"])
def test_a_state_is_good_once_in_its_own_browser_for_ten_minutes(
    story: Story, browser: Browser, newcomer: Organization, trouble: str
):
    started = browser.start(link_of(story, newcomer))
    address = browser.allow(started, NEW_TEAM)
    if trouble == "no cookie":
        browser.secret = None
    if trouble == "another browser":
        other = Browser(story)
        other.start()
        browser.secret = other.secret
    if trouble == "forged":
        address = address.replace("state=", "state=x")
    if trouble == "none":
        address = address.split("&state=")[0]
    if trouble == "late":
        story.clock.move(minutes=10)
    if trouble == "used":
        browser.come_back(address)
        story.creneau.installations.end(newcomer.id)
        address = browser.allow(started, NEW_TEAM)  # another code of Slack's for the same state

    answer = browser.come_back(address)

    assert answer.status_code == BAD_REQUEST
    assert "n’est plus valable" in answer.text
    assert story.creneau.slack.find_installation(newcomer.id) is None


@pytest.mark.parametrize("trouble", ["forged", "late", "a state"])
def test_a_link_that_is_forged_or_over_starts_nothing(
    story: Story, browser: Browser, newcomer: Organization, trouble: str
):
    link = link_of(story, newcomer, minutes=1)
    if trouble == "forged":
        link = link[:-4] + "AAAA"
    if trouble == "late":
        story.clock.move(minutes=1)
    if trouble == "a state":
        link = parse_qs(urlsplit(browser.start().headers["Location"]).query)["state"][0]

    answer = browser.start(link)

    assert answer.status_code == BAD_REQUEST
    assert "Location" not in answer.headers


def test_a_workspace_without_a_centre_is_told_so_and_its_token_is_given_back(story: Story, newcomer: Organization):
    browser = Browser(story, "en")

    answer = browser.install(NEW_TEAM)

    assert answer.status_code == httpx.codes.NOT_FOUND
    assert "belongs to no centre" in answer.text
    assert [call.team_id for call in story.slack.calls_to("auth.revoke")] == [NEW_TEAM]


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "déjà relié à un autre centre"), ("en", "linked to another centre")]
)
def test_another_centres_workspace_is_refused(story: Story, newcomer: Organization, language: str, said: str):
    answer = Browser(story, language).install("T0CAPAVENIR", link_of(story, newcomer))

    assert answer.status_code == httpx.codes.CONFLICT
    assert said in answer.text
    ask(story)  # the app goes on there: what was refused did not cost it its token
    story.work()
    assert story.person("paul").wait_for_message("Nouvelle demande")


def test_a_centre_does_not_move_to_another_workspace_by_a_link(story: Story, browser: Browser, newcomer: Organization):
    answer = browser.install(NEW_TEAM, link_of(story, cap_avenir(story)))

    assert answer.status_code == BAD_REQUEST
    assert "autre espace de travail" in answer.text


def test_an_installation_for_a_whole_enterprise_is_refused_politely(story: Story, browser: Browser):
    story.slack.oauth.is_org_wide = True

    answer = browser.install("T0CAPAVENIR")

    assert answer.status_code == BAD_REQUEST
    assert "un espace de travail à la fois" in answer.text


def test_saying_no_on_slacks_page_installs_nothing(story: Story, browser: Browser, newcomer: Organization):
    answer = browser.install("", link_of(story, newcomer))

    assert "a été annulée dans Slack" in answer.text
    assert story.creneau.slack.find_installation(newcomer.id) is None


@pytest.mark.parametrize("said", ["L’application ne", "Slack ne répond pas"])
def test_slack_that_refuses_a_code_or_is_silent_is_told(story: Story, browser: Browser, said: str):
    if said == "Slack ne répond pas":
        address = browser.allow(browser.start(), "T0CAPAVENIR")
        story.slack.faults.is_offline = True
    else:
        address = browser.allow(browser.start(), "T0CAPAVENIR").replace("code=", "code=x")
        said = "Slack n’a pas accepté"

    assert said in browser.come_back(address).text


def test_an_uninstalled_app_is_silent_and_goes_on_when_it_is_installed_again(story: Story, browser: Browser):
    ask_and_confirm(story)
    organization = cap_avenir(story)

    with capture_logs() as logs:
        story.slack.uninstall("T0CAPAVENIR")
        story.person("paul").wait_for(lambda: "slack.installation_ended" in [entry["event"] for entry in logs])

    assert story.creneau.slack.find_installation(organization.id) is None
    calls = len(story.slack.calls)
    story.creneau.scheduling.cancel_booking(story.stage.actor("paul"), only_booking(story).id)
    story.work()
    assert len(story.slack.calls) == calls
    assert story.jobs_left() == {}  # nothing is tried again and again

    back = browser.install("T0CAPAVENIR")
    story.work()

    assert back.status_code == httpx.codes.OK
    marie = story.person("marie")
    assert "Rien pour le moment" in marie.wait_for_home("Rien pour le moment").all_text
    ask(story)
    story.work()
    assert story.person("paul").wait_for_message("Nouvelle demande")


def test_a_token_that_turns_out_to_be_revoked_ends_the_installation(story: Story):
    ask(story)
    story.slack.oauth.end(story.slack.world.workspaces["T0CAPAVENIR"])

    with capture_logs() as logs:
        story.work()

    assert story.creneau.slack.find_installation(cap_avenir(story).id) is None
    ended = [entry for entry in logs if entry["event"] == "slack.installation_ended"]
    assert [entry["reason"] for entry in ended] == ["token_revoked"]
    assert story.jobs_left() == {}


def test_a_person_of_a_workspace_that_is_not_installed_is_told_in_both_languages(story: Story):
    story.creneau.installations.end(cap_avenir(story).id)
    marie = story.person("marie")

    marie.command("/book")

    told = marie.wait_for_message("pas encore enregistré")
    assert "not registered" in told.text
    assert told.is_ephemeral


def test_a_token_is_changed_ahead_of_its_end_while_the_old_one_goes_on(story: Story, browser: Browser):
    story.slack.oauth.rotates = True
    browser.install("T0CAPAVENIR")
    organization = cap_avenir(story)
    first = token_of(story, organization)
    assert story.creneau.rotation.rotate_due() == 0  # twelve hours to go

    story.clock.move(hours=10, minutes=1)
    assert story.creneau.rotation.rotate_due() == 1

    second = token_of(story, organization)
    assert second != first
    for token in (first, second):
        assert story.slack.oauth.workspace_of(token).team_id == "T0CAPAVENIR"
    assert story.creneau.rotation.rotate_due() == 0


def test_a_token_that_ended_while_no_worker_ran_is_changed_and_what_waited_is_sent(story: Story, browser: Browser):
    story.slack.world.clock = lambda: story.clock.now().timestamp()
    story.slack.oauth.rotates, story.slack.oauth.token_seconds = True, 60
    browser.install("T0CAPAVENIR")
    ask(story)
    story.clock.move(minutes=1)
    assert len(story.creneau.installations.lease_rotations()) == 1  # another process was about to, and died
    story.work()
    assert story.person("paul").messages == []
    assert "slack.post_message" in story.jobs_left()

    story.clock.move(minutes=2)
    assert story.creneau.rotation.rotate_due() == 1
    story.work_again()

    assert story.person("paul").wait_for_message("Nouvelle demande")


def test_two_processes_change_a_token_once(story: Story, browser: Browser):
    story.slack.oauth.rotates = True
    browser.install("T0CAPAVENIR")
    story.clock.move(hours=11)

    leased = [*story.creneau.installations.lease_rotations(), *story.creneau.installations.lease_rotations()]

    assert leased == [cap_avenir(story).id]
    story.clock.move(minutes=3)  # the first of them died with its lease
    assert story.creneau.rotation.rotate_due() == 1


def test_a_lost_answer_leaves_the_token_in_hand_until_its_end_and_tells_the_log(story: Story, browser: Browser):
    story.slack.oauth.rotates = True
    browser.install("T0CAPAVENIR")
    organization = cap_avenir(story)
    first = token_of(story, organization)
    story.clock.move(hours=11)
    story.slack.faults.lose_answer("oauth.v2.access")

    assert story.creneau.rotation.rotate_due() == 0  # Slack spent the refresh token, and we never heard
    story.clock.move(minutes=3)
    with capture_logs() as logs:
        assert story.creneau.rotation.rotate_due() == 0

    assert [entry["event"] for entry in logs] == ["slack.rotation_refused"]
    assert token_of(story, organization) == first
    ask(story)  # it still works
    story.work()
    assert story.person("paul").wait_for_message("Nouvelle demande")


def token_of(story: Story, organization: Organization) -> str:
    installation = story.creneau.slack.find_installation(organization.id)
    assert installation is not None
    return installation.bot_token


def only_booking(story: Story):
    paul: User = story.stage.casts[0].users["paul"]
    (booking,) = story.creneau.scheduling.get_consultant_bookings(story.stage.actor("paul"), paul.id)
    return booking
