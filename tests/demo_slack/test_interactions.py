"""Clicks, choices, submissions and response URLs: what the app is sent, and what its acks do."""

import threading
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient

from creneau.demo.slack import Actor, SlackStandIn

from .conftest import Clock, RawApp, button, field, modal, option, plain, section

TEXT = {"type": "plain_text_input", "action_id": "t"}
DAYS = {"type": "static_select", "action_id": "day", "options": [option("Mon", "1"), option("Tue", "2")]}
FORM = modal(field("a", "A", TEXT, optional=True), submit=plain("OK"), callback_id="form")


def open_modal(client: WebClient, raw: RawApp, actor: Actor, view: dict[str, Any]) -> None:
    actor.command("/book")
    client.views_open(trigger_id=raw.received[-1]["trigger_id"], view=view)


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def test_a_click_says_where_it_happened(client: WebClient, raw: RawApp, ada: Actor) -> None:
    client.chat_postMessage(channel="U1", text="Q", blocks=[actions(button("Yes", "yes", value="v1"))])
    ada.click(ada.last_message, "Yes")
    sent = raw.received[-1]
    assert sent["actions"][0] | {"action_ts": "", "block_id": "", "text": {}} == {
        "type": "button",
        "action_id": "yes",
        "block_id": "",
        "action_ts": "",
        "text": {},
        "value": "v1",
    }
    assert sent["container"] == {
        "type": "message",
        "message_ts": ada.last_message.ts,
        "channel_id": "D1",
        "is_ephemeral": False,
    }
    assert sent["message"]["text"] == "Q"
    assert sent["user"]["team_id"] == sent["team"]["id"] == "T1"


def test_a_click_on_an_ephemeral_message_carries_no_message(client: WebClient, raw: RawApp, ada: Actor) -> None:
    client.chat_postEphemeral(channel="D1", user="U1", text="Q", blocks=[actions(button("Yes", "yes"))])
    ada.click(ada.last_message, "yes")
    assert "message" not in raw.received[-1]
    assert raw.received[-1]["container"]["is_ephemeral"] is True


def test_the_nearest_button_is_found_by_the_text_before_it(client: WebClient, raw: RawApp, ada: Actor) -> None:
    rows = [section("Mon"), actions(button("Cancel", "c", value="1")), section("Tue"), actions(button("Cancel", "c"))]
    client.views_publish(user_id="U1", view={"type": "home", "blocks": rows})
    with pytest.raises(LookupError, match="2 buttons"):
        ada.press("Cancel")
    ada.press("Cancel", near="Mon")
    assert raw.received[-1]["actions"][0]["value"] == "1"
    assert raw.received[-1]["container"]["type"] == "view"


def test_a_choice_in_an_input_is_silent_unless_it_dispatches(client: WebClient, raw: RawApp, ada: Actor) -> None:
    quiet, loud = field("q", "Quiet", DAYS), field("l", "Loud", DAYS, dispatch_action=True)
    open_modal(client, raw, ada, modal(quiet, loud, section("Row", accessory=DAYS), submit=plain("OK")))
    before = len(raw.received)
    ada.select("Quiet", "Mon")
    assert len(raw.received) == before
    ada.select("Loud", "Tue")
    assert raw.received[-1]["actions"][0]["selected_option"]["value"] == "2"
    assert raw.received[-1]["view"]["state"]["values"]["q"]["day"]["selected_option"]["value"] == "1"
    ada.select("Row", "Mon")
    assert raw.received[-1]["actions"][0]["selected_option"]["value"] == "1"


def test_all_kinds_of_fields_reach_the_state(client: WebClient, raw: RawApp, ada: Actor) -> None:
    choices = [option("One", "1"), option("Two", "2")]
    blocks = [
        field("radio", "Radio", {"type": "radio_buttons", "action_id": "x", "options": choices}),
        field("boxes", "Boxes", {"type": "checkboxes", "action_id": "x", "options": choices}),
        field("many", "Many", {"type": "multi_static_select", "action_id": "x", "options": choices}),
        field("date", "Date", {"type": "datepicker", "action_id": "x"}),
        field("time", "Time", {"type": "timepicker", "action_id": "x", "initial_time": "09:00"}),
        field("who", "Who", {"type": "users_select", "action_id": "x"}),
        field("at", "At", {"type": "datetimepicker", "action_id": "x"}),
    ]
    open_modal(client, raw, ada, modal(*blocks, submit=plain("OK")))
    ada.select("Radio", "Two")
    ada.check("Boxes", ["One", "Two"])
    ada.check("Many", ["2"])
    ada.pick_date("Date", "2026-11-24")
    ada.select("Who", "Marie Curie")
    ada.pick_instant("At", 1_800_000_000)
    assert ada.submit() is None
    values = {key: entry["x"] for key, entry in raw.received[-1]["view"]["state"]["values"].items()}
    assert values["radio"]["selected_option"]["value"] == "2"
    assert [one["value"] for one in values["boxes"]["selected_options"]] == ["1", "2"]
    assert [one["value"] for one in values["many"]["selected_options"]] == ["2"]
    assert values["date"]["selected_date"] == "2026-11-24"
    assert values["time"]["selected_time"] == "09:00"
    assert values["who"]["selected_user"] == "U2"
    assert values["at"]["selected_date_time"] == 1_800_000_000


def test_an_external_select_asks_the_app(client: WebClient, raw: RawApp, ada: Actor, slack: SlackStandIn) -> None:
    element = {"type": "external_select", "action_id": "who", "min_query_length": 0}
    open_modal(client, raw, ada, modal(field("w", "Who", element), submit=plain("OK")))
    raw.answer = {"options": [option("Marie", "m"), option("Ada", "a")]}
    assert ada.suggestions("Who") == ["Marie", "Ada"]
    assert (raw.received[-1]["type"], raw.received[-1]["value"]) == ("block_suggestion", "")
    ada.select("Who", "Marie")
    assert ada.value("Who") == "m"
    raw.answer = {"options": [option("x" * 76, "m")]}
    assert ada.suggestions("Who") == []
    assert "must be less than 76" in slack.problems[-1]


def test_an_external_select_waits_for_three_letters(client: WebClient, raw: RawApp, ada: Actor) -> None:
    element = {"type": "external_select", "action_id": "who"}
    open_modal(client, raw, ada, modal(field("w", "Who", element), submit=plain("OK")))
    before = len(raw.received)
    assert ada.suggestions("Who", "ma") == []
    assert len(raw.received) == before


def test_lengths_are_checked_before_anything_is_sent(client: WebClient, raw: RawApp, ada: Actor) -> None:
    element = {**TEXT, "min_length": 3, "max_length": 5}
    open_modal(client, raw, ada, modal(field("a", "A", element), submit=plain("OK")))
    before = len(raw.received)
    ada.type("A", "ab")
    assert ada.submit() == {"a": "Please enter at least 3 characters."}
    ada.type("A", "abcdef")
    assert ada.submit() == {"a": "Please enter no more than 5 characters."}
    assert len(raw.received) == before


def test_an_ack_updates_pushes_or_clears(client: WebClient, raw: RawApp, ada: Actor) -> None:
    open_modal(client, raw, ada, FORM)
    raw.answer = {"response_action": "update", "view": {**FORM, "title": plain("Two")}}
    ada.submit()
    raw.answer = {"response_action": "push", "view": {**FORM, "title": plain("Three")}}
    ada.submit()
    assert [view.title for view in ada.stack] == ["Two", "Three"]
    raw.answer = ("", 200)
    ada.submit()
    assert ada.modal is not None
    assert ada.modal.title == "Two"
    raw.answer = {"response_action": "clear"}
    ada.submit()
    assert ada.modal is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"response_action": "errors", "errors": {"nope": "x"}}, "nope is not an input block"),
        ({"response_action": "errors", "errors": {}}, "must map block_ids"),
        ({"response_action": "update", "view": {"type": "modal"}}, "invalid_arguments"),
        ({"response_action": "explode"}, "unknown response_action"),
        ({"text": "hello"}, "unexpected body"),
        (("", 500), "the app answered 500"),
    ],
)
def test_a_wrong_ack_leaves_the_modal_with_trouble(
    client: WebClient, raw: RawApp, ada: Actor, slack: SlackStandIn, answer: Any, reason: str
) -> None:
    open_modal(client, raw, ada, FORM)
    raw.answer = answer
    assert ada.submit() == {"": "We had some trouble connecting. Try again?"}
    assert ada.modal is not None
    assert reason in slack.problems[-1]


def test_no_ack_in_time_is_an_error_for_the_person(slack: SlackStandIn, raw: RawApp, ada: Actor) -> None:
    done = threading.Event()

    def late(_: Any) -> tuple[str, int]:
        done.wait(10)
        return "", 200

    raw.answer = late
    ada.command("/book")
    done.set()
    assert ada.last_message.text == '/book failed with the error "operation_timeout"'


def test_a_click_without_an_ack_leaves_a_notice(client: WebClient, raw: RawApp, ada: Actor) -> None:
    client.chat_postMessage(channel="U1", text="Q", blocks=[actions(button("Yes", "yes"))])
    raw.answer = ("", 404)
    ada.click(ada.last_message, "Yes")
    assert ada.notices == ["Tiny is not responding (404). Try again?"]
    ada.dismiss()
    assert ada.notices == []


def test_closing_tells_the_app_only_when_it_asked(client: WebClient, raw: RawApp, ada: Actor) -> None:
    open_modal(client, raw, ada, FORM)
    before = len(raw.received)
    ada.close_modal()
    assert len(raw.received) == before
    open_modal(client, raw, ada, {**FORM, "notify_on_close": True})
    ada.close_modal(is_whole_stack=True)
    assert (raw.received[-1]["type"], raw.received[-1]["is_cleared"]) == ("view_closed", True)
    assert ada.modal is None


def test_a_response_url_works_five_times(raw: RawApp, ada: Actor) -> None:
    ada.command("/book")
    url = raw.received[-1]["response_url"]
    answers = [httpx.post(url, json={"text": str(n)}).status_code for n in range(6)]
    assert answers == [200] * 5 + [404]
    assert all(message.is_ephemeral for message in ada.messages)


def test_a_response_url_lives_for_thirty_minutes(raw: RawApp, ada: Actor, clock: Clock) -> None:
    ada.command("/book")
    clock.now += 1801
    assert httpx.post(raw.received[-1]["response_url"], json={"text": "x"}).json()["error"] == "expired_url"


def test_a_response_url_replaces_and_deletes_its_message(client: WebClient, raw: RawApp, ada: Actor) -> None:
    client.chat_postEphemeral(channel="D1", user="U1", text="Q", blocks=[actions(button("Yes", "yes"))])
    ada.click(ada.last_message, "Yes")
    url = raw.received[-1]["response_url"]
    bad = httpx.post(url, json={"replace_original": True, "blocks": [section("")], "text": "x"})
    assert bad.json()["error"] == "invalid_blocks"
    httpx.post(url, json={"replace_original": True, "text": "Done"})
    assert [(one.text, one.buttons, one.is_ephemeral) for one in ada.messages] == [("Done", [], True)]
    httpx.post(url, json={"delete_original": True})
    assert ada.messages == []
