"""Availability: adding a consultant's rules, and listing the times that can be booked from them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from creneau.core.domain.availability import (
    AvailabilitySlot,
    SlotDraft,
    bookable_times,
    horizon_ends_at,
    offered_times,
    validate_draft,
)
from creneau.core.domain.errors import InvalidTimeRange, NotAllowed, UserNotFound
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.people import Actor, Role, User
from creneau.core.domain.time import BookableTime, Span
from creneau.core.storage import bookings, slots, users
from creneau.core.storage.database import Transaction

LONGEST_LISTING = timedelta(days=62)

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Listing:
    """What to list: a consultant's times from one day to another, both included, free for a beneficiary if given."""

    consultant_id: UserId
    first: date
    last: date
    beneficiary_id: UserId | None = None


def add_slot(
    tx: Transaction, actor: Actor, consultant_id: UserId, draft: SlotDraft, slot_id: SlotId
) -> AvailabilitySlot:
    """Add a rule to a consultant's week.

    Raises: `user.not_found`, `actor.not_allowed` (not one's own and not an administrator), and what
    `validate_draft` refuses.
    """
    get_consultant(tx, actor.organization_id, consultant_id)
    if actor.role is not Role.ORG_ADMIN and actor.user_id != consultant_id:
        raise NotAllowed
    validate_draft(draft)
    slot = AvailabilitySlot(
        id=slot_id,
        organization_id=actor.organization_id,
        consultant_id=consultant_id,
        start_time=draft.start_time,
        end_time=draft.end_time,
        timezone=draft.timezone,
        day_of_week=draft.day_of_week,
        date_specific=draft.date_specific,
        duration_minutes=draft.duration_minutes,
        max_concurrent_bookings=draft.max_concurrent_bookings,
        recurring_until=draft.recurring_until,
        is_available=True,
    )
    slots.add(tx, slot)
    return slot


def list_bookable(
    tx: Transaction, organization_id: OrganizationId, listing: Listing, now: datetime
) -> list[BookableTime]:
    """List the times that can be booked now, in order.

    Raises: `user.not_found`, `time.invalid_range` (backwards, or more than two months at once).
    """
    if not timedelta() <= listing.last - listing.first <= LONGEST_LISTING:
        raise InvalidTimeRange
    consultant = get_consultant(tx, organization_id, listing.consultant_id)
    ends_at = horizon_ends_at(now, consultant.timezone)
    first = max(listing.first, now.date() - _A_DAY)
    last = min(listing.last, ends_at.date() + _A_DAY)
    if last < first:
        return []
    span = _span_of_days(first, last)
    busy = (
        bookings.list_busy_of_beneficiary(tx, organization_id, listing.beneficiary_id, span)
        if listing.beneficiary_id
        else []
    )
    return bookable_times(
        offered_times(slots.list_in_force(tx, organization_id, consultant.id, first, last), first, last),
        bookings.list_held(tx, organization_id, consultant.id, span),
        busy,
        now,
        ends_at,
    )


def list_offers_around(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, instant: datetime
) -> list[BookableTime]:
    """List what a consultant's rules offer on the days around an instant, taken or not."""
    first, last = instant.date() - _A_DAY, instant.date() + _A_DAY
    return offered_times(slots.list_in_force(tx, organization_id, consultant_id, first, last), first, last)


def get_consultant(tx: Transaction, organization_id: OrganizationId, user_id: UserId) -> User:
    """Raises: `user.not_found`, also for somebody who is not a consultant."""
    user = users.get(tx, organization_id, user_id)
    if user.role is not Role.CONSULTANT:
        raise UserNotFound
    return user


def _span_of_days(first: date, last: date) -> Span:
    """Return instants that hold the days of every zone on earth."""
    start = datetime.combine(first, time(), tzinfo=UTC) - _A_DAY
    return Span(start, datetime.combine(last, time(), tzinfo=UTC) + 2 * _A_DAY)
