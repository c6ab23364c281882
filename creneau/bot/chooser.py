"""Choosing a free time in a modal: a day that has some, and the times of that day, in the reader's zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from creneau.bot import blocks, inputs
from creneau.bot.blocks import Block
from creneau.bot.ids import read_time_value, reading, time_value
from creneau.core.domain.ids import SlotId
from creneau.core.domain.time import BookableTime
from creneau.core.i18n.reader import Reader

DAY_BLOCK = "day"
TIME_BLOCKS = "time-"
MOST_OPTIONS = 100
"""Slack's own limit of what one list or group offers."""


class StaleTimes(Exception):
    """The form was sent before the times of the newly chosen day had been drawn: they are still another day's."""


@dataclass(frozen=True, slots=True)
class Choice:
    starts_at: datetime
    slot_id: SlotId


def draw(
    reader: Reader, times: Sequence[BookableTime], chosen_day: date | None, day_action: str, time_action: str
) -> list[Block]:
    """Draw both fields, nothing where no time is free. The day shown is the chosen one if it has times, else the first.

    No time is chosen: a move that nobody meant gives a good time away. `day_action` comes back as soon as another day
    is chosen.
    """
    days = sorted({reader.local_day(time.span.starts_at) for time in times})
    if not days:
        return []
    day = chosen_day if chosen_day in days else days[0]
    offered = [option(reader, time) for time in times if reader.local_day(time.span.starts_at) == day][:MOST_OPTIONS]
    of_days = [blocks.option(reader.heading(reader.day(one)), one.isoformat()) for one in days[:MOST_OPTIONS]]
    chosen = of_days[days.index(day)]
    to_choose = blocks.static_select(time_action, offered, placeholder=reader.text("Choose a time"))
    return [
        blocks.select(reader.text("Day"), DAY_BLOCK, day_action, of_days, chosen, dispatch=True),
        blocks.field(reader.text("Time"), time_block(day), to_choose),
    ]


def option(reader: Reader, time: BookableTime) -> Block:
    """A time as one reads it under its day."""
    return blocks.option(time_text(reader, time), time_value(time))


def time_text(reader: Reader, time: BookableTime) -> str:
    """`10:00 – 11:00 (1 h)`."""
    return reader.text(
        "{start} – {end} ({duration})",
        start=reader.time(time.span.starts_at),
        end=reader.time(time.span.ends_at),
        duration=reader.duration(time.span.minutes),
    )


def time_block(day: date, lot: str = "") -> str:
    """The block of some times: those of another day are another block, so that a stale choice is dropped.

    `lot` tells what else they belong to.
    """
    return f"{TIME_BLOCKS}{day.isoformat()}{lot}"


@reading()
def read_day(view: Mapping[str, Any]) -> date | None:
    chosen = inputs.chosen(view, DAY_BLOCK)
    return date.fromisoformat(chosen) if chosen else None


def read(view: Mapping[str, Any]) -> Choice:
    """Raises: StaleTimes, UnreadableValue."""
    day = read_day(view)
    chosen = inputs.chosen(view, time_block(day)) if day else None
    if chosen is None:
        raise StaleTimes
    slot_id, starts_at = read_time_value(chosen)
    return Choice(starts_at, slot_id)
