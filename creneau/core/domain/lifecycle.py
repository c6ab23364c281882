"""The life of a booking as one table of (state, action, role), and the deadlines on top of it.

What is not listed is refused. A deadline says until when a beneficiary may act alone; after it, and for everybody
else, a reason is asked for and the act is written down as an override.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from creneau.core.domain.booking import Booking, CancellationCode, Status
from creneau.core.domain.errors import (
    BookingNotFound,
    BookingTooEarly,
    BookingTooLate,
    IllegalTransition,
    NotAllowed,
    ReasonRequired,
)
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.policy import Policy


class Action(StrEnum):
    REQUEST = "REQUEST"
    CONFIRM = "CONFIRM"
    DECLINE = "DECLINE"
    CANCEL = "CANCEL"
    RESCHEDULE = "RESCHEDULE"
    PROPOSE = "PROPOSE"
    ACCEPT = "ACCEPT"
    REFUSE = "REFUSE"
    START = "START"
    COMPLETE = "COMPLETE"
    NO_SHOW = "NO_SHOW"
    EXPIRE = "EXPIRE"


@dataclass(frozen=True, slots=True)
class _Row:
    state: Status | None
    action: Action
    roles: tuple[Role | None, ...]
    to: Status


_BENEFICIARY = (Role.BENEFICIARY,)
_ADMIN = (Role.ORG_ADMIN,)
_STAFF = (Role.CONSULTANT, Role.ORG_ADMIN)
_ANYONE = tuple(Role)
_CLOCK = (None,)

_ROWS = (
    _Row(None, Action.REQUEST, _ANYONE, Status.SCHEDULED),
    _Row(Status.SCHEDULED, Action.CONFIRM, _STAFF, Status.CONFIRMED),
    _Row(Status.SCHEDULED, Action.DECLINE, _STAFF, Status.CANCELLED),
    _Row(Status.SCHEDULED, Action.CANCEL, _ANYONE, Status.CANCELLED),
    _Row(Status.SCHEDULED, Action.EXPIRE, _CLOCK, Status.CANCELLED),
    # Whoever moves a session alone needs the other side's yes; a consultant's move is therefore a PROPOSE.
    _Row(Status.SCHEDULED, Action.RESCHEDULE, _BENEFICIARY, Status.SCHEDULED),
    _Row(Status.SCHEDULED, Action.RESCHEDULE, _ADMIN, Status.SCHEDULED),
    _Row(Status.SCHEDULED, Action.PROPOSE, _STAFF, Status.SCHEDULED),
    _Row(Status.SCHEDULED, Action.ACCEPT, _BENEFICIARY, Status.CONFIRMED),
    _Row(Status.SCHEDULED, Action.REFUSE, _BENEFICIARY, Status.SCHEDULED),
    _Row(Status.CONFIRMED, Action.CANCEL, _ANYONE, Status.CANCELLED),
    _Row(Status.CONFIRMED, Action.RESCHEDULE, _BENEFICIARY, Status.SCHEDULED),
    _Row(Status.CONFIRMED, Action.RESCHEDULE, _ADMIN, Status.CONFIRMED),
    _Row(Status.CONFIRMED, Action.PROPOSE, _STAFF, Status.CONFIRMED),
    _Row(Status.CONFIRMED, Action.ACCEPT, _BENEFICIARY, Status.CONFIRMED),
    _Row(Status.CONFIRMED, Action.REFUSE, _BENEFICIARY, Status.CONFIRMED),
    _Row(Status.CONFIRMED, Action.START, _STAFF, Status.IN_PROGRESS),
    _Row(Status.CONFIRMED, Action.COMPLETE, _STAFF, Status.COMPLETED),
    _Row(Status.CONFIRMED, Action.NO_SHOW, _STAFF, Status.NO_SHOW),
    _Row(Status.IN_PROGRESS, Action.COMPLETE, _STAFF, Status.COMPLETED),
    _Row(Status.IN_PROGRESS, Action.NO_SHOW, _STAFF, Status.NO_SHOW),
    _Row(Status.IN_PROGRESS, Action.CANCEL, _STAFF, Status.CANCELLED),
)

MOVES: dict[tuple[Status | None, Action, Role | None], Status] = {
    (row.state, row.action, role): row.to for row in _ROWS for role in row.roles
}
"""Where an action leads from a state, for a role. No state: there is no booking yet. No role: the clock acts."""

EARLY_START = timedelta(minutes=15)
"""How long before its time a session may be opened: people are there early."""


def require_visible(booking: Booking, actor: Actor) -> None:
    """Raise `booking.not_found` unless the actor is a party to the booking or administers the organization."""
    if actor.role is not Role.ORG_ADMIN and not booking.is_party(actor.user_id):
        raise BookingNotFound


def next_status(booking: Booking, action: Action, actor: Actor | None) -> Status:
    """Return the state the action leads to. No actor: the clock acts.

    Raises: `booking.not_found` for a stranger, `booking.illegal_transition` where the state does not allow the
    action, `actor.not_allowed` where the role does not.
    """
    if actor is not None:
        require_visible(booking, actor)
    role = actor.role if actor else None
    to = MOVES.get((booking.status, action, role))
    if to is not None:
        return to
    role_ever_may = any(moved is action and by is role for (_, moved, by) in MOVES)
    state_allows = any(before is booking.status and moved is action for (before, moved, _) in MOVES)
    if role_ever_may and not state_allows:
        raise IllegalTransition(status=booking.status, action=action)
    raise NotAllowed


def cancellation_code(action: Action, actor: Actor | None) -> CancellationCode:
    if action is Action.DECLINE:
        return CancellationCode.DECLINED
    if actor is None:
        return CancellationCode.EXPIRED
    return {
        Role.BENEFICIARY: CancellationCode.BY_BENEFICIARY,
        Role.CONSULTANT: CancellationCode.BY_CONSULTANT,
        Role.ORG_ADMIN: CancellationCode.BY_ADMIN,
    }[actor.role]


def is_past_deadline(booking: Booking, deadline: timedelta, now: datetime) -> bool:
    """Tell whether a session is closer than a deadline.

    A request made after its own deadline, and not answered yet, has none: it could never have been in time.
    """
    limit = booking.span.starts_at - deadline
    was_never_in_time = booking.status is Status.SCHEDULED and limit < booking.created_at
    return now > limit and not (was_never_in_time and now < booking.span.starts_at)


def require_in_time(actor: Actor, *, is_late: bool, reason: str | None) -> bool:
    """Return whether an act past its deadline is an override.

    Raises: `booking.too_late` for a beneficiary; `booking.reason_required` for anybody else without a reason.
    """
    if not is_late:
        return False
    if actor.role is Role.BENEFICIARY:
        raise BookingTooLate
    if reason is None:
        raise ReasonRequired
    return True


def require_begun(booking: Booking, action: Action, now: datetime) -> None:
    """Raise `booking.too_early` when a session is opened, or told to be over, before its time."""
    grace = EARLY_START if action is Action.START else timedelta()
    if now < booking.span.starts_at - grace:
        raise BookingTooEarly


def answer_deadline(policy: Policy, starts_at: datetime, now: datetime) -> datetime:
    """Return until when a request waits for its answer: never beyond the start of what is asked for."""
    return min(now + policy.answer_within, starts_at)
