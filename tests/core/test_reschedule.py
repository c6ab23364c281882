"""Moving a booking: same id, higher version, atomic; whose yes it needs; and what moves with it.

Peers, section 2: row 18 (reminders of the old time), row 22 (moving one leaves the others), row 24 (deadlines),
row 25 (nothing is moved that has ended).
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from creneau.core.domain.booking import Status
from creneau.core.domain.errors import (
    BeneficiaryBusy,
    BookingNotFound,
    BookingTooLate,
    HoursExhausted,
    IllegalTransition,
    ReasonRequired,
    Refusal,
    SameTime,
    SlotInThePast,
    SlotOutsideRules,
    SlotTaken,
    TextInvalid,
)
from creneau.core.domain.events import BookingRescheduled, TimesProposed
from creneau.core.domain.people import Role
from creneau.core.domain.policy import PolicyChoices
from creneau.core.domain.proposal import ProposalState
from creneau.core.domain.reminders import ReminderState
from creneau.core.services.reminders import ReminderService
from creneau.core.storage import policies
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, weekly

WEDNESDAY_AT_TEN = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
WEDNESDAY_AT_TWO = datetime(2026, 12, 2, 13, 0, tzinfo=UTC)
THURSDAY_AT_TEN = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)


def book(centre: Centre, starts_at: datetime = WEDNESDAY_AT_TEN):
    return centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, starts_at)
    )


def confirmed(centre: Centre, starts_at: datetime = WEDNESDAY_AT_TEN):
    return centre.scheduling.confirm_booking(centre.actor(centre.consultant), book(centre, starts_at).id)


def move(centre: Centre, who: str, booking_id, starts_at: datetime, **options):
    return centre.scheduling.reschedule_booking(centre.actor(getattr(centre, who)), booking_id, starts_at, **options)


def stands(centre: Centre, booking_id):
    return centre.scheduling.get_booking(centre.actor(centre.admin), booking_id)


def history(centre: Centre, booking_id):
    return centre.scheduling.get_booking_history(centre.actor(centre.admin), booking_id)


def free_starts(centre: Centre) -> set[datetime]:
    listed = centre.scheduling.get_available_slots_for_consultant(centre.actor(centre.admin), centre.consultant.id)
    return {time.span.starts_at for time in listed}


def test_what_a_beneficiary_moves_keeps_its_id_and_awaits_the_consultant_again(centre: Centre, clock: MovableClock):
    booking = confirmed(centre)
    clock.move(hours=1)

    moved = move(centre, "beneficiary", booking.id, WEDNESDAY_AT_TWO, reason="Train")

    assert (moved.id, moved.version, moved.status) == (booking.id, 3, Status.SCHEDULED)
    assert moved.span.starts_at == WEDNESDAY_AT_TWO
    assert moved.local.start.isoformat() == "14:00:00"
    assert moved.confirmed_at is None
    assert moved.answer_by == clock.now() + timedelta(hours=48)
    assert stands(centre, booking.id) == moved
    assert isinstance(centre.published.events[-1], BookingRescheduled)
    assert centre.published.events[-1].moved_from == WEDNESDAY_AT_TEN
    assert WEDNESDAY_AT_TEN in free_starts(centre)
    assert WEDNESDAY_AT_TWO not in free_starts(centre)


def test_the_history_tells_every_act_with_its_time_actor_and_reason(centre: Centre):
    booking = confirmed(centre)
    move(centre, "beneficiary", booking.id, WEDNESDAY_AT_TWO, reason="Train")

    told = history(centre, booking.id)

    assert [(e.version, e.action, e.status_before, e.status_after, e.actor_id, e.starts_at) for e in told] == [
        (1, "REQUEST", None, Status.SCHEDULED, centre.beneficiary.id, WEDNESDAY_AT_TEN),
        (2, "CONFIRM", Status.SCHEDULED, Status.CONFIRMED, centre.consultant.id, WEDNESDAY_AT_TEN),
        (3, "RESCHEDULE", Status.CONFIRMED, Status.SCHEDULED, centre.beneficiary.id, WEDNESDAY_AT_TWO),
    ]
    assert [entry.reason for entry in told] == [None, None, "Train"]
    assert not any(entry.is_override for entry in told)


def test_what_an_administrator_moves_stays_confirmed(centre: Centre):
    booking = confirmed(centre)

    moved = move(centre, "admin", booking.id, WEDNESDAY_AT_TWO)

    assert (moved.status, moved.confirmed_at) == (Status.CONFIRMED, booking.confirmed_at)
    assert moved.span.starts_at == WEDNESDAY_AT_TWO


def test_what_a_consultant_moves_is_a_proposal_and_the_booking_stays_meanwhile(centre: Centre):
    booking = confirmed(centre)

    asked = move(centre, "consultant", booking.id, WEDNESDAY_AT_TWO)

    assert (asked.span, asked.status, asked.version) == (booking.span, Status.CONFIRMED, 3)
    assert isinstance(centre.published.events[-1], TimesProposed)
    proposed = centre.scheduling.list_proposals(centre.actor(centre.beneficiary), booking.id)
    assert [(p.span.starts_at, p.state) for p in proposed] == [(WEDNESDAY_AT_TWO, ProposalState.OPEN)]


def test_a_move_onto_a_taken_time_is_refused_with_alternatives_and_the_old_time_is_kept(centre: Centre):
    booking = confirmed(centre)
    other, bilan = centre.add_beneficiary()
    centre.scheduling.create_session_booking(
        centre.actor(other), BookingRequest(bilan.id, centre.consultant.id, WEDNESDAY_AT_TWO)
    )

    with pytest.raises(SlotTaken) as refusal:
        move(centre, "beneficiary", booking.id, WEDNESDAY_AT_TWO)

    assert len(refusal.value.alternatives) == 3
    assert stands(centre, booking.id) == booking
    assert len(history(centre, booking.id)) == 2


@pytest.mark.parametrize(
    ("starts_at", "refusal"),
    [
        (datetime(2026, 11, 27, 9, 0, tzinfo=UTC), SlotInThePast),
        (WEDNESDAY_AT_TWO + timedelta(minutes=7), SlotOutsideRules),
        (WEDNESDAY_AT_TEN, SameTime),
    ],
)
def test_a_new_time_is_checked_like_that_of_a_booking(centre: Centre, starts_at: datetime, refusal: type[Refusal]):
    booking = confirmed(centre)

    with pytest.raises(refusal):
        move(centre, "beneficiary", booking.id, starts_at)

    assert stands(centre, booking.id) == booking


def test_a_session_moves_onto_a_time_that_overlaps_its_own(centre: Centre):
    centre.scheduling.create_availability_slot(
        centre.actor(centre.consultant), centre.consultant.id, weekly(3, "09:30", "16:30", 60)
    )
    booking = confirmed(centre)

    moved = move(centre, "beneficiary", booking.id, WEDNESDAY_AT_TEN + timedelta(minutes=30))

    assert moved.span.starts_at == WEDNESDAY_AT_TEN + timedelta(minutes=30)


def test_a_beneficiary_does_not_move_into_their_own_other_session(centre: Centre):
    colleague = centre.people.add_user(
        centre.organization, Role.CONSULTANT, "Julie Roux", f"{uuid4().hex}@example.org", slack_user_id=None
    )
    centre.scheduling.create_availability_slot(centre.actor(colleague), colleague.id, weekly(3, "14:00", "15:00", 60))
    centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, colleague.id, WEDNESDAY_AT_TWO)
    )
    booking = confirmed(centre)

    with pytest.raises(BeneficiaryBusy):
        move(centre, "beneficiary", booking.id, WEDNESDAY_AT_TWO)
    assert stands(centre, booking.id) == booking


def test_a_longer_session_needs_the_hours_that_are_added(centre: Centre):
    user, _ = centre.add_beneficiary()
    bilan = centre.people.open_bilan(user, centre.consultant, purchased_minutes=90)
    centre.scheduling.create_availability_slot(
        centre.actor(centre.consultant), centre.consultant.id, weekly(6, "10:00", "12:00", 120)
    )
    booking = centre.scheduling.create_session_booking(
        centre.actor(user), BookingRequest(bilan.id, centre.consultant.id, WEDNESDAY_AT_TEN)
    )

    with pytest.raises(HoursExhausted):
        centre.scheduling.reschedule_booking(centre.actor(user), booking.id, datetime(2026, 12, 5, 9, 0, tzinfo=UTC))
    assert stands(centre, booking.id) == booking


def test_past_the_deadline_a_beneficiary_is_refused_and_an_administrator_overrides_with_a_reason(
    centre: Centre, clock: MovableClock, database: Database
):
    set_a_day_as_deadline(centre, clock, database)
    booking = confirmed(centre)
    clock.set(WEDNESDAY_AT_TEN - timedelta(hours=23))

    with pytest.raises(BookingTooLate):
        move(centre, "beneficiary", booking.id, THURSDAY_AT_TEN, reason="Train")
    for who in ("admin", "consultant"):
        with pytest.raises(ReasonRequired):
            move(centre, who, booking.id, THURSDAY_AT_TEN, reason="  ")
    assert stands(centre, booking.id) == booking
    moved = move(centre, "admin", booking.id, THURSDAY_AT_TEN, reason="Grève")

    assert moved.span.starts_at == THURSDAY_AT_TEN
    last = history(centre, booking.id)[-1]
    assert (last.action, last.is_override, last.reason) == ("RESCHEDULE", True, "Grève")


def set_a_day_as_deadline(centre: Centre, clock: MovableClock, database: Database) -> None:
    choices = PolicyChoices(reschedule_deadline_minutes=24 * 60, cancellation_deadline_minutes=24 * 60)
    with database.transaction(centre.organization.id) as tx:
        policies.save(tx, centre.organization.id, uuid4(), None, choices, clock.now())


def test_without_a_policy_a_session_can_be_cancelled_until_it_begins(centre: Centre, clock: MovableClock):
    booking = confirmed(centre)
    clock.set(WEDNESDAY_AT_TEN - timedelta(minutes=1))

    cancelled = centre.scheduling.cancel_booking(centre.actor(centre.beneficiary), booking.id)

    assert not cancelled.is_late_cancellation


def test_the_deadlines_are_the_policy_s(centre: Centre, clock: MovableClock, database: Database):
    with database.transaction(centre.organization.id) as tx:
        choices = PolicyChoices(reschedule_deadline_minutes=60, cancellation_deadline_minutes=7 * 24 * 60)
        policies.save(tx, centre.organization.id, uuid4(), centre.consultant.id, choices, clock.now())
    booking = confirmed(centre)
    clock.set(WEDNESDAY_AT_TEN - timedelta(hours=23))

    with pytest.raises(BookingTooLate):
        centre.scheduling.cancel_booking(centre.actor(centre.beneficiary), booking.id)
    assert move(centre, "beneficiary", booking.id, THURSDAY_AT_TEN).span.starts_at == THURSDAY_AT_TEN


def test_a_late_cancellation_is_marked_and_overridden_only_with_a_reason(
    centre: Centre, clock: MovableClock, database: Database
):
    set_a_day_as_deadline(centre, clock, database)
    booking = confirmed(centre)
    clock.set(WEDNESDAY_AT_TEN - timedelta(hours=2))

    with pytest.raises(BookingTooLate):
        centre.scheduling.cancel_booking(centre.actor(centre.beneficiary), booking.id, "Malade")
    with pytest.raises(ReasonRequired):
        centre.scheduling.cancel_booking(centre.actor(centre.consultant), booking.id)
    cancelled = centre.scheduling.cancel_booking(centre.actor(centre.consultant), booking.id, "Malade")

    assert (cancelled.is_late_cancellation, cancelled.cancelled_at) == (True, clock.now())
    assert (cancelled.cancelled_by, cancelled.cancellation_reason) == (centre.consultant.id, "Malade")
    assert history(centre, booking.id)[-1].is_override


def test_a_cancellation_in_time_is_not_late(centre: Centre):
    booking = confirmed(centre)
    cancelled = centre.scheduling.cancel_booking(centre.actor(centre.beneficiary), booking.id)
    assert not cancelled.is_late_cancellation
    assert not history(centre, booking.id)[-1].is_override


def test_the_reminders_of_the_old_time_end_and_those_of_the_new_one_are_written(
    centre: Centre, database: Database, clock: MovableClock
):
    booking = confirmed(centre)

    moved = move(centre, "admin", booking.id, THURSDAY_AT_TEN)

    written = ReminderService(database, clock).list_of_booking(centre.actor(centre.admin), booking.id)
    old = [reminder for reminder in written if reminder.booking_version < moved.version]
    new = [reminder for reminder in written if reminder.booking_version == moved.version]
    assert {reminder.state for reminder in old} == {ReminderState.CANCELLED}
    assert {reminder.state for reminder in new} == {ReminderState.DUE}
    assert {reminder.scheduled_time for reminder in new} == {
        THURSDAY_AT_TEN - timedelta(hours=24),
        THURSDAY_AT_TEN - timedelta(hours=1),
        THURSDAY_AT_TEN - timedelta(minutes=15),  # its consultant can open it
        THURSDAY_AT_TEN.replace(hour=17),  # and is asked about it at six in the evening in Paris
    }


def test_moving_one_session_leaves_the_others(centre: Centre):
    first, second = confirmed(centre), confirmed(centre, THURSDAY_AT_TEN)

    move(centre, "beneficiary", first.id, WEDNESDAY_AT_TWO)

    assert stands(centre, second.id) == second


def test_what_has_ended_is_not_moved(centre: Centre):
    booking = confirmed(centre)
    cancelled = centre.scheduling.cancel_booking(centre.actor(centre.beneficiary), booking.id)

    for who in ("beneficiary", "consultant", "admin"):
        with pytest.raises(IllegalTransition):
            move(centre, who, booking.id, WEDNESDAY_AT_TWO)
    assert stands(centre, booking.id) == cancelled


def test_a_stranger_does_not_find_what_to_move(centre: Centre, other_centre: Centre):
    booking = confirmed(centre)
    stranger, _ = centre.add_beneficiary()

    for actor in (centre.actor(stranger), other_centre.actor(other_centre.admin)):
        with pytest.raises(BookingNotFound):
            centre.scheduling.reschedule_booking(actor, booking.id, WEDNESDAY_AT_TWO)
        with pytest.raises(BookingNotFound):
            centre.scheduling.get_booking_history(actor, booking.id)


def test_a_reason_that_cannot_be_kept_is_refused(centre: Centre):
    booking = confirmed(centre)
    with pytest.raises(TextInvalid):
        move(centre, "admin", booking.id, WEDNESDAY_AT_TWO, reason="x" * 501)
    assert stands(centre, booking.id) == booking


def test_a_session_moves_into_a_group_and_out_of_it(centre: Centre):
    centre.scheduling.create_availability_slot(
        centre.actor(centre.consultant), centre.consultant.id, weekly(6, "10:00", "12:00", 60, capacity=2)
    )
    saturday = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
    other, bilan = centre.add_beneficiary()
    centre.scheduling.create_session_booking(
        centre.actor(other), BookingRequest(bilan.id, centre.consultant.id, saturday)
    )
    booking = confirmed(centre)

    assert move(centre, "admin", booking.id, saturday).span.starts_at == saturday
    third, bilan = centre.add_beneficiary()
    with pytest.raises(SlotTaken):
        centre.scheduling.create_session_booking(
            centre.actor(third), BookingRequest(bilan.id, centre.consultant.id, saturday)
        )
    assert move(centre, "admin", booking.id, WEDNESDAY_AT_TWO).span.starts_at == WEDNESDAY_AT_TWO
    assert stands(centre, booking.id).status is Status.CONFIRMED
