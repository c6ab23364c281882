"""The same stories through the page, in chromium, read as people read them: one in French, one in English."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from creneau.app.postgres import PostgresUrls
from creneau.demo.booking_form import choose_time
from creneau.demo.clock import DemoClock
from creneau.demo.clock_panel import clock_panel
from creneau.demo.sample import Cast
from creneau.demo.stage import Stage
from creneau.demo.worker_thread import WorkerThread
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import TUESDAY, events_of
from tests.conftest import MONDAY, Urls
from tests.demo_slack.browser import needs_browser, open_page

TUESDAY_AT_ELEVEN = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)  # 11:00 in Paris
A_SWEEP_MILLISECONDS = 25_000  # reminders are looked for every ten seconds

pytestmark = needs_browser


@dataclass(frozen=True)
class Telling:
    """Who plays the story, and what the screen says to them."""

    team: str
    beneficiary: str
    consultant: str
    consultant_login: str
    day: str
    when: str
    composer: str
    fields: tuple[str, str]
    send: str
    sent: str
    close: str
    request: str
    confirm: str
    is_confirmed: str
    confirmed: str
    home: str
    in_home: str
    zone: str
    cancel: str
    buttons: tuple[str, ...]
    details: str
    really_cancel: str
    past: str
    is_cancelled: str
    cancelled: str
    nothing: str


FRENCH = Telling(
    team="T0CAPAVENIR",
    beneficiary="Marie Durand",
    consultant="Paul Martin",
    consultant_login="paul",
    day="Mardi 1er décembre 2026",
    when="mardi 1er décembre 2026 à 11:00 (heure de Paris)",
    composer="Tapez / pour voir ce que fait cette appli",
    fields=("Jour", "Heure"),
    send="Envoyer la demande",
    sent="Demande envoyée : rendez-vous le mardi 1er décembre 2026 à 11:00 (heure de Paris).",
    close="Fermer",
    request="Nouvelle demande",
    confirm="Confirmer",
    is_confirmed="Confirmée",
    confirmed="C’est confirmé : rendez-vous le mardi 1er décembre 2026 à 11:00 (heure de Paris)",
    home="Accueil",
    in_home="mardi 1er décembre 2026 à 11:00",
    zone="Horaires en heure de Paris.",
    cancel="Annuler",
    buttons=("Proposer un autre créneau", "Annuler", "Voir le détail"),
    details="Voir le détail",
    really_cancel="Annuler le rendez-vous",
    past="Rendez-vous du mardi 1er décembre 2026 à 11:00 (heure de Paris).",
    is_cancelled="Annulée",
    cancelled="Le rendez-vous du mardi 1er décembre 2026 à 11:00 (heure de Paris) est annulé.",
    nothing="Rien pour le moment.",
)
ENGLISH = Telling(
    team="T0HORIZON",
    beneficiary="Oliver Smith",
    consultant="Grace Moore",
    consultant_login="grace",
    day="Tuesday 1 December 2026",
    when="Tuesday 1 December 2026 at 11:00 (Paris time)",
    composer="Type / to see what this app can do",
    fields=("Day", "Time"),
    send="Send request",
    sent="Request sent: appointment on Tuesday 1 December 2026 at 11:00 (Paris time).",
    close="Close",
    request="New request",
    confirm="Confirm",
    is_confirmed="Confirmed",
    confirmed="Confirmed: appointment on Tuesday 1 December 2026 at 11:00 (Paris time)",
    home="Home",
    in_home="Tuesday 1 December 2026 at 11:00",
    zone="Times are in Paris time.",
    cancel="Cancel",
    buttons=("Propose another time", "Cancel", "See details"),
    details="See details",
    really_cancel="Cancel the appointment",
    past="Appointment on Tuesday 1 December 2026 at 11:00 (Paris time).",
    is_cancelled="Cancelled",
    cancelled="The appointment on Tuesday 1 December 2026 at 11:00 (Paris time) was cancelled.",
    nothing="Nothing for now.",
)


@pytest.fixture
def page() -> Iterator[Page]:
    with open_page() as page:
        yield page


def work(story: Story) -> None:
    """Let the worker work, in a thread: the event loop of this one is the browser's."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(story.work).result()


def become(page: Page, name: str) -> None:
    person = page.get_by_role("navigation").get_by_role("button", name=name)
    person.click()
    expect(person).to_have_attribute("aria-current", "true")


def message(page: Page, text: str) -> Locator:
    return page.get_by_role("article").filter(has_text=text)


def book(page: Page, told: Telling) -> None:
    """Type the command, choose the day and eleven o'clock, send, and read that it was sent."""
    box = page.get_by_role("combobox", name=told.composer)
    box.fill("/book")
    box.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(told.consultant)
    day, time = (dialog.get_by_label(label, exact=True) for label in told.fields)
    day.select_option(label=told.day)
    expect(time).to_have_attribute("data-key", f"time-{TUESDAY}/book_time")
    eleven = time.locator("option").filter(has_text=re.compile("^11:00 –")).text_content()
    time.select_option(label=eleven)
    dialog.get_by_role("button", name=told.send).click()
    expect(dialog).to_contain_text(told.sent)
    dialog.get_by_role("button", name=told.close).last.click()
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("told", [FRENCH, ENGLISH], ids=["french", "english"])
def test_a_session_is_booked_confirmed_seen_and_cancelled_in_the_browser(page: Page, story: Story, told: Telling):
    page.goto(f"{story.slack.url}/?team={told.team}")
    become(page, told.beneficiary)
    book(page, told)
    work(story)
    expect(message(page, told.sent)).to_be_visible()

    become(page, told.consultant)
    request = message(page, told.beneficiary)
    expect(request).to_contain_text(told.request)
    expect(request).to_contain_text(told.when)
    request.get_by_role("button", name=told.confirm).click()
    expect(request).to_contain_text(told.is_confirmed)
    expect(request.get_by_role("button")).to_have_text(list(told.buttons))
    work(story)
    (event,) = events_of(story, told.consultant_login)
    assert event.icalendar_component["DTSTART"].dt == TUESDAY_AT_ELEVEN

    become(page, told.beneficiary)
    expect(message(page, told.confirmed)).to_contain_text(told.consultant)
    page.get_by_role("tab", name=told.home).click()
    home = page.get_by_role("tabpanel", name=told.home)
    expect(home).to_contain_text(told.in_home)
    expect(home).to_contain_text(told.is_confirmed)
    expect(home).to_contain_text(told.zone)

    home.get_by_role("button", name=told.cancel).click()
    ask = page.get_by_role("dialog", name=told.cancel)
    expect(ask).to_contain_text(told.when, ignore_case=True)
    ask.get_by_role("button", name=told.really_cancel).click()
    page.get_by_role("tab", name="Messages").click()
    expect(message(page, told.past)).to_contain_text(told.is_cancelled)
    work(story)
    page.get_by_role("tab", name=told.home).click()
    expect(home).to_contain_text(told.nothing)
    assert events_of(story, told.consultant_login) == []

    become(page, told.consultant)
    page.get_by_role("tab", name="Messages").click()
    expect(message(page, told.cancelled)).to_be_visible()
    expect(request.get_by_role("button")).to_have_text([told.details])
    assert story.slack.problems == []


@pytest.fixture
def demonstration(fresh_urls: Urls, casts: list[Cast], tmp_path: Path) -> Iterator[Stage]:
    """What `make demo` runs, on a Monday morning."""
    clock = DemoClock()
    clock.move_to(MONDAY)
    urls = PostgresUrls(fresh_urls.runtime, fresh_urls.owner)
    panels = [clock_panel(clock)]
    with Stage(urls, tmp_path, clock, panels=panels, casts=casts) as stage, WorkerThread(stage.creneau.jobs):
        yield stage


def test_a_newcomer_moves_the_clock_and_the_reminder_comes(page: Page, demonstration: Stage):
    marie, paul = demonstration.person("marie"), demonstration.person("paul")
    marie.command("/book")
    choose_time(marie, TUESDAY, "11:00")
    assert marie.submit() is None
    marie.wait_for_modal("Demande envoyée")
    marie.close_modal()
    paul.click(paul.wait_for_message("Nouvelle demande", 20), "Confirmer")
    marie.wait_for_message("C’est confirmé", 20)

    page.goto(f"{demonstration.slack.url}/?team=T0CAPAVENIR&user=U0MARIE")
    clock = page.get_by_role("region", name="Horloge de la démonstration")
    expect(clock).to_contain_text("lundi 30 novembre 2026 à 09:0")
    clock.get_by_role("button", name="+1 jour").click()
    expect(clock).to_contain_text("mardi 1er décembre 2026 à 09:0")
    reminder = message(page, f"Rappel : rendez-vous le {FRENCH.when}.")
    expect(reminder).to_be_visible(timeout=A_SWEEP_MILLISECONDS)
    assert demonstration.slack.problems == []
