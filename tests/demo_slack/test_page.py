"""The browser page, driven as a person would, and the rules of its endpoints."""

from typing import Any

import httpx
from playwright.sync_api import Page, expect
from slack_bolt import App
from slack_sdk import WebClient

from creneau.demo.slack import Actor, SlackStandIn

from .browser import needs_browser
from .conftest import RawApp, button, modal, plain, section
from .sample_app import register


@needs_browser
def test_a_person_books_and_the_other_confirms_in_the_browser(page: Page, slack: SlackStandIn, bolt: App) -> None:
    register(bolt)
    page.goto(f"{slack.url}/?team=T1&user=U1&tab=messages")
    box = page.get_by_role("combobox", name="Type / to see what this app can do")
    box.fill("/")
    expect(page.get_by_role("option", name="/book")).to_be_visible()
    box.fill("/book")
    box.press("Enter")

    dialog = page.get_by_role("dialog", name="Book")
    dialog.get_by_role("button", name="Ask for it").click()
    expect(dialog.get_by_text("Please complete this required field.")).to_have_count(2)
    dialog.get_by_label("Consultant").fill("mar")
    dialog.get_by_role("option", name="Marie Curie").click()
    dialog.get_by_label("Time").select_option(label="09:00")
    dialog.get_by_label("Anything to prepare?").fill("A note")
    dialog.get_by_role("button", name="Ask for it").click()
    expect(dialog.get_by_text("Just taken")).to_be_visible()
    expect(dialog.get_by_label("Anything to prepare?")).to_have_value("A note")

    dialog.get_by_label("Day").fill("2027-01-16")
    expect(dialog.get_by_text("Just taken")).to_have_count(0)
    expect(dialog.get_by_label("Time")).to_have_value("")
    expect(dialog.get_by_label("Anything to prepare?")).to_have_value("A note")
    dialog.get_by_label("Time").select_option(label="14:00")
    dialog.get_by_role("button", name="Ask for it").click()
    expect(dialog).to_be_hidden()

    page.get_by_role("button", name="Marie Curie").click()
    expect(page.get_by_text("vendredi 15 janvier 2027")).to_be_visible()
    page.get_by_role("button", name="Decline").click()
    page.get_by_role("dialog", name="Decline?").get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("by @Marie Curie")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm")).to_have_count(0)

    page.get_by_role("button", name="Ada Lovelace").click()
    expect(page.get_by_text("Your session is confirmed")).to_be_visible()
    page.get_by_role("tab", name="Home").click()
    expect(page.get_by_role("heading", name="Your sessions")).to_be_visible()
    assert slack.problems == []


@needs_browser
def test_nothing_that_an_app_sends_becomes_markup(page: Page, slack: SlackStandIn, client: WebClient) -> None:
    attack = "&lt;img src=x onerror=alert(1)&gt; *bold* <javascript:alert(1)|link> <script>alert(1)</script>"
    client.chat_postMessage(channel="U1", text="x", blocks=[section(attack)])
    page.goto(f"{slack.url}/?team=T1&user=U1&tab=messages")
    message = page.get_by_role("article")
    expect(message).to_contain_text("<img src=x onerror=alert(1)>")
    expect(message.locator("strong", has_text="bold")).to_be_visible()
    assert message.locator(".text img, .text script, .text a").count() == 0


@needs_browser
def test_the_page_fits_a_phone_and_follows_changes(page: Page, slack: SlackStandIn, client: WebClient) -> None:
    page.set_viewport_size({"width": 390, "height": 780})
    page.goto(f"{slack.url}/?team=T1&user=U2&tab=messages")
    expect(page.get_by_text("C’est le tout début")).to_be_visible()
    client.chat_postMessage(channel="U2", text="Arrived <!date^1800014400^{date_short} {time}|later>")
    expect(page.get_by_text("Arrived 15 janv. 2027 13:00")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.locator("#who")).to_have_text("Marie Curie")
    page.get_by_role("button", name="Espaces et personnes").click()
    page.get_by_role("button", name="Ada Lovelace").click()
    expect(page.get_by_text("This is the very beginning")).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.locator("#who")).to_have_text("Ada Lovelace · Beneficiary")


@needs_browser
def test_the_last_message_is_in_sight_and_a_change_above_does_not_move_the_reader(
    page: Page, slack: SlackStandIn, client: WebClient
) -> None:
    page.set_viewport_size({"width": 900, "height": 400})
    first = client.chat_postMessage(channel="U2", text="Message 0")
    for number in range(1, 15):
        client.chat_postMessage(channel="U2", text=f"Message {number}")
    page.goto(f"{slack.url}/?team=T1&user=U2&tab=messages")
    expect(page.get_by_text("Message 14")).to_be_in_viewport(ratio=1)
    page.get_by_text("Message 0").scroll_into_view_if_needed()
    client.chat_update(channel=str(first["channel"]), ts=str(first["ts"]), text="Changed")
    expect(page.get_by_text("Changed")).to_be_in_viewport(ratio=1)
    client.chat_postMessage(channel="U2", text="Message 15")
    expect(page.get_by_text("Message 15")).to_be_in_viewport(ratio=1)


@needs_browser
def test_a_button_that_is_drawn_again_behind_its_confirm_dialog_still_works(
    page: Page, slack: SlackStandIn, client: WebClient, raw: RawApp
) -> None:
    sure = {"title": plain("Sure?"), "text": plain("Think."), "confirm": plain("Yes"), "deny": plain("No")}
    row = {"type": "actions", "elements": [button("Cancel", "cancel", value="7", confirm=sure)]}
    client.views_publish(user_id="U1", view={"type": "home", "blocks": [row]})
    page.goto(f"{slack.url}/?team=T1&user=U1&tab=home")
    page.get_by_role("button", name="Cancel").click()
    client.views_publish(user_id="U1", view={"type": "home", "blocks": [section("New"), row]})
    expect(page.get_by_text("New")).to_be_attached()
    with page.expect_response("**/ui/press") as answer:
        page.get_by_role("button", name="Yes").click()
    assert answer.value.status == 200
    assert raw.received[-1]["actions"][0]["value"] == "7"


def post(slack: SlackStandIn, gesture: str, *, origin: str | None = None, **body: Any) -> httpx.Response:
    headers = {"Origin": origin or slack.url}
    return httpx.post(f"{slack.url}/ui/{gesture}", json={"team": "T1", "user": "U1", **body}, headers=headers)


def test_gestures_come_from_the_page_only(slack: SlackStandIn, raw: RawApp) -> None:
    assert post(slack, "command", text="/book", origin="http://evil.example").status_code == 403
    without = httpx.post(f"{slack.url}/ui/command", json={"team": "T1", "user": "U1", "text": "/book"})
    assert without.status_code == 403
    form = httpx.post(f"{slack.url}/ui/command", data={"text": "/book"}, headers={"Origin": slack.url})
    assert form.status_code == 415
    assert raw.received == []
    assert post(slack, "command", text="/book now").status_code == 200
    assert raw.received[-1]["text"] == "now"


def test_a_gesture_on_something_gone_is_a_conflict(slack: SlackStandIn, client: WebClient, raw: RawApp) -> None:
    gone = {"surface": "V000", "block_id": "b", "action_id": "a"}
    assert post(slack, "press", **gone).status_code == 409
    assert post(slack, "nonsense").status_code == 404
    assert post(slack, "home", user="U9", tab="home").status_code == 404


def test_the_screen_shows_the_modal_and_the_words_of_the_person(
    slack: SlackStandIn, client: WebClient, raw: RawApp, ada: Actor
) -> None:
    ada.command("/book")
    client.views_open(trigger_id=raw.received[-1]["trigger_id"], view=modal(section("Hi")))
    screen = httpx.get(f"{slack.url}/ui/screen", params={"team": "T1", "user": "U1"}).json()
    assert screen["modal"]["title"] == "Book"
    assert screen["words"]["home"] == "Home"
    other = httpx.get(f"{slack.url}/ui/screen", params={"team": "T1", "user": "U2"}).json()
    assert (other["modal"], other["words"]["home"]) == (None, "Accueil")
    assert "default-src 'none'" in httpx.get(slack.url).headers["Content-Security-Policy"]
