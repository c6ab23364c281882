"""What is asked before a change is saved: which sessions stay booked outside it, and which hours it overlaps."""

from collections.abc import Mapping, Sequence

from creneau.bot import blocks
from creneau.bot.availability import wording
from creneau.bot.availability.changes import (
    AddHours,
    Change,
    ChangeHours,
    DeleteHours,
    SetOtherHours,
    TakeTimeOff,
    to_metadata,
)
from creneau.bot.availability.ids import CONFIRM_VIEW
from creneau.bot.blocks import Block, View
from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.booking import Booking
from creneau.core.domain.ids import UserId
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader

_MOST = 20


def confirmation(
    reader: Reader,
    change: Change,
    outside: Sequence[Booking],
    overlapping: Sequence[AvailabilitySlot],
    people: Mapping[UserId, User],
) -> View:
    return blocks.modal(
        reader.text("Please check"),
        reader.text("Change nothing"),
        [*_outside(reader, outside, people), *_overlapping(reader, overlapping)] or [_nothing_outside(reader, change)],
        callback_id=CONFIRM_VIEW,
        submit=blocks.plain(_yes(reader, change)),
        private_metadata=to_metadata(change),
    )


def _yes(reader: Reader, change: Change) -> str:
    match change:
        case DeleteHours():
            return reader.text("Delete")
        case ChangeHours(_, draft) if not draft.is_available:
            return reader.text("Pause")
        case AddHours() | ChangeHours() | TakeTimeOff() | SetOtherHours():
            return reader.text("Save")


def _nothing_outside(reader: Reader, change: Change) -> Block:
    """A deletion is asked about even when no session is outside."""
    if isinstance(change, DeleteHours):
        return blocks.section(reader.text("These hours will no longer be offered. No session is booked in them."))
    return blocks.section(reader.text("No booked session is outside these hours."))


def _outside(reader: Reader, bookings: Sequence[Booking], people: Mapping[UserId, User]) -> list[Block]:
    if not bookings:
        return []
    lead = reader.many(
        "{count} session stays booked but will be outside your hours:",
        "{count} sessions stay booked but will be outside your hours:",
        len(bookings),
    )
    lines = [_session(reader, booking, people) for booking in bookings[:_MOST]]
    if len(bookings) > _MOST:
        lines.append(reader.many("and {count} more", "and {count} more", len(bookings) - _MOST))
    kept = reader.text("What is booked keeps its time. Move or cancel what you cannot hold.")
    return [blocks.section("\n".join([wording.emphasized(lead), *lines])), blocks.context(kept)]


def _session(reader: Reader, booking: Booking, people: Mapping[UserId, User]) -> str:
    person = people.get(booking.beneficiary_id)
    when = reader.text(
        "{day} at {time}", day=reader.day_of(booking.span.starts_at), time=reader.time(booking.span.starts_at)
    )
    return f"• {when} · {blocks.literal(person.name)}" if person else f"• {when}"


def _overlapping(reader: Reader, slots: Sequence[AvailabilitySlot]) -> list[Block]:
    if not slots:
        return []
    lines = [f"• {wording.day(reader, slot)} · {wording.hours(reader, slot)}" for slot in slots[:_MOST]]
    lead = reader.text("These hours overlap others of yours:")
    note = reader.text("Nobody is booked twice: each time is offered once it is free.")
    return [blocks.section("\n".join([wording.emphasized(lead), *lines])), blocks.context(note)]
