"""The Web API as slack_sdk calls it: what it answers, and what it refuses."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from creneau.demo.slack import Actor, SlackStandIn

from .conftest import Clock, RawApp, field, modal, plain, section

FORM = modal(field("a", "A", {"type": "plain_text_input", "action_id": "t"}), submit=plain("OK"), external_id="e1")


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def trigger(raw: RawApp, actor: Actor) -> str:
    actor.command("/book")
    return str(raw.received[-1]["trigger_id"])


def test_tokens_and_methods_are_checked(slack: SlackStandIn, client: WebClient) -> None:
    assert client.auth_test()["team_id"] == "T1"
    assert refusal(lambda: WebClient("xoxb-wrong", base_url=slack.api_url).auth_test()) == "invalid_auth"
    assert refusal(lambda: WebClient(base_url=slack.api_url).auth_test()) == "not_authed"
    assert refusal(lambda: client.api_call("chat.shout")) == "unknown_method"


def test_a_missing_scope_is_refused_and_hides_the_address(slack: SlackStandIn, client: WebClient) -> None:
    assert client.users_info(user="U1")["user"]["profile"]["email"] == "ada@example.org"
    slack.world.workspaces["T1"].scopes = frozenset({"users:read"})
    assert refusal(lambda: client.chat_postMessage(channel="U1", text="x")) == "missing_scope"
    assert "email" not in client.users_info(user="U1")["user"]["profile"]


def test_people_have_a_time_zone_and_a_locale_on_demand(client: WebClient) -> None:
    user = client.users_info(user="U2", include_locale=True)["user"]
    assert (user["tz"], user["locale"], user["real_name"]) == ("Europe/Paris", "fr-FR", "Marie Curie")
    assert "locale" not in client.users_info(user="U2")["user"]
    assert client.users_lookupByEmail(email="MARIE@example.org")["user"]["id"] == "U2"
    assert [one["id"] for one in client.users_list(limit=1)["members"]] == ["U1"]
    assert refusal(lambda: client.users_lookupByEmail(email="no@example.org")) == "users_not_found"


def test_another_workspace_does_not_exist(client: WebClient) -> None:
    assert refusal(lambda: client.users_info(user="U9")) == "user_not_found"
    assert refusal(lambda: client.chat_postMessage(channel="U9", text="x")) == "channel_not_found"
    assert refusal(lambda: client.conversations_open(users="U9")) == "user_not_found"
    assert refusal(lambda: client.views_publish(user_id="U9", view={"type": "home", "blocks": []})) == "user_not_found"


@pytest.mark.filterwarnings("ignore:The top-level `text` argument:UserWarning")
def test_a_message_to_a_person_lands_in_their_direct_channel(client: WebClient, ada: Actor) -> None:
    posted = client.chat_postMessage(channel="U1", text="One")
    again = client.chat_postMessage(channel=posted["channel"], text="Two")
    assert posted["channel"] == client.conversations_open(users="U1")["channel"]["id"] == "D1"
    assert posted["ts"] < again["ts"]
    assert [message.text for message in ada.messages] == ["One", "Two"]
    assert refusal(lambda: client.chat_postMessage(channel="U1", text="")) == "no_text"
    assert refusal(lambda: client.chat_postMessage(channel="U1", text="x" * 40_001)) == "msg_too_long"


def test_invalid_blocks_come_with_pointers(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="U1", text="x", blocks=[section("")])
    answer = caught.value.response
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"
    ]


def test_form_encoded_calls_work_too(slack: SlackStandIn, ada: Actor) -> None:
    form = {"channel": "U1", "text": "x", "blocks": '[{"type": "divider"}]', "token": "xoxb-one"}
    assert httpx.post(slack.api_url + "chat.postMessage", data=form).json()["ok"] is True
    assert ada.last_message.blocks[0]["type"] == "divider"
    broken = {**form, "blocks": "[{"}
    assert httpx.post(slack.api_url + "chat.postMessage", data=broken).json()["error"] == "invalid_blocks_format"


def test_an_update_needs_the_direct_channel_and_drops_blocks_not_given(client: WebClient, ada: Actor) -> None:
    metadata = {"event_type": "reminder", "event_payload": {"id": "r1"}}
    ts = client.chat_postMessage(channel="U1", text="One", blocks=[section("one")], metadata=metadata)["ts"]
    assert refusal(lambda: client.chat_update(channel="U1", ts=ts, text="x")) == "channel_not_found"
    assert refusal(lambda: client.chat_update(channel="D1", ts="1.0", text="x")) == "message_not_found"
    client.chat_update(channel="D1", ts=ts, text="Two")
    message = ada.last_message
    assert (message.text, message.blocks, message.metadata) == ("Two", [], metadata)
    client.chat_update(channel="D1", ts=ts, text="Three", metadata={})
    assert message.metadata is None
    client.chat_delete(channel="D1", ts=ts)
    assert ada.messages == []


def test_an_ephemeral_message_cannot_be_updated_and_is_not_history(client: WebClient, ada: Actor) -> None:
    assert refusal(lambda: client.chat_postEphemeral(channel="U1", user="U1", text="x")) == "channel_not_found"
    assert refusal(lambda: client.chat_postEphemeral(channel="D1", user="U2", text="x")) == "user_not_in_channel"
    ts = client.chat_postEphemeral(channel="D1", user="U1", text="psst")["message_ts"]
    assert ada.last_message.is_ephemeral
    assert refusal(lambda: client.chat_update(channel="D1", ts=ts, text="x")) == "message_not_found"
    assert client.conversations_history(channel="D1")["messages"] == []


def test_history_is_newest_first_and_pages(client: WebClient) -> None:
    metadata = {"event_type": "reminder", "event_payload": {"id": "r1"}}
    stamps = [client.chat_postMessage(channel="U1", text=str(n), metadata=metadata)["ts"] for n in range(4)]
    page = client.conversations_history(channel="D1", limit=3)
    assert [one["text"] for one in page["messages"]] == ["3", "2", "1"]
    assert "metadata" not in page["messages"][0]
    rest = client.conversations_history(
        channel="D1", cursor=page["response_metadata"]["next_cursor"], include_all_metadata=True
    )
    assert [one["metadata"]["event_payload"] for one in rest["messages"]] == [{"id": "r1"}]
    between = client.conversations_history(channel="D1", oldest=stamps[1], latest=stamps[3])
    assert [one["text"] for one in between["messages"]] == ["2"]
    one = client.conversations_history(channel="D1", oldest=stamps[1], latest=stamps[1], inclusive=True)
    assert [entry["text"] for entry in one["messages"]] == ["1"]
    assert refusal(lambda: client.conversations_history(channel="D1", oldest="soon")) == "invalid_ts_oldest"


def test_metadata_must_have_its_shape(client: WebClient) -> None:
    wrong = {"event_type": "x"}
    assert refusal(lambda: client.chat_postMessage(channel="U1", text="x", metadata=wrong)) == "invalid_metadata_format"


def test_a_trigger_works_once_and_for_three_seconds(client: WebClient, raw: RawApp, ada: Actor, clock: Clock) -> None:
    first = trigger(raw, ada)
    client.views_open(trigger_id=first, view=FORM)
    assert refusal(lambda: client.views_open(trigger_id=first, view=FORM)) == "exchanged_trigger_id"
    late = trigger(raw, ada)
    clock.now += 3.1
    assert refusal(lambda: client.views_open(trigger_id=late, view=modal())) == "expired_trigger_id"
    assert refusal(lambda: client.views_open(trigger_id="1.2.3", view=modal())) == "invalid_trigger_id"


def test_a_trigger_of_another_workspace_is_invalid(slack: SlackStandIn, raw: RawApp, ada: Actor) -> None:
    other = WebClient("xoxb-two", base_url=slack.api_url)
    found = trigger(raw, ada)
    assert refusal(lambda: other.views_open(trigger_id=found, view=modal())) == "invalid_trigger_id"


def test_a_stack_holds_three_views(client: WebClient, raw: RawApp, ada: Actor) -> None:
    root = client.views_open(trigger_id=trigger(raw, ada), view=modal())["view"]
    second = client.views_push(trigger_id=trigger(raw, ada), view=modal())["view"]
    third = client.views_push(trigger_id=trigger(raw, ada), view=modal())["view"]
    assert (third["root_view_id"], third["previous_view_id"]) == (root["id"], second["id"])
    found = trigger(raw, ada)
    assert refusal(lambda: client.views_push(trigger_id=found, view=modal())) == "push_limit_reached"
    ada.close_modal()
    assert [view.id for view in ada.stack] == [root["id"], second["id"]]


def test_an_update_keeps_what_was_entered_where_ids_are_the_same(client: WebClient, raw: RawApp, ada: Actor) -> None:
    opened = client.views_open(trigger_id=trigger(raw, ada), view=FORM)["view"]
    ada.type("A", "typed")
    updated = client.views_update(external_id="e1", hash=opened["hash"], view=FORM)["view"]
    assert ada.value("A") == "typed"
    stale = opened["hash"]
    assert refusal(lambda: client.views_update(view_id=opened["id"], hash=stale, view=FORM)) == "hash_conflict"
    renamed = modal(field("b", "A", {"type": "plain_text_input", "action_id": "t"}), submit=plain("OK"))
    client.views_update(view_id=opened["id"], hash=updated["hash"], view=renamed)
    assert ada.value("A") is None
    ada.close_modal()
    assert refusal(lambda: client.views_update(view_id=opened["id"], view=FORM)) == "not_found"


def test_views_are_validated_and_an_external_id_is_unique(
    client: WebClient, raw: RawApp, ada: Actor, slack: SlackStandIn
) -> None:
    client.views_open(trigger_id=trigger(raw, ada), view=FORM)
    marie = slack.person("T1", "U2")
    found = trigger(raw, marie)
    assert refusal(lambda: client.views_open(trigger_id=found, view=FORM)) == "duplicate_external_id"
    assert refusal(lambda: client.views_open(trigger_id=found, view={**FORM, "submit": None})) == "invalid_arguments"
    large = modal(*[section("x" * 3000)] * 90)
    assert refusal(lambda: client.views_open(trigger_id=found, view=large)) == "view_too_large"
    home = {"type": "home", "blocks": []}
    assert refusal(lambda: client.views_open(trigger_id=found, view=home)) == "invalid_arguments"
    client.views_open(trigger_id=found, view=modal())


def test_a_home_is_published_with_a_hash(client: WebClient, ada: Actor) -> None:
    first = client.views_publish(user_id="U1", view={"type": "home", "blocks": [section("one")]})["view"]
    second = client.views_publish(user_id="U1", hash=first["hash"], view={"type": "home", "blocks": [section("two")]})
    assert second["view"]["id"] == first["id"]
    again = {"type": "home", "blocks": []}
    assert refusal(lambda: client.views_publish(user_id="U1", hash=first["hash"], view=again)) == "hash_conflict"
    assert ada.home is not None
    assert ada.home.all_text == "two"


def test_a_permalink_names_the_message(client: WebClient) -> None:
    ts = client.chat_postMessage(channel="U1", text="x")["ts"]
    link = client.chat_getPermalink(channel="D1", message_ts=ts)["permalink"]
    assert link == f"https://centre.slack.com/archives/D1/p{ts.replace('.', '')}"
