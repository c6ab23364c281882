"""Boxes on the page that whoever runs the stand-in adds, and the demonstration's clock in one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from creneau.demo.clock import DemoClock
from creneau.demo.clock_panel import clock_panel
from creneau.demo.slack import SlackStandIn

from .browser import needs_browser
from .conftest import Clock, two_workspaces

MORNING = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)  # 9:00 in Paris


@pytest.fixture
def demo_clock() -> DemoClock:
    clock = DemoClock()
    clock.move_to(MORNING)
    return clock


@pytest.fixture
def with_clock(clock: Clock, demo_clock: DemoClock) -> Iterator[SlackStandIn]:
    panels = [clock_panel(demo_clock)]
    with SlackStandIn(two_workspaces(), "s3cret", clock=clock, retry_delays=None, panels=panels) as slack:
        yield slack


def screen_of(slack: SlackStandIn, user: str) -> Any:
    return httpx.get(f"{slack.url}/ui/screen", params={"team": "T1", "user": user}).json()


def press(slack: SlackStandIn, path: str, origin: str) -> httpx.Response:
    body = {"team": "T1", "user": "U1"}
    return httpx.post(f"{slack.url}/ui/panels/{path}", json=body, headers={"Origin": origin})


def test_a_panel_speaks_the_language_of_whoever_looks(with_clock: SlackStandIn) -> None:
    (english,) = screen_of(with_clock, "U1")["panels"]
    assert english == {
        "id": "clock",
        "title": "Clock of the demonstration",
        "text": "Tuesday 1 December 2026 at 09:00 (Paris time)",
        "buttons": [{"id": "hour", "label": "+1 hour"}, {"id": "day", "label": "+1 day"}],
    }
    (french,) = screen_of(with_clock, "U2")["panels"]
    assert french["title"] == "Horloge de la démonstration"
    assert french["text"] == "mardi 1er décembre 2026 à 09:00 (heure de Paris)"
    assert [button["label"] for button in french["buttons"]] == ["+1 h", "+1 jour"]


def test_a_button_of_a_panel_answers_to_the_page_only(with_clock: SlackStandIn, demo_clock: DemoClock) -> None:
    assert press(with_clock, "clock/day", "http://evil.example").status_code == 403
    assert demo_clock.now() - MORNING < timedelta(hours=1)
    assert press(with_clock, "clock/week", with_clock.url).status_code == 404
    moved = press(with_clock, "clock/day", with_clock.url)
    assert moved.json()["screen"]["panels"][0]["text"].startswith("Wednesday 2 December 2026 at 09:00")
    assert demo_clock.now() - MORNING >= timedelta(days=1)


def test_a_stand_in_without_panels_shows_none(slack: SlackStandIn) -> None:
    assert screen_of(slack, "U1")["panels"] == []


@needs_browser
def test_the_clock_is_moved_in_the_browser(page: Page, with_clock: SlackStandIn) -> None:
    page.goto(f"{with_clock.url}/?team=T1&user=U1")
    box = page.get_by_role("region", name="Clock of the demonstration")
    expect(box).to_contain_text("Tuesday 1 December 2026 at 09:00 (Paris time)")
    box.get_by_role("button", name="+1 hour").click()
    expect(box).to_contain_text("Tuesday 1 December 2026 at 10:00 (Paris time)")
    expect(box.get_by_role("button", name="+1 hour")).to_be_focused()
    box.get_by_role("button", name="+1 day").click()
    expect(box).to_contain_text("Wednesday 2 December 2026 at 10:00 (Paris time)")
    page.get_by_role("button", name="Marie Curie").click()
    expect(page.get_by_role("region", name="Horloge de la démonstration")).to_contain_text("mercredi 2 décembre 2026")
