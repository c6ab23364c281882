"""Every cell of the table of moves: (state, action, role, party or stranger)."""

from datetime import UTC, date, datetime, time
from itertools import product
from uuid import UUID

import pytest

from creneau.core.domain.booking import Booking, CancellationCode, MeetingFormat, SessionType, Status
from creneau.core.domain.errors import BookingNotFound, IllegalTransition, NotAllowed
from creneau.core.domain.ids import BilanId, BookingId, OrganizationId, SlotId, UserId
from creneau.core.domain.lifecycle import MOVES, Action, cancellation_code, next_status, require_visible
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.time import LocalSpan, Span

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
ORGANIZATION = OrganizationId(UUID(int=1))
CONSULTANT = UserId(UUID(int=2))
BENEFICIARY = UserId(UUID(int=3))
STRANGER = UserId(UUID(int=4))

CELLS = list(product(Status, Action, Role, ["party", "stranger"]))
ROLES_OF = {
    action: {role for (_, moved), move in MOVES.items() if moved is action for role in move.roles} for action in Action
}


def booking(status: Status) -> Booking:
    return Booking(
        id=BookingId(UUID(int=5)),
        organization_id=ORGANIZATION,
        bilan_id=BilanId(UUID(int=6)),
        consultant_id=CONSULTANT,
        beneficiary_id=BENEFICIARY,
        slot_id=SlotId(UUID(int=7)),
        local=LocalSpan(date(2026, 12, 1), time(10), time(11), "Europe/Paris"),
        span=Span(AT, AT.replace(hour=10)),
        session_type=SessionType.FOLLOW_UP,
        meeting_format=MeetingFormat.VIDEO,
        meeting_location=None,
        meeting_link=None,
        status=status,
        version=1,
        created_at=AT,
        updated_at=AT,
    )


def actor(role: Role, place: str) -> Actor:
    if place == "stranger":
        return Actor(ORGANIZATION, STRANGER, role)
    return Actor(ORGANIZATION, BENEFICIARY if role is Role.BENEFICIARY else CONSULTANT, role)


@pytest.mark.parametrize(("status", "action", "role", "place"), CELLS)
def test_every_cell_leads_where_the_table_says_or_is_refused_with_its_code(
    status: Status, action: Action, role: Role, place: str
):
    asked = booking(status), action, actor(role, place)
    move = MOVES.get((status, action))

    if place == "stranger" and role is not Role.ORG_ADMIN:
        with pytest.raises(BookingNotFound):
            next_status(*asked)
    elif role not in ROLES_OF[action] or (move and role not in move.roles):
        with pytest.raises(NotAllowed):
            next_status(*asked)
    elif move is None:
        with pytest.raises(IllegalTransition) as refusal:
            next_status(*asked)
        assert refusal.value.details == {"status": status, "action": action}
    else:
        assert next_status(*asked) is move.to


def test_the_table_holds_these_moves_and_no_others():
    assert {(status, action, move.to) for (status, action), move in MOVES.items()} >= {
        (Status.SCHEDULED, Action.CONFIRM, Status.CONFIRMED),
        (Status.SCHEDULED, Action.DECLINE, Status.CANCELLED),
        (Status.SCHEDULED, Action.CANCEL, Status.CANCELLED),
        (Status.CONFIRMED, Action.CANCEL, Status.CANCELLED),
    }


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW])
def test_nothing_leads_out_of_an_ended_booking(status: Status):
    assert [action for (before, action) in MOVES if before is status] == []


def test_a_beneficiary_neither_confirms_nor_declines():
    for action in (Action.CONFIRM, Action.DECLINE):
        assert all(Role.BENEFICIARY not in move.roles for (_, moved), move in MOVES.items() if moved is action)


def test_a_move_that_a_state_allows_to_fewer_roles_is_refused_to_the_others(monkeypatch: pytest.MonkeyPatch):
    narrow = MOVES[Status.CONFIRMED, Action.CANCEL].__class__(Status.CANCELLED, frozenset({Role.ORG_ADMIN}))
    monkeypatch.setitem(MOVES, (Status.CONFIRMED, Action.CANCEL), narrow)

    with pytest.raises(NotAllowed):
        next_status(booking(Status.CONFIRMED), Action.CANCEL, actor(Role.BENEFICIARY, "party"))
    assert next_status(booking(Status.SCHEDULED), Action.CANCEL, actor(Role.BENEFICIARY, "party")) is Status.CANCELLED


@pytest.mark.parametrize("role", Role)
def test_a_booking_is_visible_to_its_parties_and_to_administrators(role: Role):
    require_visible(booking(Status.SCHEDULED), actor(role, "party"))
    if role is Role.ORG_ADMIN:
        require_visible(booking(Status.SCHEDULED), actor(role, "stranger"))
    else:
        with pytest.raises(BookingNotFound):
            require_visible(booking(Status.SCHEDULED), actor(role, "stranger"))


@pytest.mark.parametrize(
    ("action", "role", "code"),
    [
        (Action.DECLINE, Role.CONSULTANT, CancellationCode.DECLINED),
        (Action.DECLINE, Role.ORG_ADMIN, CancellationCode.DECLINED),
        (Action.CANCEL, Role.BENEFICIARY, CancellationCode.BY_BENEFICIARY),
        (Action.CANCEL, Role.CONSULTANT, CancellationCode.BY_CONSULTANT),
        (Action.CANCEL, Role.ORG_ADMIN, CancellationCode.BY_ADMIN),
    ],
)
def test_a_cancellation_says_who_ended_it(action: Action, role: Role, code: CancellationCode):
    assert cancellation_code(action, actor(role, "party")) is code
