"""The fields that the forms for hours and for time off share: drawn, and read from a view's state."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from creneau.bot import blocks
from creneau.bot.blocks import Block
from creneau.bot.refusals import sentence
from creneau.core.domain.availability import MAX_CAPACITY, AvailabilitySlot, SlotDraft, validate_draft
from creneau.core.domain.errors import InvalidSlot, Refusal
from creneau.core.i18n.reader import Reader

FROM, TO, LENGTH, SEATS = "from", "to", "length", "seats"
SECOND_FROM, SECOND_TO = "second-from", "second-to"
_MORNING = (time(9), time(12))
_AN_HOUR = 60


class FieldErrors(Exception):
    """What is wrong in a form, by block, in the reader's words."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def radio(
    label: str,
    block_id: str,
    action_id: str,
    choices: Sequence[tuple[str, str]],
    chosen_value: str | None,
    *,
    dispatch: bool = False,
) -> Block:
    options = [blocks.option(said, value) for value, said in choices]
    element: Block = {"type": "radio_buttons", "action_id": action_id, "options": options}
    initial = [option for option in options if option["value"] == chosen_value]
    if initial:
        element["initial_option"] = initial[0]
    return _input(label, block_id, element, dispatch_action=dispatch)


def checkboxes(label: str, block_id: str, choices: Sequence[tuple[str, str]], checked: Sequence[str]) -> Block:
    options = [blocks.option(said, value) for value, said in choices]
    initial = [option for option in options if option["value"] in checked]
    return _input(
        label,
        block_id,
        {"type": "checkboxes", "action_id": block_id, "options": options, "initial_options": initial},
    )


def date_picker(
    label: str, block_id: str, day: date | None, *, is_optional: bool = False, hint: str | None = None
) -> Block:
    element: Block = {"type": "datepicker", "action_id": block_id}
    if day is not None:
        element["initial_date"] = day.isoformat()
    more = {"hint": blocks.plain(hint)} if hint else {}
    return _input(label, block_id, element, optional=is_optional, **more)


def time_picker(label: str, block_id: str, at: time | None, *, is_optional: bool = False) -> Block:
    element: Block = {"type": "timepicker", "action_id": block_id}
    if at is not None:
        element["initial_time"] = at.isoformat("minutes")
    return _input(label, block_id, element, optional=is_optional)


def windows(reader: Reader, slot: AvailabilitySlot | None, *, has_second: bool) -> list[Block]:
    """From and to; where hours are new, a second stretch of the same days too: mornings and afternoons at once."""
    start, end = (slot.start_time, slot.end_time) if slot else _MORNING
    first = [time_picker(reader.text("From"), FROM, start), time_picker(reader.text("To"), TO, end)]
    if not has_second:
        return first
    return [
        *first,
        time_picker(reader.text("And from"), SECOND_FROM, None, is_optional=True),
        time_picker(reader.text("And to"), SECOND_TO, None, is_optional=True),
    ]


def length(reader: Reader, lengths: Sequence[int], slot: AvailabilitySlot | None) -> Block:
    options = [blocks.option(reader.duration(minutes), str(minutes)) for minutes in lengths]
    chosen_length = slot.duration_minutes if slot else _AN_HOUR
    initial = options[lengths.index(chosen_length)]
    return blocks.select(reader.text("Length of a session"), LENGTH, LENGTH, options, initial)


def seats(reader: Reader, count: int) -> Block:
    element = {
        "type": "number_input",
        "action_id": SEATS,
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": str(MAX_CAPACITY),
        "initial_value": str(count),
    }
    hint = reader.text("1: one person a session. More: a group.")
    return _input(reader.text("Seats"), SEATS, element, hint=blocks.plain(hint))


def chosen(view: Mapping[str, Any], block_id: str) -> str:
    value: str = _state(view, block_id)["selected_option"]["value"]
    return value


def all_chosen(view: Mapping[str, Any], block_id: str) -> list[str]:
    """The values of checkboxes, or the one of radio buttons in their place."""
    state = _state(view, block_id)
    options = state["selected_options"] if "selected_options" in state else [state["selected_option"]]
    return [option["value"] for option in options]


def picked_date(view: Mapping[str, Any], block_id: str) -> date | None:
    value = _state(view, block_id).get("selected_date")
    return date.fromisoformat(value) if value else None


def picked_time(view: Mapping[str, Any], block_id: str) -> time | None:
    value = _state(view, block_id).get("selected_time")
    return time.fromisoformat(value) if value else None


def read_seats(view: Mapping[str, Any]) -> int:
    return int(_state(view, SEATS)["value"])


def read_windows(reader: Reader, view: Mapping[str, Any]) -> dict[str, tuple[time, time]]:
    """Return the stretches entered, by the block where their end stands. Raises: FieldErrors for half a stretch."""
    found: dict[str, tuple[time, time]] = {}
    for start_block, end_block in ((FROM, TO), (SECOND_FROM, SECOND_TO)):
        start, end = picked_time(view, start_block), picked_time(view, end_block)
        if start and end:
            found[end_block] = (start, end)
        elif start or end:
            missing = end_block if start else start_block
            raise FieldErrors({missing: reader.text("Enter both hours, or leave both empty.")})
    return found


def problems_of(reader: Reader, draft: SlotDraft, window_block: str) -> dict[str, str]:
    """What the core has against a rule, as errors at the fields it came from."""
    try:
        validate_draft(draft)
    except InvalidSlot as refusal:
        if refusal.details["field"] == "duration_minutes":
            said = reader.text(
                "Sessions of {duration} do not fit into these hours.", duration=reader.duration(draft.duration_minutes)
            )
            return {LENGTH: said}
        return {SEATS: sentence(reader, refusal)}
    except Refusal as refusal:
        return {window_block: sentence(reader, refusal)}
    return {}


def _state(view: Mapping[str, Any], block_id: str) -> Mapping[str, Any]:
    """The state of the one element of a block; nothing for a block that the form does not have."""
    elements: Mapping[str, Any] = view["state"]["values"].get(block_id, {})
    return next(iter(elements.values()), {})


def _input(label: str, block_id: str, element: Block, **more: Any) -> Block:
    return {"type": "input", "block_id": block_id, "label": blocks.plain(label), "element": element, **more}
