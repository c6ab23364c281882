"""Faults on order, retries of events, and Socket Mode."""

from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from creneau.demo.slack import Actor, Manifest, SlackStandIn

from .conftest import RawApp, modal, section


def test_a_rate_limit_hits_one_method_for_the_ordered_times(slack: SlackStandIn, client: WebClient) -> None:
    slack.faults.rate_limit("chat.postMessage", times=1, retry_after=30)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="U1", text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "30"
    assert client.chat_postMessage(channel="U1", text="x")["ok"]


def test_a_crash_and_a_refusal_change_nothing(slack: SlackStandIn, client: WebClient, ada: Actor) -> None:
    slack.faults.crash("chat.postMessage")
    slack.faults.refuse("chat.postMessage", "internal_error")
    for _ in range(2):
        with pytest.raises(SlackApiError):
            client.chat_postMessage(channel="U1", text="x")
    assert ada.messages == []
    assert [(call.status, call.error) for call in slack.calls_to("chat.postMessage")] == [
        (500, "fault"),
        (200, "internal_error"),
    ]


def test_a_lost_answer_has_taken_effect(slack: SlackStandIn, client: WebClient, ada: Actor) -> None:
    slack.faults.lose_answer("chat.postMessage")
    with pytest.raises(OSError, match=r"[Cc]losed|reset"):
        client.chat_postMessage(channel="U1", text="x")
    assert [message.text for message in ada.messages] == ["x"]


def test_offline_reaches_nothing_until_it_is_back(slack: SlackStandIn, client: WebClient, ada: Actor) -> None:
    slack.faults.is_offline = True
    with pytest.raises(OSError, match=r"[Cc]losed|reset"):
        client.chat_postMessage(channel="U1", text="x")
    slack.faults.is_offline = False
    client.chat_postMessage(channel="U1", text="y")
    assert [message.text for message in ada.messages] == ["y"]


def test_an_event_that_is_not_taken_comes_again_three_times(slack: SlackStandIn, raw: RawApp, ada: Actor) -> None:
    raw.answer = ("", 500)
    ada.open_home()
    assert [slack.retry_events() for _ in range(4)] == [1, 1, 1, 0]
    assert len({body["event_id"] for body in raw.received}) == 1
    numbers = [headers.get("X-Slack-Retry-Num") for headers in raw.headers]
    assert numbers == [None, "1", "2", "3"]
    assert raw.headers[1]["X-Slack-Retry-Reason"] == "http_error"
    assert "app_home_opened was not taken" in slack.problems[-1]


def test_an_app_can_refuse_retries(slack: SlackStandIn, raw: RawApp, ada: Actor) -> None:
    raw.answer = ("", 500, {"x-slack-no-retry": "1"})
    ada.open_home()
    assert slack.retry_events() == 0


def test_retries_come_by_themselves_in_the_demo(raw: RawApp, slack: SlackStandIn, ada: Actor) -> None:
    eager = SlackStandIn(slack.world.workspaces.values(), "x", slack.request_url, retry_delays=(0.0, 0.0, 0.0))
    raw.answer = ("", 500)
    someone = eager.person("T1", "U1")
    someone.open_home()
    someone.wait_for(lambda: eager.problems)
    assert [headers.get("X-Slack-Retry-Num") for headers in raw.headers] == [None, "1", "2", "3"]
    eager.stop()


def test_an_event_nobody_subscribed_to_is_not_sent(slack: SlackStandIn, raw: RawApp, ada: Actor) -> None:
    slack.world.manifest = Manifest(bot_events=frozenset({"app_uninstalled"}))
    ada.open_home()
    assert raw.received == []


def test_an_event_has_the_home_and_its_authorization(client: WebClient, raw: RawApp, ada: Actor) -> None:
    client.views_publish(user_id="U1", view={"type": "home", "blocks": [section("x")]})
    ada.open_home()
    body = raw.received[-1]
    assert body["event"]["view"]["type"] == "home"
    assert body["event"]["tab"] == "home"
    assert body["authorizations"][0]["team_id"] == "T1"


def test_a_manifest_document_tells_commands_and_shortcuts() -> None:
    manifest = Manifest.from_manifest(
        {
            "display_information": {"name": "Creneau", "background_color": "#112233"},
            "features": {
                "slash_commands": [{"command": "/book", "description": "Book", "usage_hint": "[day]"}],
                "shortcuts": [{"name": "Book", "type": "global", "callback_id": "b", "description": "d"}],
            },
            "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
        }
    )
    assert manifest.knows_command("/book")
    assert not manifest.knows_command("/other")
    assert manifest.shortcuts[0].callback_id == "b"
    assert not manifest.is_subscribed("message.im")


def test_a_wrong_signature_is_refused_by_the_app(bolt: App, slack: SlackStandIn, ada: Actor) -> None:
    bolt.command("/book")(lambda ack: ack("fine"))
    stranger = SlackStandIn(slack.world.workspaces.values(), "another secret", slack.request_url)
    forged = stranger.person("T1", "U1")
    forged.command("/book")
    assert "dispatch_failed" in forged.last_message.text
    stranger.stop()


def test_socket_mode_carries_commands_acks_and_events(bolt: App, slack: SlackStandIn, ada: Actor) -> None:
    slack.request_url = ""

    @bolt.command("/book")
    def book(ack: Any, body: dict[str, Any], client: Any) -> None:
        ack("Opening")
        client.views_open(trigger_id=body["trigger_id"], view=modal(section("From a socket")))

    @bolt.event("app_home_opened")
    def opened(event: dict[str, Any], client: Any) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("Welcome")]})

    handler: Any = SocketModeHandler(bolt, slack.app_token)
    handler.connect()
    try:
        assert slack.sockets.wait_until_connected()
        ada.command("/book")
        assert ada.last_message.text == "Opening"
        ada.wait_for_modal("From a socket")
        ada.close_modal()
        ada.open_home()
        ada.wait_for_home("Welcome")
        assert slack.problems == []
    finally:
        handler.close()


def test_a_socket_needs_the_app_token(slack: SlackStandIn) -> None:
    client = WebClient("xoxb-one", base_url=slack.api_url)
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        client.api_call("apps.connections.open")
