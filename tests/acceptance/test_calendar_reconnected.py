"""Connecting again: a new password, another calendar, another server, and back."""

from collections.abc import Iterator
from pathlib import Path
from re import findall, search

import httpx
import pytest

from creneau.core.domain.page_links import PagePurpose
from creneau.demo.radicale_server import RadicaleServer
from creneau.demo.sample import PASSWORD
from tests.acceptance.calendar_page import choose, fill_in, hours_of
from tests.acceptance.conftest import Story


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, headers={"Accept-Language": "fr"}) as client:
        yield client


def page_address(story: Story) -> str:
    actor = story.stage.actor("paul")
    return f"{story.stage.web_url}/calendar/{story.creneau.page_links.issue(actor, PagePurpose.CONNECT_CALENDAR)}"


def find_account(story: Story, browser: httpx.Client, server: str) -> tuple[str, httpx.Response]:
    address = page_address(story)
    return address, fill_in(browser, address, address=server, username="paul", password=PASSWORD)


def checked(page: httpx.Response, name: str) -> list[str]:
    """Return the calendars that are checked under a name, by the last part of their addresses."""
    urls = findall(r"<small>([^<]+)</small>", page.text)
    places = findall(rf'name="{name}" value="(\d+)"[^>]* checked', page.text)
    return [urls[int(place)].rstrip("/").rpartition("/")[2] for place in places]


def test_connecting_again_begins_with_what_is_so(story: Story, browser: httpx.Client):
    for name in ("aaa-private", "shared"):
        story.stage.calendars.create_calendar("paul", name)
    actor, url = story.stage.actor("paul"), story.stage.calendar_urls["paul"]
    shared = f"{story.stage.calendars.url}/paul/shared/"
    story.creneau.calendars.link_calendar(actor, actor.user_id, url, "paul", PASSWORD, busy_urls=[shared])

    first = browser.get(page_address(story))
    assert search(rf'name="address"[^>]*value="{url}"', first.text)
    assert search(r'name="username"[^>]*value="paul"', first.text)
    assert PASSWORD not in first.text

    _, found = find_account(story, browser, story.stage.calendars.url)
    assert checked(found, "calendar") == ["sessions"]
    assert sorted(checked(found, "busy")) == ["sessions", "shared"]


def test_a_choice_that_is_not_taken_stays_on_the_page(story: Story, browser: httpx.Client):
    story.stage.calendars.create_calendar("paul", "aaa-private")
    address, found = find_account(story, browser, story.stage.calendars.url)
    refused = choose(browser, address, found, place=1, hours="1")
    assert refused.status_code == 422
    assert (checked(refused, "calendar"), checked(refused, "busy"), checked(refused, "hours")) == (
        ["sessions"],
        [],
        ["sessions"],
    )


@pytest.mark.parametrize("place", ["-1", "9", "²", "9" * 5000])
def test_a_choice_that_was_made_up_is_not_taken(story: Story, browser: httpx.Client, place: str):
    address, found = find_account(story, browser, story.stage.calendars.url)
    refused = choose(browser, address, found, place=place)
    assert refused.status_code == 422
    assert "le formulaire n’a pas été pris en compte" in refused.text


def test_whoever_comes_back_to_a_server_finds_the_hours_where_they_were(
    story: Story, browser: httpx.Client, tmp_path: Path
):
    with RadicaleServer(tmp_path / "other", {"paul": PASSWORD}) as other:
        other.create_calendar("paul", "sessions")
        for server in (story.stage.calendars.url, other.url, story.stage.calendars.url):
            address, found = find_account(story, browser, server)
            assert "creneau-" not in found.text
            done = choose(browser, address, found, hours="new")
            assert done.status_code == 200, done.text
            story.work()
            assert "RRULE" in hours_of(story).text
            assert str(hours_of(story).url).startswith(server)
    assert story.jobs_left() == {}
