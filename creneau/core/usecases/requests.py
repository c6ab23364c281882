"""Requests: a consultant's answer to what was asked for, or none in time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from creneau.core.domain.booking import Status
from creneau.core.domain.errors import SlotInThePast
from creneau.core.domain.events import BookingConfirmed, BookingDeclined, BookingExpired
from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.domain.lifecycle import Action, next_status
from creneau.core.domain.people import Actor
from creneau.core.domain.text import clean_text
from creneau.core.storage import bookings
from creneau.core.storage.database import Transaction
from creneau.core.usecases import acts, chasing, places, sessions
from creneau.core.usecases.acts import Act, Change
from creneau.core.usecases.cancellations import LONGEST_REASON, end


def confirm(tx: Transaction, actor: Actor, booking_id: BookingId, now: datetime, new_id: Callable[[], UUID]) -> Change:
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
    confirmed = places.with_usual_link(tx, confirmed)
    act = Act(Action.CONFIRM, actor)
    acts.write(tx, confirmed, act)
    chasing.stop(tx, confirmed, now)
    sessions.plan_day(tx, confirmed, now, new_id)
    return Change(booking, confirmed, act, BookingConfirmed(confirmed))


def decline(tx: Transaction, actor: Actor, booking_id: BookingId, reason: str | None, now: datetime) -> Change:
    """Refuse a request, as its consultant: its time is free again.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition`, `text.invalid`.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    next_status(booking, Action.DECLINE, actor)
    cleaned = clean_text("cancellation_reason", reason, LONGEST_REASON)
    act = Act(Action.DECLINE, actor, cleaned)
    declined = end(tx, booking, act, now)
    return Change(booking, declined, act, BookingDeclined(declined))


def expire(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId, now: datetime) -> Change | None:
    """End a request that nobody answered in time; None when it was answered, or got more time, meanwhile."""
    booking = bookings.lock(tx, organization_id, booking_id)
    if booking.status is not Status.SCHEDULED or booking.answer_by is None or booking.answer_by > now:
        return None
    act = Act(Action.EXPIRE, None)
    expired = end(tx, booking, act, now)
    return Change(booking, expired, act, BookingExpired(expired))
