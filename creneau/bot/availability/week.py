"""The availability modal as it opens: the week, single days, time off and public holidays, each with its acts."""

from collections.abc import Sequence
from dataclasses import dataclass

from creneau.bot import blocks
from creneau.bot.availability import wording
from creneau.bot.availability.ids import (
    HOURS_ADD,
    HOURS_MENU,
    TIME_OFF_ADD,
    TIME_OFF_REMOVE,
    HoursAct,
    hours_value,
    time_off_value,
)
from creneau.bot.blocks import Block, View
from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.time_off import TimeOff
from creneau.core.holidays import Holiday
from creneau.core.i18n.reader import Reader

_MOST_HOURS = 60  # a block each, of the hundred that a view may have
_MOST_TIME_OFF = 20


@dataclass(frozen=True, slots=True)
class Week:
    """What a consultant decided, as it was read: rules that still have days to come, absences, holidays."""

    slots: Sequence[AvailabilitySlot]
    time_off: Sequence[TimeOff]
    holidays: Sequence[Holiday]


def week(reader: Reader, shown: Week) -> View:
    weekly = [slot for slot in shown.slots if slot.date_specific is None]
    single = [slot for slot in shown.slots if slot.date_specific is not None]
    return blocks.modal(
        reader.text("My availability"),
        reader.text("Close"),
        [
            blocks.context(reader.text("Your hours are in {zone}.", zone=reader.zone_name())),
            blocks.actions(
                [
                    blocks.button(reader.text("Add hours"), HOURS_ADD, "v1", "primary"),
                    blocks.button(reader.text("Add time off"), TIME_OFF_ADD, "v1"),
                ]
            ),
            blocks.header(reader.text("Every week")),
            *_weekly(reader, weekly[:_MOST_HOURS]),
            *_single(reader, single[: _MOST_HOURS - len(weekly[:_MOST_HOURS])]),
            *_not_shown(reader, len(shown.slots) - _MOST_HOURS),
            blocks.header(reader.text("Time off and special days")),
            *_time_off(reader, shown.time_off),
            *_holidays(reader, shown.holidays),
        ],
    )


def _weekly(reader: Reader, slots: Sequence[AvailabilitySlot]) -> list[Block]:
    """The days as the reader's calendar has them; those without hours are named together at the end."""
    by_day = {day: [slot for slot in slots if slot.day_of_week == day] for day in reader.days_of_week()}
    drawn = [_hours(reader, slot, is_first=not place) for own in by_day.values() for place, slot in enumerate(own)]
    closed = ", ".join(reader.weekday(day) for day, own in by_day.items() if not own)
    return [*drawn, blocks.context(reader.text("No hours: {days}.", days=closed))] if closed else drawn


def _single(reader: Reader, slots: Sequence[AvailabilitySlot]) -> list[Block]:
    if not slots:
        return []
    drawn = [blocks.header(reader.text("On single days"))]
    for place, slot in enumerate(slots):
        is_first = not place or slots[place - 1].date_specific != slot.date_specific
        drawn.append(_hours(reader, slot, is_first=is_first))
    return drawn


def _hours(reader: Reader, slot: AvailabilitySlot, *, is_first: bool) -> Block:
    """One window with its menu; the first of a day has the day above it."""
    line = f"{wording.hours(reader, slot)} · {wording.details(reader, slot)}"
    if not slot.is_available:
        line = f"{line} · {wording.emphasized(reader.text('paused'))}"
    day = wording.day(reader, slot)
    lead = f"{wording.emphasized(reader.heading(day))}\n" if is_first else ""
    return {**blocks.section(lead + line), "block_id": f"hours-{slot.id}", "accessory": _menu(reader, slot)}


def _menu(reader: Reader, slot: AvailabilitySlot) -> Block:
    pause = (HoursAct.PAUSE, reader.text("Pause")) if slot.is_available else (HoursAct.RESUME, reader.text("Resume"))
    choices = [(HoursAct.CHANGE, reader.text("Change")), pause, (HoursAct.DELETE, reader.text("Delete"))]
    options = [blocks.option(said, hours_value(act, slot.id)) for act, said in choices]
    return {"type": "overflow", "action_id": HOURS_MENU, "options": options}


def _not_shown(reader: Reader, count: int) -> list[Block]:
    return [blocks.context(reader.many("and {count} more", "and {count} more", count))] if count > 0 else []


def _time_off(reader: Reader, absences: Sequence[TimeOff]) -> list[Block]:
    if not absences:
        return [blocks.section(reader.text("No time off is planned."))]
    drawn = [_absence(reader, absence) for absence in absences[:_MOST_TIME_OFF]]
    return [*drawn, *_not_shown(reader, len(absences) - _MOST_TIME_OFF)]


def _absence(reader: Reader, absence: TimeOff) -> Block:
    said = reader.heading(wording.time_off(reader, absence))
    ask = blocks.confirm(reader.text("Remove this?"), said, yes=reader.text("Remove"), no=reader.text("Keep it"))
    button = blocks.button(reader.text("Remove"), TIME_OFF_REMOVE, time_off_value(absence.id), confirm=ask)
    return {
        **blocks.section(blocks.literal(said)),
        "block_id": f"time-off-{absence.id}",
        "accessory": button,
    }


def _holidays(reader: Reader, holidays: Sequence[Holiday]) -> list[Block]:
    """The closed days to come: said, so that nobody wonders why a Monday has no session."""
    if not holidays:
        return []
    worked = reader.text("worked")
    lines = [
        f"{reader.day(holiday.day)} · {blocks.literal(holiday.name)}" + (f" · {worked}" if holiday.is_worked else "")
        for holiday in holidays
    ]
    lead = reader.text("Public holidays: no sessions, unless you choose to work.")
    return [blocks.section("\n".join([wording.emphasized(lead), *lines]))]
