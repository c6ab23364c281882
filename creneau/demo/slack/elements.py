"""The interactive elements and their limits: what may stand in a section, an actions block, an input."""

import re
from datetime import date
from typing import Any

from creneau.demo.slack.checks import (
    Check,
    Report,
    anything,
    array,
    integer,
    json_type,
    pattern,
    shape,
    string,
    typed,
    word,
)

PLAIN = ("plain_text",)
ANY_TEXT = ("plain_text", "mrkdwn")
OPTION_TEXT = 75  # the Python SDK lets a value have 150; the Node types say 75, so 75 is safe in both


def text(longest: int, kinds: tuple[str, ...] = PLAIN) -> Check:
    body = string(longest, shortest=1)
    return typed(
        {
            kind: shape(
                {"type": word(kind), "text": body},
                {"emoji": json_type("boolean")} if kind == "plain_text" else {"verbatim": json_type("boolean")},
            )
            for kind in kinds
        }
    )


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_time(value: str) -> bool:
    return re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) is not None


def link(*schemes: str) -> Check:
    """Check an address of at most 3000 characters; no scheme given lets any scheme pass."""
    known = "|".join(schemes) or r"[A-Za-z][A-Za-z0-9+.-]*"
    return pattern(lambda value: len(value) <= 3000 and re.match(rf"({known}):\S+$", value) is not None, "a valid URL")


web_link = link("https", "http")
flag = json_type("boolean")
identifier = string(255, shortest=1)
placeholder = text(150)
is_date = pattern(_is_date, "a date in the format YYYY-MM-DD")
is_time = pattern(_is_time, "a time in the format HH:mm")
confirm = shape(
    {"title": text(100), "text": text(300, ANY_TEXT), "confirm": text(30), "deny": text(30)},
    {"style": word("primary", "danger")},
)
dispatch = shape({}, {"trigger_actions_on": array(word("on_enter_pressed", "on_character_entered"), 1, 2)})


def option(kinds: tuple[str, ...] = PLAIN, *, with_url: bool = False) -> Check:
    extra: dict[str, Check] = {"description": text(OPTION_TEXT, kinds)}
    if with_url:
        extra["url"] = link()
    return shape({"text": text(OPTION_TEXT, kinds), "value": string(OPTION_TEXT, shortest=1)}, extra)


option_group = shape({"label": text(75), "options": array(option(), 1, 100)})


def element(kind: str, required: dict[str, Check] | None = None, optional: dict[str, Check] | None = None) -> Check:
    common: dict[str, Check] = {"action_id": identifier, "focus_on_load": flag, "confirm": confirm}
    return shape({"type": word(kind), **(required or {})}, {**common, **(optional or {})})


def static(kind: str, optional: dict[str, Check]) -> Check:
    base = element(
        kind,
        optional={
            "placeholder": placeholder,
            "options": array(option(), 1, 100),
            "option_groups": array(option_group, 1, 100),
            **optional,
        },
    )

    def check(report: Report, pointer: str, value: Any) -> None:
        base(report, pointer, value)
        if ("options" in value) == ("option_groups" in value):
            report.add(pointer, "must provide either options or option_groups")

    return check


def picker(kind: str, initial: str, check: Check, **more: Check) -> Check:
    return element(kind, optional={"placeholder": placeholder, initial: check, **more})


def multiple(kind: str, initial: str, item: Check, **more: Check) -> Check:
    return picker(kind, initial, array(item, 1, 100), max_selected_items=integer(1, 100), **more)


def chooser(kind: str, initial: str, initial_check: Check) -> Check:
    choices = array(option(ANY_TEXT), 1, 10)
    return element(kind, {"options": choices}, {initial: initial_check})


def written(kind: str, optional: dict[str, Check], required: dict[str, Check] | None = None) -> Check:
    return element(
        kind,
        required,
        {"placeholder": placeholder, "initial_value": string(3000), "dispatch_action_config": dispatch, **optional},
    )


button = element(
    "button",
    {"text": text(75)},
    {
        "value": string(2000),
        "url": link(),
        "style": word("primary", "danger"),
        "accessibility_label": string(75),
    },
)
image = shape(
    {"type": word("image"), "alt_text": string(2000, shortest=1)},
    {"image_url": web_link, "slack_file": anything},
)
lengths: dict[str, Check] = {"min_length": integer(0, 3000), "max_length": integer(1, 3000)}
query_length = integer(0, 1000)
selected_id = string(255, shortest=1)

CHOICES: dict[str, Check] = {
    "checkboxes": chooser("checkboxes", "initial_options", array(option(ANY_TEXT), 1, 10)),
    "radio_buttons": chooser("radio_buttons", "initial_option", option(ANY_TEXT)),
    "datepicker": picker("datepicker", "initial_date", is_date),
    "timepicker": picker("timepicker", "initial_time", is_time, timezone=string(255, 1)),
    "static_select": static("static_select", {"initial_option": option()}),
    "external_select": picker("external_select", "initial_option", option(), min_query_length=query_length),
    "users_select": picker("users_select", "initial_user", selected_id),
    "conversations_select": picker("conversations_select", "initial_conversation", selected_id, filter=anything),
    "channels_select": picker("channels_select", "initial_channel", selected_id),
    "multi_static_select": static(
        "multi_static_select", {"initial_options": array(option(), 1, 100), "max_selected_items": integer(1, 100)}
    ),
    "multi_external_select": multiple(
        "multi_external_select", "initial_options", option(), min_query_length=query_length
    ),
    "multi_users_select": multiple("multi_users_select", "initial_users", selected_id),
}
DATETIME: dict[str, Check] = {
    "datetimepicker": element("datetimepicker", optional={"initial_date_time": integer(10**9, 10**10 - 1)})
}
COMMANDS: dict[str, Check] = {
    "button": button,
    "overflow": element("overflow", {"options": array(option(with_url=True), 1, 5)}),
}
TEXTS: dict[str, Check] = {
    "plain_text_input": written("plain_text_input", {"multiline": flag, **lengths}),
    "email_text_input": written("email_text_input", {}),
    "url_text_input": written("url_text_input", {}),
    "number_input": written(
        "number_input", {"min_value": string(100), "max_value": string(100)}, {"is_decimal_allowed": flag}
    ),
}
IN_SECTION = typed({**CHOICES, **COMMANDS, "image": image})
IN_ACTIONS = typed({**CHOICES, **COMMANDS, **DATETIME})
IN_INPUT = typed({**CHOICES, **DATETIME, **TEXTS})
IN_CONTEXT = typed({"image": image, "plain_text": text(3000, PLAIN), "mrkdwn": text(3000, ("mrkdwn",))})
