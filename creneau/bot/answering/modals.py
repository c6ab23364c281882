"""The two windows of an answer: declining with a reason, and proposing other times."""

from collections.abc import Sequence
from itertools import groupby

from creneau.bot import blocks, inputs
from creneau.bot.answering.ids import (
    DECLINE_VIEW,
    OWN_DAY_BLOCK,
    OWN_TIME_BLOCK,
    PROPOSE_VIEW,
    REASON_BLOCK,
    TIMES_BLOCK,
)
from creneau.bot.blocks import Block, View
from creneau.bot.ids import booking_value, time_value
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.people import User
from creneau.core.domain.proposal import MOST_AT_ONCE
from creneau.core.domain.time import BookableTime
from creneau.core.i18n.reader import Reader
from creneau.core.usecases.cancellations import LONGEST_REASON

_MOST_OF_A_DAY = 100
_MOST_TIMES = 300  # a view may weigh 250 kB; an option weighs about 200 bytes


def decline(recipient: User, file: BookingFile) -> View:
    """Ask why, if the consultant wants to say it."""
    reader = Reader.from_user(recipient)
    return blocks.modal(
        reader.text("Decline"),
        reader.text("Back"),
        [
            blocks.section(_who_and_when(recipient, file)),
            blocks.context(reader.text("The time becomes free again and the person is told.")),
            inputs.text(
                reader.text("Reason"),
                REASON_BLOCK,
                longest=LONGEST_REASON,
                hint=reader.text("Shown only in the details of the session, never in a message."),
                is_optional=True,
            ),
        ],
        callback_id=DECLINE_VIEW,
        submit=blocks.plain(reader.text("Decline")),
        private_metadata=booking_value(file.booking.id),
    )


def propose(recipient: User, file: BookingFile, times: Sequence[BookableTime]) -> View:
    """Up to three of the next free times, or a day and a time of one's own."""
    reader = Reader.from_user(recipient)
    groups = [
        (reader.heading(reader.day(day)), [_option(reader, time) for time in of_day][:_MOST_OF_A_DAY])
        for day, of_day in groupby(times[:_MOST_TIMES], key=lambda time: reader.local_day(time.span.starts_at))
    ]
    free = (
        inputs.several(
            reader.text("Free times"),
            TIMES_BLOCK,
            groups,
            MOST_AT_ONCE,
            reader.text("Up to {most} times.", most=MOST_AT_ONCE),
        )
        if groups
        else blocks.section(reader.text("No time is free in the next two weeks."))
    )
    return blocks.modal(
        reader.text("Other times"),
        reader.text("Back"),
        [
            blocks.section(_who_and_when(recipient, file)),
            blocks.context(reader.text("Times are in {zone}.", zone=reader.zone_name())),
            free,
            inputs.date(reader.text("Or another day"), OWN_DAY_BLOCK),
            inputs.time(reader.text("At what time"), OWN_TIME_BLOCK),
            blocks.context(reader.text("The session stays where it is until one of these times is accepted.")),
        ],
        callback_id=PROPOSE_VIEW,
        submit=blocks.plain(reader.text("Propose")),
        private_metadata=booking_value(file.booking.id),
    )


def _option(reader: Reader, time: BookableTime) -> Block:
    """A time with its day: once chosen it stands without its heading."""
    starts_at = time.span.starts_at
    return blocks.option(f"{reader.short_day_of(starts_at)} {reader.time(starts_at)}", time_value(time))


def _who_and_when(recipient: User, file: BookingFile) -> str:
    name = blocks.literal(file.other(recipient).name)
    reader = Reader.from_user(recipient)
    return f"*{name}*\n{reader.heading(reader.when(file.booking.span.starts_at))}"
