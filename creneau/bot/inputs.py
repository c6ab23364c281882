"""The inputs of modals as Block Kit takes them, and what was entered in them.

https://docs.slack.dev/reference/block-kit/block-elements
"""

from collections.abc import Mapping, Sequence
from datetime import time as wall_clock
from typing import Any

from creneau.bot.blocks import Block, plain

LONGEST_TYPED = 3000  # Slack's own limit for a text field


def in_hours(minutes: int) -> float:
    """Return minutes as a field shows them in hours; `typed_minutes` gives them back to the minute."""
    return minutes // 60 if minutes % 60 == 0 else round(minutes / 60, 2)


def text(
    label: str,
    block_id: str,
    *,
    longest: int,
    initial: str | None = None,
    hint: str | None = None,
    is_optional: bool = False,
) -> Block:
    """A field of several lines for at most as much as the core takes. What was typed before stands in it.

    `initial` fits into a field: see `long_text` for what may not.
    """
    element: Block = {"type": "plain_text_input", "action_id": block_id, "multiline": True}
    element["max_length"] = min(longest, LONGEST_TYPED)
    if initial:
        element["initial_value"] = initial
    return _input(label, block_id, element, hint=hint, is_optional=is_optional)


def radio(label: str, block_id: str, options: Sequence[Block], chosen: Block | None = None) -> Block:
    element: Block = {"type": "radio_buttons", "action_id": block_id, "options": list(options)}
    if chosen:
        element["initial_option"] = chosen
    return _input(label, block_id, element)


def several(label: str, block_id: str, groups: Sequence[tuple[str, Sequence[Block]]], most: int, hint: str) -> Block:
    """A list to choose up to `most` of, under headings."""
    element: Block = {
        "type": "multi_static_select",
        "action_id": block_id,
        "option_groups": [{"label": plain(heading), "options": list(options)} for heading, options in groups],
        "max_selected_items": most,
    }
    return _input(label, block_id, element, hint=hint, is_optional=True)


def date(label: str, block_id: str) -> Block:
    return _input(label, block_id, {"type": "datepicker", "action_id": block_id}, is_optional=True)


def time(label: str, block_id: str) -> Block:
    return _input(label, block_id, {"type": "timepicker", "action_id": block_id}, is_optional=True)


def time_field(label: str, block_id: str, chosen: wall_clock) -> Block:
    """A time of day that is chosen already."""
    element: Block = {"type": "timepicker", "action_id": block_id, "initial_time": chosen.strftime("%H:%M")}
    return _input(label, block_id, element)


def picked_time(view: Mapping[str, Any], block_id: str) -> wall_clock | None:
    value = picked(view, block_id)
    return wall_clock.fromisoformat(value) if value else None


def has(view: Mapping[str, Any], block_id: str) -> bool:
    return block_id in view["state"]["values"]


def typed(view: Mapping[str, Any], block_id: str) -> str | None:
    """Return what was typed, None for nothing or where the view has no such field."""
    value: str | None = _state(view, block_id).get("value")
    return value


def typed_minutes(view: Mapping[str, Any], block_id: str) -> int | None:
    """Return hours that were typed, with a point or a comma, in whole minutes. Raises: ValueError for no number."""
    hours = (typed(view, block_id) or "").replace(",", ".")
    return round(float(hours) * 60) if hours else None


def chosen(view: Mapping[str, Any], block_id: str) -> str | None:
    option = _state(view, block_id).get("selected_option")
    return option["value"] if option else None


def all_chosen(view: Mapping[str, Any], block_id: str) -> list[str]:
    return [option["value"] for option in _state(view, block_id).get("selected_options") or []]


def picked(view: Mapping[str, Any], block_id: str) -> str | None:
    """Return a date as YYYY-MM-DD or a time as HH:MM, None for nothing."""
    state = _state(view, block_id)
    value: str | None = state.get("selected_date") or state.get("selected_time")
    return value


def _state(view: Mapping[str, Any], block_id: str) -> Mapping[str, Any]:
    actions: Mapping[str, Mapping[str, Any]] = view["state"]["values"].get(block_id, {})
    return next(iter(actions.values()), {})


def _input(label: str, block_id: str, element: Block, *, hint: str | None = None, is_optional: bool = False) -> Block:
    block: Block = {"type": "input", "block_id": block_id, "label": plain(label), "element": element}
    if is_optional:
        block["optional"] = True
    if hint:
        block["hint"] = plain(hint)
    return block
