"""Cancellations: every way in which a booking ends before its session, and frees its time."""

from dataclasses import replace
from datetime import datetime

from creneau.core.domain.booking import Booking
from creneau.core.domain.events import BookingCancelled
from creneau.core.domain.ids import BookingId
from creneau.core.domain.lifecycle import Action, cancellation_code, is_past_deadline, next_status, require_in_time
from creneau.core.domain.people import Actor
from creneau.core.domain.text import clean_text
from creneau.core.storage import bookings, policies, reminders
from creneau.core.storage.database import Transaction
from creneau.core.usecases import acts
from creneau.core.usecases.acts import Act, Change

LONGEST_REASON = 500


def cancel(tx: Transaction, actor: Actor, booking_id: BookingId, reason: str | None, now: datetime) -> Change:
    """Cancel a session, as either side: its time is free again and its reminders will not be sent.

    Raises: `booking.not_found`, `booking.illegal_transition`, `actor.not_allowed`, `text.invalid`; past the deadline
    `booking.too_late` for a beneficiary, `booking.reason_required` for anybody else who gives none.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    next_status(booking, Action.CANCEL, actor)
    policy = policies.get(tx, booking.organization_id, booking.consultant_id)
    cleaned = clean_text("cancellation_reason", reason, LONGEST_REASON)
    is_late = is_past_deadline(booking, policy.cancellation_deadline, now)
    is_override = require_in_time(actor, is_late=is_late, reason=cleaned)
    act = Act(Action.CANCEL, actor, cleaned, is_override)
    cancelled = end(tx, booking, act, now, is_late=is_late)
    return Change(booking, cancelled, act, BookingCancelled(cancelled))


def end(tx: Transaction, booking: Booking, act: Act, now: datetime, *, is_late: bool = False) -> Booking:
    """End a booking that is locked. Raises: what `next_status` refuses."""
    ended = replace(
        booking,
        status=next_status(booking, act.action, act.actor),
        version=booking.version + 1,
        updated_at=now,
        cancelled_at=now,
        cancelled_by=act.actor.user_id if act.actor else None,
        cancellation_code=cancellation_code(act.action, act.actor),
        cancellation_reason=act.reason,
        is_late_cancellation=is_late,
    )
    acts.write(tx, ended, act)
    reminders.cancel_of_booking(tx, booking.organization_id, booking.id, now)
    return ended
