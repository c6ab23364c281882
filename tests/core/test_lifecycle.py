"""Every cell of the table of moves: (state, action, role, party or stranger), and the deadlines on top of it.

Peers, section 2: row 24 (deadlines in the core, for every front alike), row 25 (what is not listed is refused).
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from uuid import UUID

import pytest

from creneau.core.domain.booking import Booking, CancellationCode, MeetingFormat, SessionType, Status
from creneau.core.domain.errors import (
    BookingNotFound,
    BookingTooEarly,
    BookingTooLate,
    IllegalTransition,
    NotAllowed,
    ReasonRequired,
)
from creneau.core.domain.ids import BilanId, BookingId, OrganizationId, SlotId, UserId
from creneau.core.domain.lifecycle import (
    MOVES,
    Action,
    answer_deadline,
    cancellation_code,
    is_past_deadline,
    next_status,
    require_begun,
    require_in_time,
    require_visible,
)
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.policy import DEFAULT_POLICY
from creneau.core.domain.time import LocalSpan, Span

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
ORGANIZATION = OrganizationId(UUID(int=1))
CONSULTANT = UserId(UUID(int=2))
BENEFICIARY = UserId(UUID(int=3))
STRANGER = UserId(UUID(int=4))

CELLS = list(product(Status, Action, Role, ["party", "stranger"]))
ROLES_OF = {action: {role for (_, moved, role) in MOVES if moved is action} for action in Action}
STATES_OF = {action: {state for (state, moved, _) in MOVES if moved is action} for action in Action}
A_DAY = timedelta(days=1)

S, C, P, D, X, N = (
    Status.SCHEDULED,
    Status.CONFIRMED,
    Status.IN_PROGRESS,
    Status.COMPLETED,
    Status.CANCELLED,
    Status.NO_SHOW,
)


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
    to = MOVES.get((status, action, role))

    if place == "stranger" and role is not Role.ORG_ADMIN:
        with pytest.raises(BookingNotFound):
            next_status(*asked)
    elif to is not None:
        assert next_status(*asked) is to
    elif role in ROLES_OF[action] and status not in STATES_OF[action]:
        with pytest.raises(IllegalTransition) as refusal:
            next_status(*asked)
        assert refusal.value.details == {"status": status, "action": action}
    else:
        with pytest.raises(NotAllowed):
            next_status(*asked)


def test_the_table_holds_these_moves_and_no_others():
    assert {(state, action, to) for (state, action, _), to in MOVES.items()} == {
        (None, Action.REQUEST, S),
        (S, Action.CONFIRM, C),
        (S, Action.DECLINE, X),
        (S, Action.CANCEL, X),
        (S, Action.EXPIRE, X),
        (S, Action.RESCHEDULE, S),
        (S, Action.PROPOSE, S),
        (S, Action.ACCEPT, C),
        (S, Action.REFUSE, S),
        (C, Action.CANCEL, X),
        (C, Action.RESCHEDULE, S),
        (C, Action.RESCHEDULE, C),
        (C, Action.PROPOSE, C),
        (C, Action.ACCEPT, C),
        (C, Action.REFUSE, C),
        (C, Action.START, P),
        (C, Action.COMPLETE, D),
        (C, Action.NO_SHOW, N),
        (P, Action.COMPLETE, D),
        (P, Action.NO_SHOW, N),
        (P, Action.CANCEL, X),
    }


def test_what_a_beneficiary_moves_is_a_request_again_and_what_an_administrator_moves_stays_confirmed():
    assert next_status(booking(C), Action.RESCHEDULE, actor(Role.BENEFICIARY, "party")) is S
    assert next_status(booking(C), Action.RESCHEDULE, actor(Role.ORG_ADMIN, "party")) is C
    with pytest.raises(NotAllowed):
        next_status(booking(C), Action.RESCHEDULE, actor(Role.CONSULTANT, "party"))


@pytest.mark.parametrize("status", Status)
def test_the_clock_only_ends_requests(status: Status):
    if status is S:
        assert next_status(booking(status), Action.EXPIRE, None) is X
    else:
        with pytest.raises(IllegalTransition):
            next_status(booking(status), Action.EXPIRE, None)
    with pytest.raises(NotAllowed):
        next_status(booking(status), Action.CONFIRM, None)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW])
def test_nothing_leads_out_of_an_ended_booking(status: Status):
    assert [action for (before, action, _) in MOVES if before is status] == []


@pytest.mark.parametrize("action", [Action.CONFIRM, Action.DECLINE, Action.PROPOSE, Action.START, Action.COMPLETE])
def test_a_beneficiary_does_not_act_for_the_consultant(action: Action):
    assert Role.BENEFICIARY not in ROLES_OF[action]


@pytest.mark.parametrize("action", [Action.ACCEPT, Action.REFUSE])
def test_only_the_beneficiary_answers_proposals(action: Action):
    assert ROLES_OF[action] == {Role.BENEFICIARY}


def test_a_session_under_way_is_broken_off_by_its_consultant_and_not_by_its_beneficiary():
    assert next_status(booking(P), Action.CANCEL, actor(Role.CONSULTANT, "party")) is X
    with pytest.raises(NotAllowed):
        next_status(booking(P), Action.CANCEL, actor(Role.BENEFICIARY, "party"))


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


def test_the_clock_ends_a_request_as_expired():
    assert cancellation_code(Action.EXPIRE, None) is CancellationCode.EXPIRED


@pytest.mark.parametrize("status", [S, C])
def test_the_deadline_passes_one_moment_after_it(status: Status):
    made_long_before = replace(booking(status), created_at=AT - 10 * A_DAY)
    assert not is_past_deadline(made_long_before, A_DAY, AT - A_DAY)
    assert is_past_deadline(made_long_before, A_DAY, AT - A_DAY + timedelta(seconds=1))


def test_a_request_made_after_its_own_deadline_can_be_withdrawn_until_it_is_confirmed_or_begins():
    made_late = replace(booking(S), created_at=AT - timedelta(hours=3))
    an_hour_before = AT - timedelta(hours=1)
    assert not is_past_deadline(made_late, A_DAY, an_hour_before)
    assert is_past_deadline(replace(made_late, status=C), A_DAY, an_hour_before)
    assert is_past_deadline(made_late, A_DAY, AT)


@pytest.mark.parametrize("role", Role)
def test_in_time_nobody_needs_a_reason(role: Role):
    assert require_in_time(actor(role, "party"), is_late=False, reason=None) is False


def test_past_the_deadline_a_beneficiary_is_refused_and_the_others_give_a_reason():
    with pytest.raises(BookingTooLate):
        require_in_time(actor(Role.BENEFICIARY, "party"), is_late=True, reason="malade")
    for role in (Role.CONSULTANT, Role.ORG_ADMIN):
        with pytest.raises(ReasonRequired):
            require_in_time(actor(role, "party"), is_late=True, reason=None)
        assert require_in_time(actor(role, "party"), is_late=True, reason="malade") is True


def test_a_session_is_opened_a_quarter_of_an_hour_early_at_most_and_over_from_its_start_on():
    quarter = timedelta(minutes=15)
    require_begun(booking(C), Action.START, AT - quarter)
    require_begun(booking(C), Action.COMPLETE, AT)
    for action, at in [
        (Action.START, AT - quarter - timedelta(seconds=1)),
        (Action.COMPLETE, AT - timedelta(seconds=1)),
        (Action.NO_SHOW, AT - timedelta(seconds=1)),
    ]:
        with pytest.raises(BookingTooEarly):
            require_begun(booking(C), action, at)


def test_an_answer_is_never_due_after_the_start():
    assert answer_deadline(DEFAULT_POLICY, AT, AT - 7 * A_DAY) == AT - 5 * A_DAY
    assert answer_deadline(DEFAULT_POLICY, AT, AT - timedelta(hours=2)) == AT
