"""The form for hours: drawn for new ones or for those of a rule, and read as drafts of rules."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from creneau.bot import blocks
from creneau.bot.availability import inputs
from creneau.bot.availability.changes import AddHours, ChangeHours
from creneau.bot.availability.ids import HOURS_REPEAT, HOURS_VIEW
from creneau.bot.availability.inputs import FieldErrors
from creneau.bot.blocks import Block, View
from creneau.bot.ids import UnreadableValue, reading
from creneau.core.domain.availability import AvailabilitySlot, SlotDraft
from creneau.core.domain.ids import SlotId
from creneau.core.domain.time import find_zone
from creneau.core.i18n.reader import Reader

_REPEAT, _DAYS, _DATE, _UNTIL = "repeat", "days", "date", "until"
_LENGTHS = (15, 20, 30, 45, 60, 75, 90, 105, 120, 150, 180, 240)


class Repeat(StrEnum):
    WEEKLY = "weekly"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Editing:
    """What the form was opened for: a rule to change, or none, and the zone its hours are in."""

    slot_id: SlotId | None
    timezone: str
    is_available: bool = True


def hours_form(reader: Reader, repeat: Repeat, slot: AvailabilitySlot | None = None) -> View:
    """Draw the form. Fields keep what was entered when it is drawn again for the other kind of days."""
    editing = Editing(slot.id, slot.timezone, slot.is_available) if slot else Editing(None, reader.timezone)
    return _draw(reader, editing, repeat, slot)


@reading()
def redraw(reader: Reader, view: Mapping[str, Any]) -> View:
    """Draw the form again after "every week" or "one day only" was chosen."""
    return _draw(reader, _read_editing(view), Repeat(inputs.chosen(view, _REPEAT)), None)


@reading()
def read_hours(reader: Reader, view: Mapping[str, Any]) -> AddHours | ChangeHours:
    """Read the form. Raises: FieldErrors, UnreadableValue."""
    editing = _read_editing(view)
    windows = inputs.read_windows(reader, view)
    drafts: list[SlotDraft] = []
    errors: dict[str, str] = {}
    for block_id, (start, end) in windows.items():
        for day_of_week, day in _read_days(view):
            draft = SlotDraft(
                start,
                end,
                editing.timezone,
                day_of_week,
                day,
                int(inputs.chosen(view, inputs.LENGTH)),
                inputs.read_seats(view),
                inputs.picked_date(view, _UNTIL) if day is None else None,
                editing.is_available,
            )
            errors |= inputs.problems_of(reader, draft, block_id)
            drafts.append(draft)
    if errors:
        raise FieldErrors(errors)
    if editing.slot_id is not None:
        return ChangeHours(editing.slot_id, drafts[0])
    return AddHours(tuple(drafts))


def _draw(reader: Reader, editing: Editing, repeat: Repeat, slot: AvailabilitySlot | None) -> View:
    is_new = editing.slot_id is None
    zone = Reader(reader.locale, editing.timezone).zone_name()
    return blocks.modal(
        reader.text("Add hours") if is_new else reader.text("Change hours"),
        reader.text("Back"),
        [
            inputs.radio(reader.text("When"), _REPEAT, HOURS_REPEAT, _repeats(reader), repeat, dispatch=True),
            *_days(reader, repeat, slot, is_new=is_new),
            *inputs.windows(reader, slot, has_second=is_new),
            inputs.length(reader, sorted({*_LENGTHS, slot.duration_minutes if slot else 60}), slot),
            inputs.seats(reader, slot.max_concurrent_bookings if slot else 1),
            *_until(reader, repeat, slot),
            blocks.context(reader.text("Your hours are in {zone}.", zone=zone)),
        ],
        callback_id=HOURS_VIEW,
        submit=blocks.plain(reader.text("Save")),
        private_metadata=json.dumps(
            {
                "slot": str(editing.slot_id) if editing.slot_id else None,
                "zone": editing.timezone,
                "is_available": editing.is_available,
            }
        ),
    )


def _repeats(reader: Reader) -> Sequence[tuple[str, str]]:
    return [(Repeat.WEEKLY, reader.text("Every week")), (Repeat.ONCE, reader.text("One day only"))]


def _days(reader: Reader, repeat: Repeat, slot: AvailabilitySlot | None, *, is_new: bool) -> list[Block]:
    if repeat is Repeat.ONCE:
        return [inputs.date_picker(reader.text("Day"), _DATE, slot.date_specific if slot else None)]
    days = [(str(day), reader.heading(reader.weekday(day))) for day in reader.days_of_week()]
    if is_new:
        weekdays = [value for value, _ in days if 1 <= int(value) <= 5]
        return [inputs.checkboxes(reader.text("Days"), _DAYS, days, weekdays)]
    of_rule = slot.day_of_week if slot else None
    return [inputs.radio(reader.text("Day"), _DAYS, _DAYS, days, None if of_rule is None else str(of_rule))]


def _until(reader: Reader, repeat: Repeat, slot: AvailabilitySlot | None) -> list[Block]:
    if repeat is Repeat.ONCE:
        return []
    last = slot.recurring_until if slot else None
    hint = reader.text("The last day with these hours. Empty: without an end.")
    return [inputs.date_picker(reader.text("Until"), _UNTIL, last, is_optional=True, hint=hint)]


def _read_days(view: Mapping[str, Any]) -> list[tuple[int | None, date | None]]:
    if inputs.chosen(view, _REPEAT) == Repeat.ONCE:
        return [(None, inputs.picked_date(view, _DATE))]
    return [(int(day), None) for day in inputs.all_chosen(view, _DAYS)]


def _read_editing(view: Mapping[str, Any]) -> Editing:
    kept = json.loads(view["private_metadata"])
    slot_id = SlotId(UUID(kept["slot"])) if kept["slot"] else None
    if find_zone(kept["zone"]) is None:
        raise UnreadableValue(kept["zone"])
    return Editing(slot_id, kept["zone"], bool(kept["is_available"]))


def to_draft(slot: AvailabilitySlot, *, is_available: bool) -> SlotDraft:
    """The rule as it is, paused or not."""
    draft = SlotDraft(
        slot.start_time,
        slot.end_time,
        slot.timezone,
        slot.day_of_week,
        slot.date_specific,
        slot.duration_minutes,
        slot.max_concurrent_bookings,
        slot.recurring_until,
    )
    return replace(draft, is_available=is_available)
