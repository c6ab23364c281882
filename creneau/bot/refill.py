"""A view's blocks with what was typed and chosen in them, for a form that has to be shown again."""

from collections.abc import Mapping, Sequence
from typing import Any

from creneau.bot.blocks import Block

_INITIAL = {
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
}
"""By type of element: where Slack sends its value, and where a view gives it one."""


def with_values(view: Mapping[str, Any]) -> list[Block]:
    """Return the blocks of a view as Slack sent it, each element with the value that it had."""
    values = view["state"]["values"]
    return [_with_block_values(block, values.get(block.get("block_id", ""), {})) for block in view["blocks"]]


def _with_block_values(block: Mapping[str, Any], values: Mapping[str, Any]) -> Block:
    filled = dict(block)
    if "element" in block:
        filled["element"] = _with_value(block["element"], values)
    if "elements" in block:
        elements: Sequence[Mapping[str, Any]] = block["elements"]
        filled["elements"] = [_with_value(element, values) for element in elements]
    return filled


def _with_value(element: Mapping[str, Any], values: Mapping[str, Any]) -> Block:
    if element["type"] not in _INITIAL:
        return dict(element)
    sent, initial = _INITIAL[element["type"]]
    kept = {key: value for key, value in element.items() if key != initial}
    value = values.get(element.get("action_id", ""), {}).get(sent)
    return {**kept, initial: value} if value else kept
