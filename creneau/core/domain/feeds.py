"""Feeds: what calendar clients subscribe to, by a secret address and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from creneau.core.domain.booking import Booking
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.people import User
from creneau.core.domain.time import BookableTime, Span


class FeedKind(StrEnum):
    """`SESSIONS` for its owner, `BUSY` to show to others, `AVAILABILITY` a consultant's bookable hours."""

    SESSIONS = "sessions"
    AVAILABILITY = "availability"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """Whose feed a token opens, and which one."""

    organization_id: OrganizationId
    user_id: UserId
    kind: FeedKind


@dataclass(frozen=True, slots=True)
class FeedOwner:
    """The person behind a token. What the feed says is said to them, in their language."""

    organization_id: OrganizationId
    user: User
    kind: FeedKind


@dataclass(frozen=True, slots=True)
class FeedSessions:
    """A person's sessions in the order of their start. `modified_at` also counts those that left, None for none."""

    bookings: tuple[Booking, ...]
    modified_at: datetime | None


@dataclass(frozen=True, slots=True)
class BookableHours:
    """An unbroken run of bookable times of one rule."""

    slot_id: SlotId
    span: Span


def merge_bookable_times(times: Iterable[BookableTime]) -> list[BookableHours]:
    """Join the times of each rule that follow on one another, in the order of their start."""
    merged: list[BookableHours] = []
    for time in sorted(times, key=lambda time: (time.slot_id, time.span.starts_at)):
        last = merged[-1] if merged else None
        if last and last.slot_id == time.slot_id and time.span.starts_at <= last.span.ends_at:
            merged[-1] = BookableHours(last.slot_id, Span(last.span.starts_at, time.span.ends_at))
        else:
            merged.append(BookableHours(time.slot_id, time.span))
    return sorted(merged, key=lambda hours: (hours.span.starts_at, hours.slot_id))
