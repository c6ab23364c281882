"""The pages on which a calendar is connected, filled in as a browser does."""

from re import search

import httpx

from creneau.demo.sample import PASSWORD
from creneau.demo.slack import Actor as SlackUser
from tests.acceptance.conftest import Story


def open_calendar(story: Story, login: str = "paul") -> SlackUser:
    person = story.person(login)
    if person.modal is not None:
        person.close_modal(is_whole_stack=True)
    person.command("/calendar")
    person.wait_for(lambda: person.modal is not None and person.modal.buttons)
    return person


def way_to_page(person: SlackUser, button: str, text: str) -> str:
    """Press a button and return the address of the page that Slack then offers."""
    person.press(button)
    view = person.wait_for_modal(text)
    return next(element["url"] for _, element in view.elements() if "url" in element)


def unlink(story: Story, login: str = "paul") -> None:
    actor = story.stage.actor(login)
    story.creneau.calendars.unlink_calendar(actor, actor.user_id)


def fill_in(browser: httpx.Client, page_url: str, **entered: str) -> httpx.Response:
    """Send the form of a page as a browser does, with what is hidden in it."""
    shown = browser.get(page_url)
    assert shown.status_code == 200
    return browser.post(page_url, data={"nonce": nonce_of(shown), **entered}, headers={"Sec-Fetch-Site": "same-origin"})


def nonce_of(page: httpx.Response) -> str:
    return search(r'name="nonce" value="([^"]+)"', page.text)[1]


def hours_of(story: Story) -> httpx.Response:
    """Return the calendar of Paul's bookable hours as one file."""
    paul = story.stage.actor("paul")
    hours = story.creneau.calendars.find_health(paul, paul.user_id).hours
    assert hours.told_at is not None
    return httpx.get(hours.url, auth=("paul", PASSWORD), trust_env=False)


def choose(
    browser: httpx.Client, address: str, page: httpx.Response, place: int | str = 0, hours: str = "none"
) -> httpx.Response:
    account = search(r'name="account" value="([^"]+)"', page.text)[1]
    form = {"nonce": nonce_of(page), "account": account, "calendar": str(place), "hours": hours}
    return browser.post(f"{address}/choice", data=form, headers={"Sec-Fetch-Site": "same-origin"})
