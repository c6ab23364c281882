"""The life of a booking as one table of (state, action, role), and the deadlines on top of it.

What is not listed is refused. A deadline says until when a beneficiary may act alone; after it, and for everybody
else, a reason is asked for and the act is written down as an override.
"""

from collections.abc import Collection
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

_A_MOMENT = timedelta.resolution

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


def require_possible(booking: Booking, action: Action, possible: Collection[Action]) -> None:
    """Raise `booking.illegal_transition` unless an action is among those that are possible (`possible_actions`)."""
    if action not in possible:
        raise IllegalTransition(status=booking.status, action=action)


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


def free_until(booking: Booking, deadline: timedelta) -> datetime:
    """Return the last instant at which a beneficiary may change a session alone.

    A request made after its own deadline, and not answered yet, has until it starts: it could never have been in time.
    """
    limit = booking.span.starts_at - deadline
    was_never_in_time = booking.status is Status.SCHEDULED and limit < booking.created_at
    return booking.span.starts_at - _A_MOMENT if was_never_in_time else limit


def is_past_deadline(booking: Booking, deadline: timedelta, now: datetime) -> bool:
    """Tell whether a session is closer than a deadline."""
    return now > free_until(booking, deadline)


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
    if is_too_early(booking, action, now):
        raise BookingTooEarly


def is_too_early(booking: Booking, action: Action, now: datetime) -> bool:
    """Tell whether a session cannot be opened, or told to be over, yet."""
    grace = EARLY_START if action is Action.START else timedelta()
    return now < booking.span.starts_at - grace


def answer_deadline(policy: Policy, starts_at: datetime, now: datetime) -> datetime:
    """Return until when a request waits for its answer: never beyond the start of what is asked for."""
    return min(now + policy.answer_within, starts_at)


_BEFORE_START = frozenset(
    {Action.CONFIRM, Action.DECLINE, Action.RESCHEDULE, Action.PROPOSE, Action.ACCEPT, Action.REFUSE}
)
_HAVE_DEADLINES = frozenset({Action.CANCEL, Action.RESCHEDULE})
_ANSWERS_PROPOSALS = frozenset({Action.ACCEPT, Action.REFUSE})
_WHEN_IT_IS_TIME = frozenset({Action.START, Action.COMPLETE, Action.NO_SHOW})


def possible_actions(
    booking: Booking, actor: Actor, policy: Policy, now: datetime, *, is_proposed_to: bool = False
) -> frozenset[Action]:
    """Return what an actor may do with a booking now: which buttons to draw for them. A stranger may do nothing.

    `is_proposed_to` says that proposed times wait for an answer. Where a reason will be asked for (`needs_reason`),
    the action is among them. What changes a session's time ends with its start; what records it begins there.
    """
    if actor.role is not Role.ORG_ADMIN and not booking.is_party(actor.user_id):
        return frozenset()
    by_table = {action for status, action, role in MOVES if status is booking.status and role is actor.role}
    return frozenset(action for action in by_table if _is_possible(booking, actor, policy, now, action, is_proposed_to))


def _is_possible(
    booking: Booking,
    actor: Actor,
    policy: Policy,
    now: datetime,
    action: Action,
    is_proposed_to: bool,  # noqa: FBT001 - passed on
) -> bool:
    has_begun = now >= booking.span.starts_at
    if action in _ANSWERS_PROPOSALS:
        return is_proposed_to and not has_begun
    if action is Action.START and now >= booking.span.ends_at:
        return False
    if action in _WHEN_IT_IS_TIME:
        return not is_too_early(booking, action, now)
    if action in _BEFORE_START and has_begun:
        return False
    return actor.role is not Role.BENEFICIARY or not is_too_late(booking, policy, action, now)


def is_too_late(booking: Booking, policy: Policy, action: Action, now: datetime) -> bool:
    """Tell whether the deadline of cancelling or moving a session has passed."""
    return action in _HAVE_DEADLINES and is_past_deadline(booking, deadline_of(policy, action), now)


def is_locked_out(booking: Booking, actor: Actor, policy: Policy, action: Action, now: datetime) -> bool:
    """Tell whether nothing but its deadline keeps a beneficiary from an action: others can still do it for them."""
    is_in_table = (booking.status, action, actor.role) in MOVES
    return actor.role is Role.BENEFICIARY and is_in_table and is_too_late(booking, policy, action, now)


def needs_reason(booking: Booking, actor: Actor, policy: Policy, action: Action, now: datetime) -> bool:
    """Tell whether an actor who may still act is asked why."""
    return actor.role is not Role.BENEFICIARY and is_too_late(booking, policy, action, now)


def deadline_of(policy: Policy, action: Action) -> timedelta:
    """Return how long before a session its beneficiary may last take an action alone; 0 for those without one."""
    deadlines = {Action.CANCEL: policy.cancellation_deadline, Action.RESCHEDULE: policy.reschedule_deadline}
    return deadlines.get(action, timedelta())
