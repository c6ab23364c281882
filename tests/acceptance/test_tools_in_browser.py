"""The consultant's tools through the pages, in chromium, read as people read them: in French and in English."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from creneau.core.usecases.bookings import BookingRequest
from creneau.demo.sample import PASSWORD
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY_AT_TEN
from tests.demo_slack.browser import needs_browser, open_page

SPENT = "Ce lien n’est plus valable"

pytestmark = needs_browser


@dataclass(frozen=True)
class Telling:
    """Who plays the story, and what the screen says to them."""

    team: str
    user: str
    login: str
    beneficiary: str
    add_time_off: str
    first_day: str
    save: str
    stays: str
    session: str
    away: str
    connect: str
    open_page: str
    who: str
    fields: tuple[str, str, str]
    try_it: str
    wrong: str
    choose: str
    link: str
    linked: str


FRENCH = Telling(
    team="T0CAPAVENIR",
    user="U0PAUL",
    login="paul",
    beneficiary="marie",
    add_time_off="Ajouter une absence",
    first_day="Premier jour",
    save="Enregistrer",
    stays="1 séance reste réservée mais sera en dehors de vos horaires",
    session="mardi 1er décembre 2026 à 10:00 · Marie Durand",
    away="Mardi 1er décembre 2026\N{NO-BREAK SPACE}: toute la journée",
    connect="Relier de nouveau, ou un autre",
    open_page="Ouvrir la page",
    who="Pour Paul Martin, Cap Avenir",
    fields=("Adresse du serveur CalDAV", "Nom d’utilisateur", "Mot de passe d’application ou jeton"),
    try_it="Tester la connexion",
    wrong="Le serveur n’accepte pas ce nom d’utilisateur et ce mot de passe.",
    choose="Où placer les séances",
    link="Relier cet agenda",
    linked="Votre agenda est relié",
)
ENGLISH = Telling(
    team="T0HORIZON",
    user="U0GRACE",
    login="grace",
    beneficiary="oliver",
    add_time_off="Add time off",
    first_day="First day",
    save="Save",
    stays="1 session stays booked but will be outside your hours",
    session="Tuesday 1 December 2026 at 10:00 · Oliver Smith",
    away="Tuesday 1 December 2026: all day",
    connect="Connect again or another",
    open_page="Open the page",
    who="For Grace Moore, Horizon Skills",
    fields=("Address of the CalDAV server", "User name", "App password or token"),
    try_it="Test the connection",
    wrong="The server does not accept this user name and password.",
    choose="Where should sessions be put",
    link="Connect this calendar",
    linked="Your calendar is connected",
)
BOTH = pytest.mark.parametrize("told", [FRENCH, ENGLISH], ids=["french", "english"])


@pytest.fixture
def page() -> Iterator[Page]:
    with open_page() as page:
        page.context.set_extra_http_headers({"Accept-Language": "fr"})
        page.set_viewport_size({"width": 390, "height": 844})
        yield page


def book(story: Story, told: Telling) -> None:
    """Book ten o'clock on Tuesday, by the service: this story is not about how."""
    beneficiary, consultant = story.stage.actor(told.beneficiary), story.stage.actor(told.login)
    bilan = story.creneau.people.find_active_bilan(
        story.creneau.people.get_user(beneficiary.organization_id, beneficiary.user_id)
    )
    request = BookingRequest(bilan.id, consultant.user_id, TUESDAY_AT_TEN)
    story.creneau.scheduling.create_session_booking(beneficiary, request)


def type_command(page: Page, story: Story, told: Telling, command: str) -> None:
    page.goto(f"{story.slack.url}/?team={told.team}&user={told.user}")
    box = page.get_by_role("combobox").first
    box.fill(command)
    box.press("Enter")


@BOTH
def test_time_off_over_a_booked_session_is_asked_about_on_a_phone(page: Page, story: Story, told: Telling):
    book(story, told)
    type_command(page, story, told, "/availability")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=told.add_time_off).click()
    day = dialog.get_by_label(told.first_day)
    day.fill("2026-12-01")
    day.blur()
    dialog.get_by_role("button", name=told.save).click()

    expect(dialog).to_contain_text(told.stays)
    expect(dialog).to_contain_text(told.session)
    dialog.get_by_role("button", name=told.save).click()
    expect(dialog).to_contain_text(told.away)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "nothing sticks out on a phone"
    assert story.slack.problems == []


@BOTH
def test_a_calendar_is_connected_on_our_own_page(page: Page, story: Story, told: Telling):
    type_command(page, story, told, "/calendar")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=told.connect).click()
    with page.context.expect_page() as opened:
        dialog.get_by_role("button", name=told.open_page).click()
    ours = opened.value
    complaints: list[str] = []
    ours.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    address, username, password = (ours.get_by_label(label, exact=True) for label in told.fields)
    expect(ours.get_by_text(told.who)).to_be_visible()
    assert ours.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") != "none", "the style holds"
    page_url = ours.url

    address.fill(story.stage.calendars.url)
    username.fill(told.login)
    password.fill("not this one")
    ours.get_by_role("button", name=told.try_it).click()
    expect(ours.get_by_role("alert")).to_contain_text(told.wrong)
    expect(password).to_be_focused()
    expect(password).to_have_value("")
    expect(address).to_have_value(story.stage.calendars.url)

    password.fill(PASSWORD)
    password.press("Enter")
    expect(ours.get_by_role("group", name=told.choose)).to_be_visible()
    assert ours.evaluate("document.documentElement.scrollWidth") <= ours.viewport_size["width"]
    ours.get_by_role("radio").first.check()
    ours.get_by_role("button", name=told.link).click()
    expect(ours.get_by_role("heading", name=told.linked)).to_be_visible()

    ours.goto(page_url)
    expect(ours.get_by_role("heading", name=SPENT)).to_be_visible()  # the browser's language: nobody is known
    assert [said for said in complaints if "Content Security Policy" in said] == []
    assert story.slack.problems == []
