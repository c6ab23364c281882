"""Ratings: the beneficiary's own word on a session that took place."""

from dataclasses import replace
from datetime import datetime

from creneau.core.domain.events import SessionRated
from creneau.core.domain.ids import BookingId
from creneau.core.domain.lifecycle import require_visible
from creneau.core.domain.people import Actor
from creneau.core.domain.rating import rated, require_ratable
from creneau.core.storage import bookings
from creneau.core.storage.database import Transaction
from creneau.core.usecases.acts import Change


def rate(
    tx: Transaction, actor: Actor, booking_id: BookingId, rating: int, feedback: str | None, now: datetime
) -> Change:
    """Rate a session as its beneficiary, once or again: the last word stays.

    The version does not grow: calendars and reminders say nothing of ratings.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.not_completed`, `rating.invalid`, `text.invalid`.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    require_visible(booking, actor)
    require_ratable(booking, actor)
    changed = replace(rated(booking, actor.user_id, rating, feedback, now), updated_at=now)
    bookings.save(tx, changed)
    return Change(booking, changed, None, SessionRated(changed))
