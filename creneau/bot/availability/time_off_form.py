"""The form for time off: whole days, hours of days, a day with other hours, or a public holiday that is worked."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from creneau.bot import blocks
from creneau.bot.availability import inputs
from creneau.bot.availability.changes import SetOtherHours, TakeTimeOff
from creneau.bot.availability.ids import TIME_OFF_KIND, TIME_OFF_VIEW
from creneau.bot.availability.inputs import FieldErrors
from creneau.bot.blocks import Block, View
from creneau.bot.ids import reading
from creneau.bot.refusals import sentence
from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.errors import InvalidTimeRange, Refusal
from creneau.core.domain.time_off import ExceptionKind, OtherHours, TimeOffDraft, validate_time_off
from creneau.core.i18n.reader import Reader

_KIND, _FIRST, _LAST = "kind", "first", "last"
_LENGTHS = (15, 20, 30, 45, 60, 75, 90, 105, 120, 150, 180, 240)


class Absence(StrEnum):
    DAYS = "days"
    HOURS = "hours"
    OTHER_HOURS = "other_hours"
    HOLIDAY = "holiday"


_OF_SEVERAL_DAYS = (Absence.DAYS, Absence.HOURS)


def time_off_form(reader: Reader, kind: Absence = Absence.DAYS) -> View:
    """Draw the form for one kind; what was entered stays where another kind has the same field."""
    kinds = [
        (Absence.DAYS, reader.text("Away all day")),
        (Absence.HOURS, reader.text("Away at some hours")),
        (Absence.OTHER_HOURS, reader.text("Other hours that day")),
        (Absence.HOLIDAY, reader.text("Work on a public holiday")),
    ]
    return blocks.modal(
        reader.text("Add time off"),
        reader.text("Back"),
        [
            inputs.radio(reader.text("What"), _KIND, TIME_OFF_KIND, kinds, kind, dispatch=True),
            *_fields(reader, kind),
            blocks.context(reader.text("Your hours are in {zone}.", zone=reader.zone_name())),
        ],
        callback_id=TIME_OFF_VIEW,
        submit=blocks.plain(reader.text("Save")),
    )


@reading()
def read_kind(view: Mapping[str, Any]) -> Absence:
    return Absence(inputs.chosen(view, _KIND))


@reading()
def read_time_off(reader: Reader, view: Mapping[str, Any]) -> TakeTimeOff | SetOtherHours:
    """Read the form. Raises: FieldErrors, UnreadableValue."""
    kind = read_kind(view)
    first = inputs.picked_date(view, _FIRST)
    if first is None:  # Slack asks for it itself
        raise FieldErrors({_FIRST: sentence(reader, InvalidTimeRange())})
    if kind is Absence.OTHER_HOURS:
        return SetOtherHours(_read_other_hours(reader, view, first))
    draft = TimeOffDraft(first, inputs.picked_date(view, _LAST) or first, reader.timezone)
    if kind is Absence.HOLIDAY:
        draft = TimeOffDraft(first, first, reader.timezone, ExceptionKind.OPEN_HOLIDAY)
    if kind is Absence.HOURS:
        start, end = inputs.picked_time(view, inputs.FROM), inputs.picked_time(view, inputs.TO)
        draft = TimeOffDraft(first, draft.last_date, reader.timezone, ExceptionKind.TIME_OFF, start, end)
    try:
        validate_time_off(draft)
    except Refusal as refusal:
        is_about_days = draft.last_date < draft.first_date or kind is not Absence.HOURS
        raise FieldErrors({_LAST if is_about_days else inputs.TO: sentence(reader, refusal)}) from refusal
    return TakeTimeOff(draft)


def _fields(reader: Reader, kind: Absence) -> list[Block]:
    if kind in _OF_SEVERAL_DAYS:
        hint = reader.text("Empty: one day.")
        drawn = [
            inputs.date_picker(reader.text("First day"), _FIRST, None),
            inputs.date_picker(reader.text("Last day"), _LAST, None, is_optional=True, hint=hint),
        ]
    else:
        drawn = [inputs.date_picker(reader.text("Day"), _FIRST, None)]
    if kind is Absence.HOURS:
        drawn += inputs.windows(reader, None, has_second=False)
    if kind is Absence.OTHER_HOURS:
        drawn += [*inputs.windows(reader, None, has_second=True), inputs.length(reader, _LENGTHS, None)]
    return drawn


def _read_other_hours(reader: Reader, view: Mapping[str, Any], day: date) -> OtherHours:
    errors: dict[str, str] = {}
    drafts = []
    for block_id, (start, end) in inputs.read_windows(reader, view).items():
        minutes = int(inputs.chosen(view, inputs.LENGTH))
        draft = SlotDraft(start, end, reader.timezone, date_specific=day, duration_minutes=minutes)
        errors |= inputs.problems_of(reader, draft, block_id)
        drafts.append(draft)
    if errors:
        raise FieldErrors(errors)
    return OtherHours(day, reader.timezone, tuple(drafts))
