"""Requests: a consultant's answer to what was asked for, or none in time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import SlotInThePast
from creneau.core.domain.events import BookingConfirmed, BookingDeclined, BookingExpired, Event
from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.domain.lifecycle import Action, next_status
from creneau.core.domain.people import Actor
from creneau.core.domain.text import clean_text
from creneau.core.storage import bookings
from creneau.core.storage.database import Transaction
from creneau.core.usecases import acts, chasing, sessions
from creneau.core.usecases.acts import Act
from creneau.core.usecases.cancellations import LONGEST_REASON, end


def confirm(
    tx: Transaction, actor: Actor, booking_id: BookingId, now: datetime, new_id: Callable[[], UUID]
) -> tuple[Booking, Event]:
    """Accept a request, as its consultant.

    It is read under a lock and must still be a request: as long as it is one it holds its time, so that of two
    requests that overlap there is never a second one to confirm.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition`, `slot.past` once it has begun.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    status = next_status(booking, Action.CONFIRM, actor)
    if booking.span.starts_at <= now:
        raise SlotInThePast
    confirmed = replace(booking, status=status, version=booking.version + 1, updated_at=now, confirmed_at=now)
    acts.write(tx, booking, confirmed, Act(Action.CONFIRM, actor))
    chasing.stop(tx, confirmed, now)
    sessions.plan_day(tx, confirmed, now, new_id)
    return confirmed, BookingConfirmed(confirmed)


def decline(
    tx: Transaction, actor: Actor, booking_id: BookingId, reason: str | None, now: datetime
) -> tuple[Booking, Event]:
    """Refuse a request, as its consultant: its time is free again.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition`, `text.invalid`.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    next_status(booking, Action.DECLINE, actor)
    cleaned = clean_text("cancellation_reason", reason, LONGEST_REASON)
    declined = end(tx, booking, Act(Action.DECLINE, actor, cleaned), now)
    return declined, BookingDeclined(declined)


def expire(
    tx: Transaction, organization_id: OrganizationId, booking_id: BookingId, now: datetime
) -> tuple[Booking, Event] | None:
    """End a request that nobody answered in time; None when it was answered, or got more time, meanwhile."""
    booking = bookings.lock(tx, organization_id, booking_id)
    if booking.status is not Status.SCHEDULED or booking.answer_by is None or booking.answer_by > now:
        return None
    expired = end(tx, booking, Act(Action.EXPIRE, None), now)
    return expired, BookingExpired(expired)
