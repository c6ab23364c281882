"""The life of a booking as one table of (state, action, role). What is not listed is refused."""

from dataclasses import dataclass
from enum import StrEnum

from creneau.core.domain.booking import Booking, CancellationCode, Status
from creneau.core.domain.errors import BookingNotFound, IllegalTransition, NotAllowed
from creneau.core.domain.people import Actor, Role


class Action(StrEnum):
    CONFIRM = "CONFIRM"
    DECLINE = "DECLINE"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Move:
    to: Status
    roles: frozenset[Role]


_CONSULTANT = frozenset({Role.CONSULTANT, Role.ORG_ADMIN})
_ANYONE = frozenset(Role)

MOVES: dict[tuple[Status, Action], Move] = {
    (Status.SCHEDULED, Action.CONFIRM): Move(Status.CONFIRMED, _CONSULTANT),
    (Status.SCHEDULED, Action.DECLINE): Move(Status.CANCELLED, _CONSULTANT),
    (Status.SCHEDULED, Action.CANCEL): Move(Status.CANCELLED, _ANYONE),
    (Status.CONFIRMED, Action.CANCEL): Move(Status.CANCELLED, _ANYONE),
}


def require_visible(booking: Booking, actor: Actor) -> None:
    """Raise `booking.not_found` unless the actor is a party to the booking or administers the organization."""
    if actor.role is not Role.ORG_ADMIN and not booking.is_party(actor.user_id):
        raise BookingNotFound


def next_status(booking: Booking, action: Action, actor: Actor) -> Status:
    """Return the state the action leads to.

    Raises: `booking.not_found` for a stranger, `booking.illegal_transition` where the state does not allow the
    action, `actor.not_allowed` where the role does not.
    """
    require_visible(booking, actor)
    move = MOVES.get((booking.status, action))
    if actor.role not in _roles_of(action):
        raise NotAllowed
    if move is None:
        raise IllegalTransition(status=booking.status, action=action)
    if actor.role not in move.roles:
        raise NotAllowed
    return move.to


def cancellation_code(action: Action, actor: Actor) -> CancellationCode:
    if action is Action.DECLINE:
        return CancellationCode.DECLINED
    return {
        Role.BENEFICIARY: CancellationCode.BY_BENEFICIARY,
        Role.CONSULTANT: CancellationCode.BY_CONSULTANT,
        Role.ORG_ADMIN: CancellationCode.BY_ADMIN,
    }[actor.role]


def _roles_of(action: Action) -> frozenset[Role]:
    return frozenset(role for (_, a), move in MOVES.items() if a is action for role in move.roles)
