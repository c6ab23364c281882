"""Which blocks pass and which are refused, with the place Slack would point to."""

from typing import Any

import pytest

from creneau.demo.slack.blocks import is_too_large, problems_of_message, problems_of_view

from .conftest import button, field, modal, option, plain, section

TEXT = {"type": "plain_text_input", "action_id": "t"}
SUBMIT = {"submit": plain("OK")}


def select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "s", "options": [option("A", "a"), option("B", "b")], **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def groups(count: int) -> dict[str, Any]:
    made = [{"label": plain(f"G{n}"), "options": [option(f"{n}", f"{n}")]} for n in range(count)]
    return {"type": "static_select", "action_id": "s", "option_groups": made}


CONFIRM = {"title": plain("Sure?"), "text": plain("Really"), "confirm": plain("Yes"), "deny": plain("No")}
GOOD_BLOCKS = [
    section("x" * 3000),
    section("with fields", fields=[plain("a")] * 10),
    section("accessory", accessory=button("Go", "go", value="v" * 2000, style="primary", confirm=CONFIRM)),
    section("accessory", accessory={"type": "image", "image_url": "https://example.org/a.png", "alt_text": "A"}),
    {"type": "header", "text": plain("h" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "c"}] * 10},
    actions(*(button("B", f"b{n}") for n in range(25))),
    actions(select(initial_option=option("A", "a"))),
    actions(button("B", "b", url="webcal://example.org/feed.ics")),
    actions({"type": "overflow", "action_id": "o", "options": [option("A", "a")]}),
    actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-11-23"}),
    actions(groups(100)),
    {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "A"},
]
BAD_BLOCKS = [
    (section(""), "/text/text", "must be more than 0 characters"),
    (section("x" * 3001), "/text/text", "must be less than 3001 characters"),
    ({"type": "section"}, "", "missing required field: text"),
    (section("f", fields=[plain("x" * 2001)]), "/fields/0/text", "must be less than 2001"),
    (section("f", fields=[plain("x")] * 11), "/fields", "no more than 10 items"),
    (section("x", color="red"), "", "invalid additional property: color"),
    (section("x", accessory={"type": "datetimepicker", "action_id": "d"}), "/accessory/type", "unsupported type"),
    ({"type": "header", "text": plain("h" * 151)}, "/text/text", "must be less than 151"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "h"}}, "/text/type", "unsupported type: mrkdwn"),
    ({"type": "context", "elements": [plain("c")] * 11}, "/elements", "no more than 10"),
    ({"type": "context", "elements": []}, "/elements", "no fewer than 1"),
    (actions(*(button("B", f"b{n}") for n in range(26))), "/elements", "no more than 25"),
    (actions(button("B" * 76, "b")), "/elements/0/text/text", "must be less than 76"),
    (actions(button("B", "b", value="v" * 2001)), "/elements/0/value", "must be less than 2001"),
    (actions(button("B", "b", style="default")), "/elements/0/style", "value must be one of"),
    (actions(button("B", "b", confirm={**CONFIRM, "confirm": plain("y" * 31)})), "/elements/0/confirm", "less than 31"),
    (actions(button("B", "b"), button("C", "b")), "/elements/1/action_id", "action_id already exists"),
    (actions(TEXT), "/elements/0/type", "unsupported type: plain_text_input"),
    (actions(select(options=[])), "/elements/0/options", "no fewer than 1"),
    (actions(select(options=[option(f"{n}", f"{n}") for n in range(101)])), "/elements/0/options", "more than 100"),
    (actions(groups(101)), "/elements/0/option_groups", "no more than 100"),
    (actions({**groups(1), "options": [option("A", "a")]}), "/elements/0", "either options or option_groups"),
    (actions(select(options=[option("x" * 76, "a")])), "/elements/0/options/0/text/text", "less than 76"),
    (actions(select(options=[option("x", "v" * 76)])), "/elements/0/options/0/value", "less than 76"),
    (actions(select(initial_option=option("C", "c"))), "/elements/0/initial_option", "must exactly match"),
    (
        actions({"type": "overflow", "action_id": "o", "options": [option("A", str(n)) for n in range(6)]}),
        "",
        "5 items",
    ),
    (actions({"type": "datepicker", "action_id": "d", "initial_date": "23/11/2026"}), "/initial_date", "YYYY-MM-DD"),
    (actions({"type": "timepicker", "action_id": "d", "initial_time": "24:00"}), "/initial_time", "HH:mm"),
    ({"type": "image", "image_url": "https://example.org/a.png"}, "", "missing required field: alt_text"),
    ({"type": "image", "image_url": "/a.png", "alt_text": "A"}, "/image_url", "must be a valid URL"),
    (actions(button("B", "b", url="example.org")), "/elements/0/url", "must be a valid URL"),
    ({"type": "banner"}, "/type", "unsupported type: banner"),
    ({"text": "x"}, "", "missing required field: type"),
]


@pytest.mark.parametrize("block", GOOD_BLOCKS)
def test_good_blocks_pass_everywhere(block: dict[str, Any]) -> None:
    assert problems_of_message([block]) == []
    assert problems_of_view(modal(block)) == []
    assert problems_of_view({"type": "home", "blocks": [block]}) == []


@pytest.mark.parametrize(("block", "place", "reason"), BAD_BLOCKS)
def test_bad_blocks_are_refused_with_their_place(block: dict[str, Any], place: str, reason: str) -> None:
    problems = problems_of_message([{"type": "divider"}, block])
    assert any(reason in problem and "[json-pointer:/blocks/1" in problem and place in problem for problem in problems)
    assert problems_of_view(modal(block)) != []


def radio(count: int) -> dict[str, Any]:
    return {"type": "radio_buttons", "action_id": "r", "options": [option(str(n), str(n)) for n in range(count)]}


GOOD_VIEWS = [
    modal(field("a", "A", TEXT), **SUBMIT),
    modal(*[{"type": "divider"}] * 100),
    modal({"type": "alert", "text": plain("Careful"), "level": "error"}),
    modal(field("a", "A", radio(10)), private_metadata="m" * 3000, callback_id="c", notify_on_close=True, **SUBMIT),
    modal(field("a", "A", {"type": "datetimepicker", "action_id": "d"}), **SUBMIT),
    modal(actions(select()), actions(select())),
]
BAD_VIEWS = [
    (modal(field("a", "A", TEXT)), "missing required field: submit"),
    (modal(*[{"type": "divider"}] * 101), "no more than 100 items"),
    (modal(private_metadata="m" * 3001), "/view/private_metadata"),
    (modal(submit=plain("s" * 25)), "/view/submit/text"),
    (modal(close={"type": "mrkdwn", "text": "x"}), "/view/close/type"),
    ({**modal(), "title": plain("t" * 25)}, "/view/title/text"),
    ({"type": "modal", "blocks": []}, "missing required field: title"),
    (modal(field("a", "A", TEXT), field("a", "B", TEXT), **SUBMIT), "block_id already exists: a"),
    (modal(field("a", "A", radio(11)), **SUBMIT), "no more than 10 items"),
    (modal(field("a", "A", button("B", "b")), **SUBMIT), "unsupported type: button"),
    (modal(field("a", "A", {**TEXT, "min_length": 5, "max_length": 2}), **SUBMIT), "min_length"),
    (modal({"type": "container", "child_blocks": [section("x")]}), "unsupported type: container"),
    (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown"),
    (modal({"type": "alert", "text": plain("x" * 201)}), "must be less than 201"),
    ({"type": "home", "blocks": [], "submit": plain("x")}, "invalid additional property: submit"),
    ({"type": "home", "blocks": [{"type": "alert", "text": plain("x")}]}, "unsupported type: alert"),
    ({"type": "workflow_step", "blocks": []}, "unsupported type: workflow_step"),
    ("a view", "must provide an object"),
]


@pytest.mark.parametrize("view", GOOD_VIEWS)
def test_good_views_pass(view: dict[str, Any]) -> None:
    assert problems_of_view(view) == []


@pytest.mark.parametrize(("view", "reason"), BAD_VIEWS)
def test_bad_views_are_refused_with_a_reason(view: Any, reason: str) -> None:
    assert any(reason in problem for problem in problems_of_view(view))


def test_a_message_has_no_inputs_no_alerts_and_at_most_fifty_blocks() -> None:
    assert "unsupported type: input" in problems_of_message([field("a", "A", TEXT)])[0]
    assert "unsupported type: alert" in problems_of_message([{"type": "alert", "text": plain("x")}])[0]
    assert problems_of_message([{"type": "divider"}] * 50) == []
    assert "no more than 50 items" in problems_of_message([{"type": "divider"}] * 51)[0]
    assert problems_of_message([{"type": "container", "child_blocks": [section("x")]}]) == []


def test_a_view_over_250_kb_is_too_large() -> None:
    assert is_too_large(modal(*[section("x" * 3000)] * 90))
    assert not is_too_large(modal(*[section("x" * 2000)] * 90))
