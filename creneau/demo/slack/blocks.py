"""Strict validation of blocks for each surface: a message, a modal, a home tab."""

import json
from collections.abc import Iterator
from typing import Any

from creneau.demo.slack.checks import Check, Report, anything, array, integer, json_type, shape, string, typed, word
from creneau.demo.slack.elements import (
    ANY_TEXT,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_INPUT,
    IN_SECTION,
    button,
    flag,
    image,
    text,
    web_link,
)

Json = dict[str, Any]
BIGGEST_VIEW_BYTES = 250 * 1024
BIGGEST_VIEW = 100
BIGGEST_MESSAGE = 50
ELEMENT_IN = {"section": ("accessory",), "input": ("element",)}
ELEMENTS_IN = {"actions": ("elements",), "card": ("actions",)}
BLOCKS_IN = {"container": ("child_blocks",), "carousel": ("elements",)}


def block(kind: str, required: dict[str, Check] | None = None, optional: dict[str, Check] | None = None) -> Check:
    return shape({"type": word(kind), **(required or {})}, {"block_id": string(255, shortest=1), **(optional or {})})


_section = block(
    "section",
    optional={
        "text": text(3000, ANY_TEXT),
        "fields": array(text(2000, ANY_TEXT), 1, 10),
        "accessory": IN_SECTION,
        "expand": flag,
    },
)


def section(report: Report, pointer: str, value: Any) -> None:
    _section(report, pointer, value)
    if "text" not in value and "fields" not in value:
        report.add(pointer, "missing required field: text")


_card = block(
    "card",
    optional={
        "hero_image": image,
        "icon": image,
        "title": text(150, ANY_TEXT),
        "subtitle": text(150, ANY_TEXT),
        "body": text(200, ANY_TEXT),
        "actions": array(typed({"button": button}), 1, 25),
    },
)
EVERYWHERE: dict[str, Check] = {
    "actions": block("actions", {"elements": array(IN_ACTIONS, 1, 25)}),
    "context": block("context", {"elements": array(IN_CONTEXT, 1, 10)}),
    "divider": block("divider"),
    "header": block("header", {"text": text(150)}, {"level": integer(1, 4)}),
    "image": block(
        "image",
        {"alt_text": string(2000, shortest=1)},
        {"image_url": web_link, "title": text(2000), "slack_file": anything},
    ),
    "rich_text": block("rich_text", {"elements": array(json_type("object"), 0, 1000)}),
    "section": section,
    "card": _card,
}
INPUT = block(
    "input",
    {"label": text(2000), "element": IN_INPUT},
    {"hint": text(2000), "optional": flag, "dispatch_action": flag},
)
ALERT = block("alert", {"text": text(200, ANY_TEXT)}, {"level": word("default", "info", "warning", "error", "success")})
MODAL = {**EVERYWHERE, "input": INPUT, "alert": ALERT}
HOME = {
    **EVERYWHERE,
    "input": INPUT,
    "carousel": block("carousel", {"elements": array(typed({"card": _card}), 1, 10)}),
}
CONTAINER = block(
    "container",
    {"child_blocks": array(typed(EVERYWHERE), 1, 10)},
    {
        "title": text(150),
        "width": word("narrow", "standard", "wide", "full"),
        "is_collapsible": flag,
        "default_collapsed": flag,
    },
)
MESSAGE = {
    **EVERYWHERE,
    "carousel": HOME["carousel"],
    "container": CONTAINER,
    "markdown": block("markdown", {"text": string(12000, shortest=1)}),
}

_shared: dict[str, Check] = {
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}
_modal = shape(
    {"type": word("modal"), "title": text(24), "blocks": array(typed(MODAL), 0, BIGGEST_VIEW)},
    {
        **_shared,
        "submit": text(24),
        "close": text(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
_home = shape({"type": word("home"), "blocks": array(typed(HOME), 0, BIGGEST_VIEW)}, _shared)
_message = array(typed(MESSAGE), 0, BIGGEST_MESSAGE)


def problems_of_message(blocks: Any) -> list[str]:
    """List what Slack would refuse in the blocks of a message, as its own sentences."""
    report = Report()
    _message(report, "/blocks", blocks)
    if not report.messages:
        _check_whole(report, "/blocks", blocks)
    return report.messages


def problems_of_view(view: Any) -> list[str]:
    """List what Slack would refuse in a modal or a home tab, as its own sentences."""
    report = Report()
    typed({"modal": _modal, "home": _home})(report, "/view", view)
    if report.messages:
        return report.messages
    _check_whole(report, "/view/blocks", view["blocks"])
    has_input = any(entry["type"] == "input" for entry in view["blocks"])
    if view["type"] == "modal" and has_input and "submit" not in view:
        report.add("/view", "missing required field: submit (a modal with an input block needs it)")
    return report.messages


def is_too_large(view: Any) -> bool:
    return len(json.dumps(view).encode()) > BIGGEST_VIEW_BYTES


def elements_of(entry: Json) -> Iterator[tuple[str, Json]]:
    """Yield each element of a block that a person can use, with its pointer inside the block."""
    for name in ELEMENTS_IN.get(entry["type"], ()):
        for index, element in enumerate(entry.get(name, [])):
            yield f"{name}/{index}", element
    for name in ELEMENT_IN.get(entry["type"], ()):
        if name in entry and entry[name]["type"] != "image":
            yield name, entry[name]
    for name in BLOCKS_IN.get(entry["type"], ()):
        for index, child in enumerate(entry.get(name, [])):
            for pointer, element in elements_of(child):
                yield f"{name}/{index}/{pointer}", element


def options_of(element: Json) -> list[Json]:
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(option for group in groups for option in group["options"])]


def _check_whole(report: Report, pointer: str, blocks: list[Json]) -> None:
    """Check what one block alone cannot show: repeated ids and initial choices."""
    seen: set[str] = set()
    focused = 0
    for index, entry in enumerate(blocks):
        here = f"{pointer}/{index}"
        block_id = entry.get("block_id")
        if block_id in seen:
            report.add(f"{here}/block_id", f"block_id already exists: {block_id}")
        if block_id is not None:
            seen.add(block_id)
        actions: set[str] = set()
        for place, element in elements_of(entry):
            action_id = element.get("action_id")
            if action_id in actions:
                report.add(f"{here}/{place}/action_id", f"action_id already exists: {action_id}")
            if action_id is not None:
                actions.add(action_id)
            focused += bool(element.get("focus_on_load"))
            _check_initial(report, f"{here}/{place}", element)
    if focused > 1:
        report.add(pointer, "focus_on_load can only be set on one element")


def _check_initial(report: Report, pointer: str, element: Json) -> None:
    if "external" in element["type"]:
        return
    known = options_of(element)
    chosen = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
    for choice in chosen:
        if not any(same_option(choice, option) for option in known):
            report.add(f"{pointer}/initial_option", "initial_option must exactly match one of the provided options")
    values = [option["value"] for option in known]
    if len(values) != len(set(values)):
        report.add(f"{pointer}/options", "option values must be unique")
    low, high = element.get("min_length", 0), element.get("max_length", 3000)
    if low > high:
        report.add(f"{pointer}/min_length", "min_length must not exceed max_length")


def same_option(one: Json, other: Json) -> bool:
    return (one["text"]["text"], one["value"]) == (other["text"]["text"], other["value"])
