"""What this version did not write or draw: told politely, never a failure of ours, and nothing changes."""

import json
from collections.abc import Iterable, Iterator

import pytest

from creneau.bot import blocks
from creneau.demo.slack.workspace import Json
from tests.acceptance.conftest import Story
from tests.acceptance.forgery import MALFORMED, Listener, Sender, Victims, dump, forge, make_victims, requests_for


@pytest.fixture
def victims(story: Story) -> Victims:
    return make_victims(story)


def test_values_that_this_version_did_not_write_are_told_politely_and_change_nothing(
    story: Story, victims: Victims, monkeypatch: pytest.MonkeyPatch
):
    rows = {victims.marie.id, *victims.ids["BookingId"], *victims.ids["SlotId"]}
    before = dump(story, victims.paul.organization_id, rows)

    forge(
        Sender(story, "paul", monkeypatch),
        (
            (listener, spoiled)
            for listener, request in requests_for(story.creneau.bot, victims, most=1)
            for spoiled in spoil(listener, request)
        ),
    )

    assert before["session_bookings"]
    assert dump(story, victims.paul.organization_id, rows) == before


def spoil(listener: Listener, request: Json) -> Iterator[Json]:
    """The same request with other values in its button or option."""
    if listener.kind != "action":
        return
    for value in MALFORMED:
        action = json.loads(json.dumps(request["actions"][0]))
        if action["type"] == "button":
            action["value"] = value
        elif action.get("selected_option"):
            action["selected_option"]["value"] = value
        else:
            return
        yield {**request, "actions": [action]}


NOT_METADATA = ("", "{", "null", "[]", '{"filter": "x", "pages": {"COMING": -1}}', "v1|" + "9" * 900, '{"kind": "add"}')
NOT_CHOSEN: Json = {
    "static_select": ("selected_option", {"text": blocks.plain("x"), "value": "v9|x"}),
    "radio_buttons": ("selected_option", {"text": blocks.plain("x"), "value": "v9|x"}),
    "multi_static_select": ("selected_options", [{"text": blocks.plain("x"), "value": "v9|x"}]),
    "datepicker": ("selected_date", "2026-13-45"),
    "timepicker": ("selected_time", "25:99"),
    "number_input": ("value", "9" * 5000),
}
"""What no version of a form sends, by type of element: where it stands, and what."""


def test_windows_that_this_version_did_not_draw_are_told_politely_and_change_nothing(
    story: Story, victims: Victims, monkeypatch: pytest.MonkeyPatch
):
    """What rides in a window, what was chosen in it, and fields that it does not have."""
    rows = {victims.marie.id, *victims.ids["BookingId"], *victims.ids["SlotId"], *victims.ids["BilanId"]}
    before = dump(story, victims.paul.organization_id, rows)
    requests = list(requests_for(story.creneau.bot, victims, most=1))
    # Administrators' windows are refused to Paul after they are read, and those of consultants to Anne.
    of_admins = [one for one in requests if one[0].name in ("person_add", "person_change", "bilan_change", "rules")]

    of_admins = [
        (listener, json.loads(json.dumps(request).replace('"value": "closed"', '"value": "open"')))  # it reads no hours
        for listener, request in of_admins
    ]

    answers = forge(Sender(story, "paul", monkeypatch), spoiled_windows(requests))
    answers += forge(Sender(story, "anne", monkeypatch), spoiled_windows(of_admins))

    submitted = [(what, said) for what, said in answers if "view_submission" in what]
    assert len(submitted) > 60
    assert [what for what, said in submitted if not said or "response_action" not in said] == []
    assert len([what for what, said in submitted if "autre version" in said]) > len(submitted) / 2
    assert before["session_bookings"]
    assert dump(story, victims.paul.organization_id, rows) == before


def spoiled_windows(requests: Iterable[tuple[Listener, Json]]) -> Iterator[tuple[Listener, Json]]:
    for listener, request in requests:
        view = request.get("view")
        if listener.kind == "view_submission" and view:
            if view.get("private_metadata"):
                for metadata in NOT_METADATA:
                    yield listener, {**request, "view": {**view, "private_metadata": metadata}, "spoiled": metadata}
            yield from _spoiled_values(listener, request, view)
        elif listener.kind == "action" and view and view.get("private_metadata"):
            for metadata in NOT_METADATA:
                yield listener, {**request, "view": {**view, "private_metadata": metadata}, "spoiled": metadata}


def _spoiled_values(listener: Listener, request: Json, view: Json) -> Iterator[tuple[Listener, Json]]:
    for block_id, elements in view["state"]["values"].items():
        for action_id, state in elements.items():
            if state["type"] in NOT_CHOSEN:
                where, junk = NOT_CHOSEN[state["type"]]
                spoiled = {**view["state"]["values"], block_id: {action_id: {**state, where: junk}}}
                yield listener, {**request, "view": {**view, "state": {"values": spoiled}}, "spoiled": block_id}


def test_events_of_other_teams_and_of_nobody_end_nothing_and_are_no_failures(
    story: Story, victims: Victims, monkeypatch: pytest.MonkeyPatch
):
    before = dump(story, victims.paul.organization_id)
    ends = ("app_uninstalled", "tokens_revoked")
    own = {"enterprise_id": None, "team_id": "T0CAPAVENIR", "user_id": "UBOT00001", "is_enterprise_install": False}
    bodies: list[Json] = [
        {"team_id": team, "event": {"type": kind, "tokens": {"bot": ["UBOT00001"]}}}
        for kind in ends
        for team in ("T0ELSEWHERE", "", None)
    ]
    bodies += [
        {"team_id": "T0CAPAVENIR", "event": {"type": "tokens_revoked", "tokens": tokens}}
        for tokens in (None, {}, {"oauth": ["U0PAUL"]}, {"bot": []})
    ]
    bodies += [
        {
            "team_id": "T0CAPAVENIR",
            "authorizations": [own],
            "event": {"type": "app_home_opened", "tab": "home", **event},
        }
        for event in (
            {"user": "U0NOBODY"},
            {"user": "U0GRACE"},
            {"user": "U0PAUL", "user_team": "T0ELSEWHERE"},
            {"user": "U0PAUL", "view": None},
            {"user": "U0PAUL", "view": {"hash": 7}},
            {"user": None},
            {},
        )
    ]
    bodies += [
        {"team_id": "T0CAPAVENIR", "authorizations": authorized, "event": {"type": kind, "user": user}}
        for kind in ("user_change", "team_join")
        for authorized in (None, [], [own])
        for user in (None, "U0PAUL", {}, {"id": 7}, {"id": "U0GRACE", "deleted": True}, {"id": "U0PAUL"})
    ]

    forge(Sender(story, "paul", monkeypatch), ((Listener("event", body["event"]["type"]), body) for body in bodies))

    assert before["slack_installations"]
    assert dump(story, victims.paul.organization_id) == before
    story.work()
    assert dump(story, victims.paul.organization_id)["users"] == before["users"]
