"""Which buttons there are: what the core says is possible now is what it then allows, and when it chases an answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.chasing import plan_chases
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.lifecycle import Action, free_until, is_locked_out, needs_reason, possible_actions
from creneau.core.domain.people import Role, User
from creneau.core.domain.policy import DEFAULT_POLICY
from creneau.core.domain.reminders import (
    BENEFICIARY_CHASES,
    CONSULTANT_CHASES,
    ReminderState,
    ReminderType,
    reason_to_skip,
)
from creneau.core.services.reminders import ReminderService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock

AT = datetime(2026, 12, 4, 9, 0, tzinfo=UTC)  # a Friday, ten in Paris
A_DAY = timedelta(days=1)
AN_HOUR = timedelta(hours=1)
WITH_DEADLINES = replace(DEFAULT_POLICY, cancellation_deadline_minutes=24 * 60, reschedule_deadline_minutes=24 * 60)


@pytest.fixture
def booking(centre: Centre) -> Booking:
    request = BookingRequest(centre.bilan.id, centre.consultant.id, AT)
    return centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request)


def possible(centre: Centre, booking: Booking, who: str, now: datetime, **more: bool) -> set[Action]:
    actor = centre.actor(getattr(centre, who))
    return set(possible_actions(booking, actor, WITH_DEADLINES, now, **more))


def test_a_request_is_answered_by_its_consultant_and_changed_by_its_beneficiary(centre: Centre, booking: Booking):
    before = AT - 2 * A_DAY
    assert possible(centre, booking, "consultant", before) == {
        Action.CONFIRM,
        Action.PROPOSE,
        Action.DECLINE,
        Action.CANCEL,
    }
    assert possible(centre, booking, "beneficiary", before) == {Action.CANCEL, Action.RESCHEDULE}
    answers = possible(centre, booking, "beneficiary", before, is_proposed_to=True)
    assert answers == {Action.CANCEL, Action.RESCHEDULE, Action.ACCEPT, Action.REFUSE}


def test_past_its_deadline_a_beneficiary_is_locked_out_and_a_consultant_gives_a_reason(
    centre: Centre, booking: Booking
):
    confirmed = replace(booking, status=Status.CONFIRMED)
    late = AT - A_DAY + timedelta(seconds=1)
    beneficiary, consultant = centre.actor(centre.beneficiary), centre.actor(centre.consultant)

    assert free_until(confirmed, WITH_DEADLINES.cancellation_deadline) == AT - A_DAY
    assert possible(centre, confirmed, "beneficiary", AT - A_DAY) == {Action.CANCEL, Action.RESCHEDULE}
    assert possible(centre, confirmed, "beneficiary", late) == set()
    assert is_locked_out(confirmed, beneficiary, WITH_DEADLINES, Action.CANCEL, late)
    assert not is_locked_out(confirmed, beneficiary, WITH_DEADLINES, Action.CANCEL, AT - A_DAY)
    assert not is_locked_out(
        replace(booking, status=Status.CANCELLED), beneficiary, WITH_DEADLINES, Action.CANCEL, late
    )
    assert Action.CANCEL in possible(centre, confirmed, "consultant", late)
    assert needs_reason(confirmed, consultant, WITH_DEADLINES, Action.CANCEL, late)
    assert not needs_reason(confirmed, consultant, WITH_DEADLINES, Action.CANCEL, AT - A_DAY)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (AT - timedelta(minutes=16), {Action.CANCEL, Action.PROPOSE}),
        (AT - timedelta(minutes=15), {Action.CANCEL, Action.PROPOSE, Action.START}),
        (AT, {Action.CANCEL, Action.START, Action.COMPLETE, Action.NO_SHOW}),
        (AT + AN_HOUR, {Action.CANCEL, Action.COMPLETE, Action.NO_SHOW}),
    ],
)
def test_what_records_a_session_comes_when_it_is_time(
    centre: Centre, booking: Booking, moment: datetime, expected: set[Action]
):
    confirmed = replace(booking, status=Status.CONFIRMED)
    assert possible(centre, confirmed, "consultant", moment) == expected
    assert possible(centre, confirmed, "beneficiary", moment) == set()


def test_strangers_and_ended_sessions_have_no_buttons(centre: Centre, booking: Booking):
    stranger, _ = centre.add_beneficiary()
    assert not possible_actions(booking, centre.actor(stranger), DEFAULT_POLICY, AT - A_DAY)
    for ended in (Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW):
        for who in ("consultant", "beneficiary", "admin"):
            assert possible(centre, replace(booking, status=ended), who, AT - A_DAY) == set()


def chases(
    now: datetime, answer_by: datetime, last_chase_minutes: int = 240
) -> dict[ReminderType, tuple[object, object]]:
    paul = User(
        UserId(UUID(int=1)), OrganizationId(UUID(int=2)), Role.CONSULTANT, "P", "p@x.org", "Europe/Paris", "fr", None
    )
    policy = replace(DEFAULT_POLICY, last_chase_minutes=last_chase_minutes)
    planned = plan_chases(CONSULTANT_CHASES, paul, answer_by, policy, now)
    return {one.type: (one.scheduled_time, one.state) for one in planned}


MONDAY_NINE = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def test_an_answer_is_chased_at_half_of_its_time_and_before_it_ends():
    assert chases(MONDAY_NINE, MONDAY_NINE + timedelta(hours=10)) == {
        ReminderType.CONSULTANT_CHASE: (MONDAY_NINE + timedelta(hours=5), ReminderState.DUE),
        ReminderType.CONSULTANT_LAST_CHASE: (MONDAY_NINE + timedelta(hours=6), ReminderState.DUE),
    }


def test_chases_keep_out_of_quiet_hours_on_the_side_that_leaves_time_to_answer():
    by = MONDAY_NINE + timedelta(hours=48)  # half is on Tuesday at nine, the last chase would be on Wednesday at five
    assert chases(MONDAY_NINE, by)[ReminderType.CONSULTANT_LAST_CHASE] == (
        datetime(2026, 12, 1, 18, 59, tzinfo=UTC),
        ReminderState.DUE,
    )
    friday_evening = datetime(2026, 12, 4, 18, 0, tzinfo=UTC)
    half = chases(friday_evening, friday_evening + timedelta(hours=72))[ReminderType.CONSULTANT_CHASE]
    assert half == (datetime(2026, 12, 7, 7, 0, tzinfo=UTC), ReminderState.DUE), "not on Sunday: on Monday at eight"


def test_a_chase_for_which_there_is_no_room_is_skipped_and_none_is_planned_where_nobody_wants_them():
    soon = chases(MONDAY_NINE, MONDAY_NINE + timedelta(hours=3))
    assert {state for _, state in soon.values()} == {ReminderState.DUE, ReminderState.SKIPPED}
    assert soon[ReminderType.CONSULTANT_CHASE][1] is ReminderState.DUE
    assert chases(MONDAY_NINE, MONDAY_NINE + A_DAY, last_chase_minutes=0) == {}


@pytest.mark.parametrize("type_", [*CONSULTANT_CHASES, *BENEFICIARY_CHASES])
def test_a_chase_is_not_sent_once_it_is_answered_or_too_late(booking: Booking, type_: ReminderType):
    assert reason_to_skip(type_, booking, MONDAY_NINE) is None
    assert booking.answer_by is not None
    assert reason_to_skip(type_, booking, booking.answer_by) == "too_late"
    assert reason_to_skip(type_, replace(booking, status=Status.CANCELLED), MONDAY_NINE) == "answered"


@pytest.mark.parametrize("answer", ["confirm", "propose", "decline"])
def test_an_answer_cancels_its_chases_in_its_own_transaction(
    centre: Centre, booking: Booking, database: Database, clock: MovableClock, answer: str
):
    consultant, scheduling = centre.actor(centre.consultant), centre.scheduling
    if answer == "confirm":
        scheduling.confirm_booking(consultant, booking.id)
    elif answer == "decline":
        scheduling.decline_booking(consultant, booking.id)
    else:
        scheduling.propose_times(consultant, booking.id, [AT - A_DAY])

    written = ReminderService(database, clock).list_of_booking(consultant, booking.id)
    assert {one.state for one in written if one.type in CONSULTANT_CHASES} == {ReminderState.CANCELLED}
    asked = {one.type for one in written if one.state is ReminderState.DUE} & set(BENEFICIARY_CHASES)
    assert asked == (set(BENEFICIARY_CHASES) if answer == "propose" else set())


def test_a_refusal_chases_the_consultant_anew(
    centre: Centre, booking: Booking, database: Database, clock: MovableClock
):
    consultant = centre.actor(centre.consultant)
    centre.scheduling.propose_times(consultant, booking.id, [AT - A_DAY])
    centre.scheduling.refuse_proposals(centre.actor(centre.beneficiary), booking.id)

    written = ReminderService(database, clock).list_of_booking(consultant, booking.id)
    due = {one.type for one in written if one.state is ReminderState.DUE}
    assert set(CONSULTANT_CHASES) <= due
    assert not due & set(BENEFICIARY_CHASES)
