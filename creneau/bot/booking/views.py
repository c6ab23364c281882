"""The booking modal: loading, choosing a day and a time, nothing to choose, sent."""

import json
from collections.abc import Sequence
from datetime import date

from creneau.bot import blocks
from creneau.bot.blocks import Block, View
from creneau.bot.ids import BOOK_DAY, BOOK_FORMAT, BOOK_TIME, BOOK_VIEW, time_value
from creneau.core.domain.bilan import BilanHours
from creneau.core.domain.booking import Booking, MeetingFormat
from creneau.core.domain.ids import BilanId
from creneau.core.domain.people import User
from creneau.core.domain.time import BookableTime
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import format_name

DAY_BLOCK = "day"
FORMAT_BLOCK = "format"
_MOST_OPTIONS = 100


def choose(
    reader: Reader,
    consultant: User,
    bilan_id: BilanId,
    times: Sequence[BookableTime],
    chosen_day: date | None = None,
    notice: str | None = None,
) -> View:
    """The free times of one day, in the reader's zone, with the other days that have some to switch to.

    The day shown is the chosen one if it has free times, else the first. A notice stands above the fields.
    """
    title, close = reader.text("Book a session"), reader.text("Close")
    days = sorted({reader.local_day(time.span.starts_at) for time in times})
    lead = [blocks.section(blocks.literal(notice))] if notice else []
    if not days:
        nothing = reader.text("No time is free for now. Your consultant can open more.")
        return blocks.modal(title, close, [*lead, blocks.section(nothing)])
    day = chosen_day if chosen_day in days else days[0]
    return blocks.modal(
        title,
        close,
        [
            *lead,
            blocks.section(
                reader.text(
                    "With {name}. Times are in {zone}.", name=blocks.literal(consultant.name), zone=reader.zone_name()
                )
            ),
            _day_select(reader, days, day),
            _time_select(reader, [time for time in times if reader.local_day(time.span.starts_at) == day], day),
            _format_select(reader),
            blocks.context(reader.text("Your consultant confirms the request; you are told here.")),
        ],
        callback_id=BOOK_VIEW,
        submit=blocks.plain(reader.text("Send request")),
        private_metadata=json.dumps({"bilan": str(bilan_id), "consultant": str(consultant.id)}),
    )


def sent(reader: Reader, booking: Booking, hours: BilanHours) -> View:
    """The request is on its way; where hours were bought, what is left of them."""
    left = reader.text("You will have {left} left.", left=reader.duration(hours.remaining_minutes))
    return blocks.modal(
        reader.text("Book a session"),
        reader.text("Close"),
        [
            blocks.section(
                reader.text("Your request for {when} has been sent.", when=reader.when(booking.span.starts_at))
            ),
            *([blocks.section(left)] if hours.purchased_minutes is not None else []),
            blocks.context(reader.text("You will get a message when your consultant has answered.")),
        ],
    )


def refused(reader: Reader, sentence: str) -> View:
    """What is said instead of the modal's fields when booking is not possible at all."""
    return blocks.modal(reader.text("Book a session"), reader.text("Close"), [blocks.section(blocks.literal(sentence))])


def time_block(day: date) -> str:
    """The block of the times of a day: another day is another block, so that a stale choice is dropped."""
    return f"time-{day.isoformat()}"


def _day_select(reader: Reader, days: Sequence[date], chosen: date) -> Block:
    options = [blocks.option(reader.day(day), day.isoformat()) for day in days[:_MOST_OPTIONS]]
    return blocks.select(reader.text("Day"), DAY_BLOCK, BOOK_DAY, options, options[days.index(chosen)], dispatch=True)


def _time_select(reader: Reader, times: Sequence[BookableTime], day: date) -> Block:
    options = [
        blocks.option(
            reader.text(
                "{start} – {end} ({duration})",
                start=reader.time(time.span.starts_at),
                end=reader.time(time.span.ends_at),
                duration=reader.duration(time.span.minutes),
            ),
            time_value(time),
        )
        for time in times[:_MOST_OPTIONS]
    ]
    return blocks.select(reader.text("Time"), time_block(day), BOOK_TIME, options, options[0])


def _format_select(reader: Reader) -> Block:
    options = [blocks.option(format_name(reader, choice), choice) for choice in MeetingFormat]
    preselected = options[list(MeetingFormat).index(MeetingFormat.VIDEO)]
    return blocks.select(reader.text("Format"), FORMAT_BLOCK, BOOK_FORMAT, options, preselected)
