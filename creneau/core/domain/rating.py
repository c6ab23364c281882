"""Ratings: a session that took place, from 1 to 5, with a comment. The beneficiary's own word replaces all others."""

from dataclasses import replace
from datetime import datetime

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import NotAllowed, RatingInvalid, SessionNotCompleted
from creneau.core.domain.ids import UserId
from creneau.core.domain.people import Actor
from creneau.core.domain.text import clean_text

LONGEST_FEEDBACK = 4000
_RATINGS = range(1, 6)


def rated(booking: Booking, by: UserId, rating: int, feedback: str | None, now: datetime) -> Booking:
    """Return the booking with a rating and who recorded it.

    Somebody who rates again without a comment keeps the comment they gave; an empty one removes it. What others wrote
    goes with their rating. Raises: `rating.invalid`, `text.invalid`.
    """
    if rating not in _RATINGS:
        raise RatingInvalid
    kept = booking.beneficiary_feedback if feedback is None and booking.rated_by == by else None
    return replace(
        booking,
        beneficiary_rating=rating,
        beneficiary_feedback=kept or clean_text("beneficiary_feedback", feedback, LONGEST_FEEDBACK),
        rated_by=by,
        rated_at=now,
    )


def require_ratable(booking: Booking, actor: Actor) -> None:
    """Raises: `actor.not_allowed` for anybody but the beneficiary, `booking.not_completed`."""
    if actor.user_id != booking.beneficiary_id:
        raise NotAllowed
    if booking.status is not Status.COMPLETED:
        raise SessionNotCompleted(status=booking.status)


def can_rate(booking: Booking, actor: Actor) -> bool:
    """Tell whether somebody may say now how a session was."""
    return actor.user_id == booking.beneficiary_id and booking.status is Status.COMPLETED
