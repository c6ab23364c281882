"""Connecting a calendar: from Slack to a page of ours, a real CalDAV server tried at once, and back; and leaving it."""

from collections.abc import Iterator
from re import search

import httpx
import pytest

from creneau.core.domain.page_links import LIFETIME, PagePurpose
from creneau.demo.sample import PASSWORD
from creneau.demo.slack import Actor as SlackUser
from tests.acceptance.calendar_page import choose, fill_in, hours_of, nonce_of, open_calendar, unlink, way_to_page
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import ask_and_confirm, events_of

SPENT = "Ce lien n’est plus valable"


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, headers={"Accept-Language": "fr"}) as client:
        yield client


def test_a_consultant_connects_an_account_and_what_is_confirmed_is_sent(story: Story, browser: httpx.Client):
    unlink(story)
    ask_and_confirm(story)
    assert events_of(story, "paul") == []
    paul = open_calendar(story)
    assert "Aucun agenda n’est relié." in paul.modal.all_text

    address = way_to_page(paul, "Relier un agenda", "ne tapez jamais de mot de passe ici")
    page = browser.get(address)
    assert "Pour Paul Martin, Cap Avenir" in page.text
    found = fill_in(browser, address, address=story.stage.calendars.url, username="paul", password=PASSWORD)
    assert "sessions" in found.text
    assert f'value="{PASSWORD}"' not in found.text
    again = choose(browser, address, found, hours="0")
    assert (again.status_code, "un agenda à part" in again.text) == (422, True)
    done = choose(browser, address, again, hours="new")
    assert done.status_code == 200
    assert "Votre agenda est relié" in done.text

    story.work()
    assert len(events_of(story, "paul")) == 1
    text = open_calendar(story).modal.all_text
    assert "paul · 127.0.0.1" in text
    assert "*En attente d’envoi*\n0 séance" in text
    assert "RRULE" in hours_of(story).text
    assert story.slack.problems == []


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"password": "not-this-one"}, "Le serveur n’accepte pas ce nom d’utilisateur et ce mot de passe."),
        ({"address": "https://nowhere.invalid"}, "Aucun serveur ne porte ce nom."),
        ({"address": "https://10.0.0.1/dav/"}, "Cette adresse mène à un réseau privé"),
        ({"address": "paul@example.org"}, "C’est une adresse e-mail."),
        ({"password": "not-this-one", "credential": "TOKEN"}, "Le serveur n’accepte pas ce jeton."),
        ({"address": "SLACK"}, "ce n’est pas un serveur CalDAV."),
        ({"address": "TLS"}, "La connexion chiffrée avec ce serveur échoue"),
        ({"address": " "}, "Veuillez remplir ce champ."),
        ({"username": "pa:ul"}, "Cette valeur ne convient pas"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_linked(
    story: Story, browser: httpx.Client, entered: dict[str, str], said: str
):
    unlink(story)
    places = {"SLACK": story.slack.url, "TLS": story.stage.calendars.url.replace("http:", "https:")}
    form = {"address": story.stage.calendars.url, "username": "paul", "password": PASSWORD, **entered}
    form["address"] = places.get(form["address"], form["address"])
    address = way_to_page(open_calendar(story), "Relier un agenda", "ne tapez jamais")

    page = fill_in(browser, address, **form)

    assert page.status_code == 422
    field = next(iter(entered))
    assert search(rf'id="{field}-wrong" role="alert">[^<]*{said}', page.text)
    assert search(rf'id="{field}"[^>]*aria-invalid="true"', page.text)
    assert form["password"] not in page.text
    actor = story.stage.actor("paul")
    assert story.creneau.calendars.find_health(actor, actor.user_id) is None
    assert browser.get(address).status_code == 200, "the link is still good"
    assert browser.get(f"{address}/choice").status_code == 200, "Enter in the address bar of the second page"


def test_a_link_that_is_used_expired_overtaken_or_made_up_gets_one_and_the_same_page(
    story: Story, browser: httpx.Client
):
    actor = story.stage.actor("paul")
    base = f"{story.stage.web_url}/calendar/"
    used, expired = (base + story.creneau.page_links.issue(actor, PagePurpose.CONNECT_CALENDAR) for _ in range(2))
    pages = [browser.get(used)]  # overtaken by the second
    story.clock.move(seconds=LIFETIME.total_seconds())
    pages.append(browser.get(expired))
    fresh = base + story.creneau.page_links.issue(actor, PagePurpose.CONNECT_CALENDAR)
    found = fill_in(browser, fresh, address=story.stage.calendars.url, username="paul", password=PASSWORD)
    assert choose(browser, fresh, found).status_code == 200
    pages += [browser.get(fresh), choose(browser, fresh, found), browser.get(fresh[:-1] + "!"), browser.get(base + "x")]

    assert {page.status_code for page in pages} == {410}
    assert len({page.text for page in pages}) == 1
    assert SPENT in pages[0].text
    assert "/calendar" in pages[0].text


def test_a_form_from_elsewhere_is_not_taken(story: Story, browser: httpx.Client):
    unlink(story)
    actor = story.stage.actor("paul")
    token = story.creneau.page_links.issue(actor, PagePurpose.CONNECT_CALENDAR)
    address = f"{story.stage.web_url}/calendar/{token}"
    nonce = nonce_of(browser.get(address))
    form = {"address": story.stage.calendars.url, "username": "paul", "password": PASSWORD, "nonce": nonce}
    stranger = httpx.Client(trust_env=False)

    answers = [
        stranger.post(address, data=form),
        browser.post(address, data={**form, "nonce": "x"}),
        browser.post(address, data=form, headers={"Sec-Fetch-Site": "cross-site"}),
    ]

    assert {page.status_code for page in answers} == {422}
    assert all("Par sécurité, le formulaire n’a pas été pris en compte." in page.text for page in answers[1:])
    assert all("Choisir un agenda" not in page.text for page in answers)


def test_the_pages_let_nothing_in_and_leave_no_trace(story: Story, browser: httpx.Client):
    actor = story.stage.actor("paul")
    token = story.creneau.page_links.issue(actor, PagePurpose.CONNECT_CALENDAR)
    address = f"{story.stage.web_url}/calendar/{token}"
    for page in (browser.get(address), browser.get(f"{address}x")):
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert "<script" not in page.text
        assert not search(r'(src|href)="', page.text)
    cookie = browser.get(address).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_a_calendar_is_disconnected_and_emptied_or_left_as_it_is(story: Story):
    ask_and_confirm(story)
    assert len(events_of(story, "paul")) == 1
    paul = open_calendar(story)
    paul.press("Montrer mes heures")
    paul.wait_for_modal("Vos heures réservables vont y apparaître.")
    story.work()
    hours = hours_of(story)
    assert "TRANSPARENT" in hours.text
    paul = open_calendar(story)
    assert "Dans un agenda à part" in paul.modal.all_text
    paul.press("Dissocier")
    paul.wait_for_modal("Ce que Creneau y a inscrit")
    assert paul.submit() is None

    paul.wait_for_modal("L’agenda n’est plus relié.")
    story.work()
    assert events_of(story, "paul") == []
    assert httpx.get(hours.url, auth=("paul", PASSWORD), trust_env=False).status_code == 404
    assert story.jobs_left() == {}
    assert story.slack.problems == []


def test_what_is_left_in_the_calendar_stays(story: Story):
    ask_and_confirm(story)
    paul = open_calendar(story)
    paul.press("Dissocier")
    paul.wait_for_modal("Ce que Creneau y a inscrit")
    paul.select("leave", "Le laisser dans l’agenda")
    assert paul.submit() is None
    paul.wait_for_modal("Aucun agenda n’est relié.")
    story.work()

    assert len(events_of(story, "paul")) == 1


def test_a_calendar_that_fails_says_why_and_is_sent_to_again(story: Story):
    story.stage.calendars.stop()
    ask_and_confirm(story)
    paul = open_calendar(story)
    assert "Le serveur n’a pas répondu." in paul.modal.all_text
    assert "1 séance" in paul.modal.all_text
    story.clock.move(minutes=16)
    story.slack.faults.lose_answer("chat.postMessage")
    for _ in range(2):
        send_again(story)
    story.work_again()
    assert told(paul, "n’arrivent pas dans votre agenda") == 1

    story.stage.calendars.start()
    send_again(story)

    assert len(events_of(story, "paul")) == 1
    assert "Dernier échec" not in open_calendar(story).modal.all_text
    assert told(paul, "arrivent de nouveau dans votre agenda") == 1
    assert told(paul, "n’arrivent pas dans votre agenda") == 1


def send_again(story: Story) -> None:
    paul = open_calendar(story)
    story.clock.move(seconds=1)
    paul.press("Renvoyer maintenant")
    paul.wait_for_modal("Ce qui manque est en cours d’envoi.")
    story.work()


def told(person: SlackUser, words: str) -> int:
    return sum(words in message.text for message in person.messages)


def test_a_feed_is_given_renewed_and_taken_back(story: Story, browser: httpx.Client):
    grace = open_calendar(story, "grace")
    assert grace.modal.all_text.count("No address yet.") + grace.modal.all_text.count("Address given") == 3
    first = feed_address(grace, "Get an address")
    assert browser.get(first).headers["Content-Type"] == "text/calendar; charset=utf-8"
    for program in ("Apple", "Google", "Outlook", "Thunderbird"):
        assert program in grace.modal.all_text
    assert first.replace("http://", "webcal://") in grace.modal.all_text
    grace.close_modal()

    second = feed_address(grace, "New address")
    assert browser.get(second).status_code == 200
    grace.close_modal()
    grace.press("Revoke", near="feed-sessions")
    grace.wait_for_modal("The address no longer works.")

    unknown = browser.get(f"{story.stage.web_url}/feeds/{'x' * 43}/sessions.ics")
    for gone in (browser.get(first), browser.get(second)):
        assert (gone.status_code, gone.text) == (unknown.status_code, unknown.text) == (404, "Not found\n")
    assert story.slack.problems == []


def feed_address(person: SlackUser, button: str) -> str:
    person.wait_for(lambda: person.modal is not None and button in person.modal.buttons)
    person.press(button, near="feed-sessions")
    view = person.wait_for_modal("webcal://")
    return search(r"```(http[^`]+)```", view.all_text)[1]


def test_a_beneficiary_has_the_feed_of_their_sessions_and_nothing_to_connect(story: Story):
    marie = open_calendar(story, "marie")
    assert "CalDAV" not in marie.modal.all_text
    assert [name for name in marie.modal.buttons if name == "Obtenir une adresse"] == ["Obtenir une adresse"]
    assert feed_address(marie, "Obtenir une adresse").endswith("/sessions.ics")
    assert story.slack.problems == []
