"""A diary: what a person has before them and behind them, in the order in which it asks something of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from creneau.core.domain.bilan import BilanHours
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.ids import BookingId, UserId
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.people import Role, User


class Part(StrEnum):
    TO_ANSWER = "TO_ANSWER"
    """What waits for the reader: requests, or times that were proposed. For administrators, what waits too long."""
    TO_RECORD = "TO_RECORD"
    """Sessions that are over, of which nobody has said whether they took place."""
    TODAY = "TODAY"
    COMING = "COMING"
    PAST = "PAST"


PARTS_OF: dict[Role, tuple[Part, ...]] = {
    Role.BENEFICIARY: (Part.TO_ANSWER, Part.TODAY, Part.COMING, Part.PAST),
    Role.CONSULTANT: (Part.TO_ANSWER, Part.TO_RECORD, Part.TODAY, Part.COMING, Part.PAST),
    Role.ORG_ADMIN: (Part.TO_ANSWER, Part.TO_RECORD, Part.TODAY, Part.COMING, Part.PAST),
}


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the bookings of a part. `number` counts from 0."""

    bookings: tuple[Booking, ...]
    total: int
    number: int
    size: int

    @property
    def count(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.total // self.size), 1)


@dataclass(frozen=True, slots=True)
class CentreState:
    """How a centre stands with its Slack workspace."""

    unlinked: int
    """How many of its people are not linked to Slack."""
    access_ends_at: datetime | None
    """When the app's token ends, if no new one can be had; None: it goes on."""


@dataclass(frozen=True, slots=True)
class Diary:
    """One person's diary at one moment. `people` names everybody who stands in it, also those who have left."""

    reader: User
    now: datetime
    parts: Mapping[Part, Page]
    people: Mapping[UserId, User]
    proposed: Mapping[BookingId, UserId]
    """Who proposed other times for a booking that are not answered yet."""
    actions: Mapping[BookingId, frozenset[Action]]
    """What the reader may do now with the live bookings that are shown; nothing for administrators, who open them."""
    next: Booking | None
    """The reader's next session that is confirmed, or under way."""
    hours: BilanHours | None
    """Of a beneficiary's open bilan."""
    centre: CentreState | None = None
    """For administrators."""

    def others(self, booking: Booking) -> list[User]:
        """Return whom a booking is with: both sides for an administrator. Beneficiaries come first."""
        sides = (booking.beneficiary_id, booking.consultant_id)
        return [self.people[side] for side in sides if side != self.reader.id and side in self.people]

    def awaits(self, booking: Booking) -> bool:
        """Tell whether a booking waits for the reader's own answer."""
        return awaits(booking, self.reader, self.proposed)


def sort_out(
    live: Collection[Booking], reader: User, proposed: Mapping[BookingId, UserId], now: datetime
) -> dict[Part, list[Booking]]:
    """Put each live booking into its part, keeping the order. What is behind the reader is not here."""
    parts: dict[Part, list[Booking]] = {part: [] for part in Part}
    for booking in live:
        part = _part_of(booking, reader, proposed, now)
        if part is not None:
            parts[part].append(booking)
    return parts


def awaits(booking: Booking, reader: User, proposed: Mapping[BookingId, UserId]) -> bool:
    """Tell whether a booking waits for a person's own answer: to other times, else, as its consultant, to a request."""
    proposer = proposed.get(booking.id)
    if proposer is not None and booking.is_live:
        return booking.is_party(reader.id) and proposer != reader.id and reader.role is Role.BENEFICIARY
    return booking.status is Status.SCHEDULED and booking.consultant_id == reader.id


def waits_too_long(booking: Booking, now: datetime) -> bool:
    """Tell whether half of a request's time has gone without an answer."""
    if booking.status is not Status.SCHEDULED or booking.answer_by is None:
        return False
    return now >= booking.updated_at + (booking.answer_by - booking.updated_at) / 2


def _part_of(booking: Booking, reader: User, proposed: Mapping[BookingId, UserId], now: datetime) -> Part | None:
    if booking.status is Status.SCHEDULED and booking.span.starts_at <= now:
        return None  # the clock is about to end it
    if reader.role is Role.ORG_ADMIN and waits_too_long(booking, now):
        return Part.TO_ANSWER
    if awaits(booking, reader, proposed):
        return Part.TO_ANSWER
    if booking.span.ends_at <= now:
        return Part.TO_RECORD if reader.role is not Role.BENEFICIARY else None
    zone = ZoneInfo(reader.timezone)
    if booking.span.starts_at.astimezone(zone).date() <= now.astimezone(zone).date():
        return Part.TODAY
    return Part.COMING


def find_next(live: Collection[Booking], now: datetime) -> Booking | None:
    """Return the first of the bookings, which are in order, that is agreed on and not over."""
    agreed = (Status.CONFIRMED, Status.IN_PROGRESS)
    return next((booking for booking in live if booking.status in agreed and booking.span.ends_at > now), None)
