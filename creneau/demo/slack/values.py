"""The state of elements: what Slack calls `state.values`, from initial choices to what a person entered."""

from typing import Any

from creneau.demo.slack.blocks import elements_of
from creneau.demo.slack.workspace import Json

Values = dict[str, dict[str, Json]]

# element type -> (key in the state, key of the initial value in the element, value when nothing is chosen)
STATEFUL: dict[str, tuple[str, str, Any]] = {
    "plain_text_input": ("value", "initial_value", None),
    "email_text_input": ("value", "initial_value", None),
    "url_text_input": ("value", "initial_value", None),
    "number_input": ("value", "initial_value", None),
    "static_select": ("selected_option", "initial_option", None),
    "external_select": ("selected_option", "initial_option", None),
    "radio_buttons": ("selected_option", "initial_option", None),
    "checkboxes": ("selected_options", "initial_options", []),
    "multi_static_select": ("selected_options", "initial_options", []),
    "multi_external_select": ("selected_options", "initial_options", []),
    "datepicker": ("selected_date", "initial_date", None),
    "timepicker": ("selected_time", "initial_time", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
    "users_select": ("selected_user", "initial_user", None),
    "multi_users_select": ("selected_users", "initial_users", []),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "channels_select": ("selected_channel", "initial_channel", None),
}
TEXT_INPUTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}


def initial_values(blocks: list[Json]) -> Values:
    """Give every stateful element its entry, with nulls where nothing is chosen, as Slack does."""
    values: Values = {}
    for block in blocks:
        for _, element in elements_of(block):
            if element["type"] in STATEFUL:
                key, initial, empty = STATEFUL[element["type"]]
                state = {"type": element["type"], key: element.get(initial, empty)}
                if "timezone" in element:
                    state["timezone"] = element["timezone"]
                values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def carry_over(old: Values, blocks: list[Json]) -> Values:
    """Keep what a person sees entered where block_id, action_id and type are unchanged; the rest starts anew.

    A choice is kept even when its option is gone and when the new view brings another initial value: that is
    Slack's rule, and the reason to change a block_id to reset a field.
    """
    values = initial_values(blocks)
    for block_id, actions in values.items():
        for action_id, state in actions.items():
            before = old.get(block_id, {}).get(action_id)
            if before is not None and before["type"] == state["type"]:
                actions[action_id] = before
    return values


def value_of(state: Json) -> Any:
    """Read the one meaningful value of a state entry."""
    return state[STATEFUL[state["type"]][0]]


def with_value(state: Json, value: Any) -> Json:
    return {**state, STATEFUL[state["type"]][0]: value}
