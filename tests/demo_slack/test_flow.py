"""A booking-like flow from the command to the answered message, against a real Bolt app."""

from typing import Any

import pytest
from slack_bolt import App

from creneau.demo.slack import Actor, SlackStandIn

from .conftest import button, field, modal, option, plain, section

LOADING = modal(section("Loading", block_id="loading"))
SLOTS = {"type": "static_select", "action_id": "slot", "options": [option("10:00", "10"), option("11:00", "11")]}
NOTE = {"type": "plain_text_input", "action_id": "note", "multiline": True}
FORM = modal(
    field("slot", "When", SLOTS),
    field("note", "Note", NOTE, optional=True),
    submit=plain("Book"),
    callback_id="book",
    private_metadata="m1",
)


@pytest.fixture
def booking(bolt: App) -> App:
    @bolt.command("/book")
    def book(ack: Any, body: dict[str, Any], client: Any) -> None:
        ack()
        opened = client.views_open(trigger_id=body["trigger_id"], view=LOADING)
        client.views_update(view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=FORM)

    @bolt.view("book")
    def submitted(ack: Any, view: dict[str, Any], body: dict[str, Any], client: Any) -> None:
        slot = view["state"]["values"]["slot"]["slot"]["selected_option"]
        if slot["value"] == "10":
            ack(response_action="errors", errors={"slot": "Just taken"})
            return
        ack()
        answer = {"type": "actions", "block_id": "a", "elements": [button("Confirm", "confirm", value="b1")]}
        client.chat_postMessage(channel=body["user"]["id"], text="A request", blocks=[section("*A request*"), answer])

    @bolt.action("confirm")
    def confirm(ack: Any, body: dict[str, Any], client: Any) -> None:
        ack()
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="Confirmed")

    return bolt


@pytest.mark.usefixtures("booking")
def test_a_booking_goes_from_command_to_confirmed_message(ada: Actor, slack: SlackStandIn) -> None:
    ada.command("/book")
    view = ada.wait_for(lambda: ada.modal if ada.modal and ada.modal.submit_label else None)
    assert view is not None
    assert view.labels == ["When", "Note"]
    assert ada.submit() == {"slot": "Please complete this required field."}
    assert slack.calls_to("chat.postMessage") == []

    ada.select("When", "10:00")
    ada.type("Note", "Hello")
    assert ada.submit() == {"slot": "Just taken"}
    assert ada.modal is view

    ada.select("When", "11")
    assert ada.submit() is None
    assert ada.modal is None

    message = ada.wait_for_message("A request")
    assert message.buttons == ["Confirm"]
    ada.click(message, "Confirm")
    ada.wait_for(lambda: message.text == "Confirmed")
    assert message.blocks == []
    assert slack.problems == []


def test_every_request_of_a_person_is_signed_and_shaped_as_slack_does(raw: Any, ada: Actor) -> None:
    ada.command("/book", "now")
    command = raw.received[-1]
    assert (command["command"], command["text"], command["user_id"], command["team_id"]) == ("/book", "now", "U1", "T1")
    assert command["channel_id"] == "D1"
    assert raw.headers[-1]["X-Slack-Signature"].startswith("v0=")

    ada.shortcut("book_session")
    assert raw.received[-1]["type"] == "shortcut"
    assert raw.received[-1]["enterprise"] is None


def test_an_untouched_input_is_null_in_the_state(raw: Any, ada: Actor, client: Any) -> None:
    ada.command("/book")
    client.views_open(trigger_id=raw.received[-1]["trigger_id"], view=FORM)
    ada.select("When", "11:00")
    ada.submit()
    view = raw.received[-1]["view"]
    assert view["state"]["values"]["note"]["note"] == {"type": "plain_text_input", "value": None}
    assert view["state"]["values"]["slot"]["slot"]["selected_option"]["value"] == "11"
    assert view["private_metadata"] == "m1"
    assert view["root_view_id"] == view["id"]


def test_a_message_after_a_command_is_for_its_caller_only(bolt: App, slack: SlackStandIn, ada: Actor) -> None:
    bolt.command("/book")(lambda ack: ack("Only you"))
    ada.command("/book")
    assert ada.last_message.text == "Only you"
    assert ada.last_message.is_ephemeral
    assert slack.person("T1", "U2").messages == []


def test_an_unknown_command_never_reaches_the_app(raw: Any, ada: Actor) -> None:
    ada.command("/nothing")
    assert raw.received == []
    assert "/nothing is not a valid command" in ada.last_message.text


@pytest.mark.parametrize("status", [404, 500])
def test_a_command_that_the_app_refuses_shows_dispatch_failed(raw: Any, ada: Actor, status: int) -> None:
    raw.answer = ("", status)
    ada.command("/fail")
    assert ada.last_message.text == '/fail failed with the error "dispatch_failed"'


def test_a_command_without_an_app_shows_dispatch_failed(slack: SlackStandIn, ada: Actor) -> None:
    slack.request_url = "http://127.0.0.1:1/"
    ada.command("/fail")
    assert "dispatch_failed" in ada.last_message.text
    assert slack.problems == ["/fail: the app could not be reached"]


def test_the_home_is_asked_for_and_shown(bolt: App, ada: Actor) -> None:
    @bolt.event("app_home_opened")
    def opened(event: dict[str, Any], client: Any) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("Welcome")]})

    ada.open_home()
    assert ada.wait_for_home("Welcome").all_text == "Welcome"


def test_a_person_of_another_workspace_books_with_its_own_token(bolt: App, slack: SlackStandIn) -> None:
    @bolt.command("/book")
    def book(ack: Any, body: dict[str, Any], client: Any) -> None:
        ack()
        client.chat_postMessage(channel=body["user_id"], text="Hello")

    alan = slack.person("T2", "U9")
    alan.command("/book")
    alan.wait_for_message("Hello")
    assert [call.team_id for call in slack.calls_to("chat.postMessage")] == ["T2"]
