"""Sessions: what takes place at the time of a booking, and the message that follows it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import IllegalTransition, NotAllowed
from creneau.core.domain.events import SessionCompleted, SessionStarted
from creneau.core.domain.ids import BookingId, ReminderId
from creneau.core.domain.lifecycle import Action, next_status, require_begun, require_visible
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.rating import rated
from creneau.core.domain.reminders import Reminder, ReminderType, plan_post_session, plan_session_day
from creneau.core.storage import bookings, policies, reminders, users
from creneau.core.storage.database import Transaction
from creneau.core.usecases import acts
from creneau.core.usecases.acts import Act, Change


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a consultant records of a session: whether the beneficiary came and, if asked for at once, the rating."""

    attended: bool
    rating: int | None = None
    feedback: str | None = None


def start(tx: Transaction, actor: Actor, booking_id: BookingId, now: datetime) -> Change:
    """Open a session, up to a quarter of an hour before its time.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition`, `booking.too_early`.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    status = next_status(booking, Action.START, actor)
    require_begun(booking, Action.START, now)
    started = replace(booking, status=status, version=booking.version + 1, updated_at=now, started_at=now)
    act = Act(Action.START, actor)
    acts.write(tx, started, act)
    return Change(booking, started, act, SessionStarted(started))


def complete(
    tx: Transaction, actor: Actor, booking_id: BookingId, outcome: Outcome, now: datetime, new_id: Callable[[], UUID]
) -> Change:
    """Record that a session took place, or that its beneficiary did not come. Who came is asked afterwards how it was.

    A rating or comment given for a session that nobody attended is not kept.

    Raises: `booking.not_found`, `actor.not_allowed`, `booking.illegal_transition`, `booking.too_early` before its
    start, `rating.invalid`, `text.invalid`.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    action = Action.COMPLETE if outcome.attended else Action.NO_SHOW
    status = next_status(booking, action, actor)
    require_begun(booking, action, now)
    completed = replace(
        booking,
        status=status,
        version=booking.version + 1,
        updated_at=now,
        completed_at=now,
        attended=outcome.attended,
    )
    if outcome.attended and outcome.rating is not None:
        completed = rated(completed, actor.user_id, outcome.rating, outcome.feedback, now)
    act = Act(action, actor)
    acts.write(tx, completed, act)
    reminders.cancel_of_booking(tx, booking.organization_id, booking.id, now)
    if outcome.attended:
        _add_post_session(tx, completed, now, new_id)
    return Change(booking, completed, act, SessionCompleted(completed))


def ask_afterwards(
    tx: Transaction, actor: Actor, booking_id: BookingId, now: datetime, new_id: Callable[[], UUID]
) -> Reminder:
    """Write the message that follows a completed session, once: asked again, return the one there is.

    Raises: `booking.not_found`, `actor.not_allowed` for a beneficiary, `booking.illegal_transition` unless the
    session took place.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    require_visible(booking, actor)
    if actor.role is Role.BENEFICIARY:
        raise NotAllowed
    if booking.status is not Status.COMPLETED:
        raise IllegalTransition(status=booking.status, action=ReminderType.BENEFICIARY_POST_SESSION)
    if _find_post_session(tx, booking) is None:
        _add_post_session(tx, booking, now, new_id)
    found = _find_post_session(tx, booking)
    assert found is not None  # noqa: S101 - written above, in this transaction
    return found


def plan_day(tx: Transaction, booking: Booking, now: datetime, new_id: Callable[[], UUID]) -> None:
    """Write what a session that is now confirmed brings its consultant on its day."""
    policy = policies.get(tx, booking.organization_id, booking.consultant_id)
    planned = plan_session_day(booking, users.get(tx, booking.organization_id, booking.consultant_id), policy)
    reminders.add(tx, booking, [reminders.NewReminder(ReminderId(new_id()), one) for one in planned], now)


def _add_post_session(tx: Transaction, booking: Booking, now: datetime, new_id: Callable[[], UUID]) -> None:
    policy = policies.get(tx, booking.organization_id, booking.consultant_id)
    planned = plan_post_session(booking, users.get(tx, booking.organization_id, booking.beneficiary_id), policy, now)
    reminders.add(tx, booking, [reminders.NewReminder(ReminderId(new_id()), planned)], now)


def _find_post_session(tx: Transaction, booking: Booking) -> Reminder | None:
    written = reminders.list_of_booking(tx, booking.organization_id, booking.id)
    return next((found for found in written if found.type is ReminderType.BENEFICIARY_POST_SESSION), None)
