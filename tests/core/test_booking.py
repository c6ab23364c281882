"""Booking through the service, on real Postgres as the runtime role."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from creneau.core.domain.booking import CancellationCode, SessionType, Status
from creneau.core.domain.errors import (
    BeneficiaryBusy,
    BilanNotFound,
    BookingNotFound,
    IllegalTransition,
    NotAllowed,
    Refusal,
    SlotBeyondHorizon,
    SlotInThePast,
    SlotOutsideRules,
    SlotTaken,
    TextInvalid,
    UserNotFound,
)
from creneau.core.domain.events import BookingCancelled, BookingConfirmed, BookingCreated, BookingDeclined
from creneau.core.domain.people import Role
from creneau.core.domain.reminders import ReminderState, ReminderType
from creneau.core.services.reminders import ReminderService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, weekly

TOMORROW_AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # 10:00 in Paris


def request_for(centre: Centre, starts_at: datetime = TOMORROW_AT_TEN) -> BookingRequest:
    return BookingRequest(centre.bilan.id, centre.consultant.id, starts_at)


def book(centre: Centre, starts_at: datetime = TOMORROW_AT_TEN):
    return centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request_for(centre, starts_at))


def test_a_beneficiary_books_a_listed_time_and_the_booking_awaits_the_consultant(centre: Centre):
    booking = book(centre)

    assert booking.status is Status.SCHEDULED
    assert booking.local.day == date(2026, 12, 1)
    assert booking.local.start.isoformat() == "10:00:00"
    assert booking.local.timezone == "Europe/Paris"
    assert booking.span.minutes == 60
    assert booking.session_type is SessionType.INITIAL_MEETING
    assert [type(event) for event in centre.published.events] == [BookingCreated]


def test_every_listed_time_can_be_booked(centre: Centre):
    listed = centre.scheduling.get_available_slots_for_consultant(
        centre.actor(centre.beneficiary), centre.consultant.id, date(2026, 12, 2), date(2026, 12, 3)
    )

    booked = [book(centre, time.span.starts_at) for time in listed]

    assert len(booked) == 16
    assert [booking.span for booking in booked] == [time.span for time in listed]


def test_a_booked_time_is_no_longer_listed_and_a_second_booking_is_refused_with_the_next_free_times(centre: Centre):
    first = book(centre)
    other, bilan = centre.add_beneficiary()

    with pytest.raises(SlotTaken) as refusal:
        centre.scheduling.create_session_booking(centre.actor(other), replace(request_for(centre), bilan_id=bilan.id))

    assert [time.span.starts_at for time in refusal.value.alternatives] == [
        datetime(2026, 12, 1, 10, 0, tzinfo=UTC),
        datetime(2026, 12, 1, 11, 0, tzinfo=UTC),
        datetime(2026, 12, 1, 12, 0, tzinfo=UTC),
    ]
    listed = centre.scheduling.get_available_slots_for_consultant(
        centre.actor(other), centre.consultant.id, date(2026, 12, 1), date(2026, 12, 1)
    )
    assert first.span.starts_at not in [time.span.starts_at for time in listed]
    assert len(listed) == 7


@pytest.mark.parametrize(
    ("starts_at", "refusal"),
    [
        (datetime(2026, 11, 30, 8, 0, tzinfo=UTC), SlotInThePast),
        (datetime(2020, 1, 6, 9, 0, tzinfo=UTC), SlotInThePast),
        (datetime(2026, 12, 1, 9, 1, tzinfo=UTC), SlotOutsideRules),
        (datetime(2026, 12, 5, 9, 0, tzinfo=UTC), SlotOutsideRules),
        (datetime(2027, 1, 12, 9, 0, tzinfo=UTC), SlotBeyondHorizon),
        (datetime(9999, 12, 28, 9, 0, tzinfo=UTC), SlotBeyondHorizon),
    ],
)
def test_a_time_that_is_not_offered_is_refused_with_its_reason_and_nothing_is_written(
    centre: Centre, starts_at: datetime, refusal: type[Refusal]
):
    with pytest.raises(refusal):
        book(centre, starts_at)

    assert centre.published.events == []
    assert centre.scheduling.get_beneficiary_bookings(centre.actor(centre.admin), centre.beneficiary.id) == []


def test_the_last_day_of_the_horizon_is_bookable(centre: Centre):
    assert book(centre, datetime(2027, 1, 11, 15, 0, tzinfo=UTC)).status is Status.SCHEDULED


def test_a_beneficiary_is_not_in_two_places_at_once(centre: Centre):
    colleague = centre.people.add_user(
        centre.organization, Role.CONSULTANT, "Julie Roux", "julie@example.org", slack_user_id=None
    )
    centre.scheduling.create_availability_slot(
        centre.actor(colleague), colleague.id, weekly(2, "09:30", "12:30", duration_minutes=90)
    )
    book(centre)

    with pytest.raises(BeneficiaryBusy):
        centre.scheduling.create_session_booking(
            centre.actor(centre.beneficiary),
            BookingRequest(centre.bilan.id, colleague.id, datetime(2026, 12, 1, 8, 30, tzinfo=UTC)),
        )
    listed = centre.scheduling.get_available_slots_for_consultant(
        centre.actor(centre.beneficiary),
        colleague.id,
        date(2026, 12, 1),
        date(2026, 12, 1),
        beneficiary_id=centre.beneficiary.id,
    )
    assert [time.local.start.isoformat() for time in listed] == ["11:00:00"]


def test_sessions_back_to_back_are_both_booked(centre: Centre):
    book(centre)

    assert book(centre, TOMORROW_AT_TEN + timedelta(hours=1)).session_type is SessionType.FOLLOW_UP


def test_somebody_elses_bilan_is_not_found(centre: Centre, other_centre: Centre):
    stranger, _ = centre.add_beneficiary()

    with pytest.raises(BilanNotFound):
        centre.scheduling.create_session_booking(centre.actor(stranger), request_for(centre))
    with pytest.raises(BilanNotFound):
        centre.scheduling.create_session_booking(
            centre.actor(centre.beneficiary), replace(request_for(centre), bilan_id=other_centre.bilan.id)
        )


def test_a_consultant_of_another_organization_is_not_found(centre: Centre, other_centre: Centre):
    with pytest.raises(UserNotFound):
        centre.scheduling.create_session_booking(
            centre.actor(centre.beneficiary), replace(request_for(centre), consultant_id=other_centre.consultant.id)
        )


def test_a_beneficiary_cannot_be_booked_as_a_consultant(centre: Centre):
    with pytest.raises(UserNotFound):
        centre.scheduling.create_session_booking(
            centre.actor(centre.beneficiary), replace(request_for(centre), consultant_id=centre.beneficiary.id)
        )


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://plain.example", "https://a b", "x" * 501])
def test_a_meeting_link_must_be_https(centre: Centre, link: str):
    with pytest.raises(TextInvalid):
        centre.scheduling.create_session_booking(
            centre.actor(centre.beneficiary), replace(request_for(centre), meeting_link=link)
        )


@pytest.mark.parametrize("location", ["room\x00", "a\rb", "\ud800", "x" * 256])
def test_control_characters_and_long_texts_are_refused(centre: Centre, location: str):
    with pytest.raises(TextInvalid):
        centre.scheduling.create_session_booking(
            centre.actor(centre.beneficiary), replace(request_for(centre), meeting_location=location)
        )


def test_the_consultant_confirms(centre: Centre, clock: MovableClock):
    booking = book(centre)
    clock.move(hours=1)

    confirmed = centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)

    assert confirmed.status is Status.CONFIRMED
    assert confirmed.version == 2
    assert confirmed.confirmed_at == clock.now()
    assert isinstance(centre.published.events[-1], BookingConfirmed)
    assert centre.scheduling.get_booking(centre.actor(centre.beneficiary), booking.id) == confirmed


def test_a_second_confirmation_is_refused_with_the_state_and_changes_nothing(centre: Centre):
    booking = book(centre)
    confirmed = centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)

    with pytest.raises(IllegalTransition) as refusal:
        centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)

    assert refusal.value.details["status"] == "CONFIRMED"
    assert centre.scheduling.get_booking(centre.actor(centre.consultant), booking.id) == confirmed


def test_a_beneficiary_cannot_confirm_or_decline(centre: Centre):
    booking = book(centre)

    with pytest.raises(NotAllowed):
        centre.scheduling.confirm_booking(centre.actor(centre.beneficiary), booking.id)
    with pytest.raises(NotAllowed):
        centre.scheduling.decline_booking(centre.actor(centre.beneficiary), booking.id)


def test_a_request_cannot_be_confirmed_once_its_time_has_come(centre: Centre, clock: MovableClock):
    booking = book(centre)
    clock.set(TOMORROW_AT_TEN)

    with pytest.raises(SlotInThePast):
        centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)


def test_declining_frees_the_time(centre: Centre):
    booking = book(centre)

    declined = centre.scheduling.decline_booking(centre.actor(centre.consultant), booking.id)

    assert declined.status is Status.CANCELLED
    assert declined.cancellation_code is CancellationCode.DECLINED
    assert declined.cancelled_by == centre.consultant.id
    assert isinstance(centre.published.events[-1], BookingDeclined)
    assert book(centre).status is Status.SCHEDULED


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("beneficiary", CancellationCode.BY_BENEFICIARY),
        ("consultant", CancellationCode.BY_CONSULTANT),
        ("admin", CancellationCode.BY_ADMIN),
    ],
)
def test_either_side_cancels_a_confirmed_session_and_its_reminders_end(
    centre: Centre, database: Database, clock: MovableClock, who: str, code: CancellationCode
):
    booking = book(centre)
    centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)
    actor = centre.actor(getattr(centre, who))

    cancelled = centre.scheduling.cancel_booking(actor, booking.id, "Imprévu")

    assert cancelled.cancellation_code is code
    assert cancelled.cancellation_reason == "Imprévu"
    assert isinstance(centre.published.events[-1], BookingCancelled)
    reminders = ReminderService(database, clock).list_of_booking(actor, booking.id)
    assert ReminderState.DUE not in {reminder.state for reminder in reminders}


def test_a_stranger_does_not_find_the_booking(centre: Centre, other_centre: Centre):
    booking = book(centre)
    stranger, _ = centre.add_beneficiary()

    for actor in (centre.actor(stranger), other_centre.actor(other_centre.admin)):
        with pytest.raises(BookingNotFound):
            other_centre.scheduling.get_booking(actor, booking.id)
        with pytest.raises(BookingNotFound):
            other_centre.scheduling.cancel_booking(actor, booking.id)


def test_reminders_are_written_with_the_booking_and_those_already_due_are_skipped(
    centre: Centre, database: Database, clock: MovableClock
):
    clock.set(datetime(2026, 11, 30, 13, 0, tzinfo=UTC))  # 20 hours before
    booking = book(centre)

    reminders = ReminderService(database, clock).list_of_booking(centre.actor(centre.consultant), booking.id)

    chases = {ReminderType.CONSULTANT_CHASE, ReminderType.CONSULTANT_LAST_CHASE}
    assert {(reminder.type, reminder.state) for reminder in reminders if reminder.type not in chases} == {
        (ReminderType.BENEFICIARY_24H, ReminderState.SKIPPED),
        (ReminderType.CONSULTANT_24H, ReminderState.SKIPPED),
        (ReminderType.BENEFICIARY_1H, ReminderState.DUE),
        (ReminderType.CONSULTANT_1H, ReminderState.DUE),
    }
    recipients = {reminder.type: reminder.recipient_id for reminder in reminders}
    assert recipients[ReminderType.BENEFICIARY_1H] == centre.beneficiary.id
    assert recipients[ReminderType.CONSULTANT_1H] == centre.consultant.id


def test_a_group_slot_takes_as_many_as_its_capacity(centre: Centre):
    slot = centre.scheduling.create_availability_slot(
        centre.actor(centre.consultant), centre.consultant.id, weekly(6, "10:00", "12:00", 60, capacity=3)
    )
    saturday = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)

    for _ in range(3):
        user, bilan = centre.add_beneficiary()
        booking = centre.scheduling.create_session_booking(
            centre.actor(user), BookingRequest(bilan.id, centre.consultant.id, saturday)
        )
        assert booking.slot_id == slot.id

    user, bilan = centre.add_beneficiary()
    with pytest.raises(SlotTaken):
        centre.scheduling.create_session_booking(
            centre.actor(user), BookingRequest(bilan.id, centre.consultant.id, saturday)
        )


def test_nobody_reads_the_bookings_of_a_stranger(centre: Centre):
    book(centre)
    stranger, _ = centre.add_beneficiary()

    with pytest.raises(UserNotFound):
        centre.scheduling.get_beneficiary_bookings(centre.actor(stranger), centre.beneficiary.id)
    assert len(centre.scheduling.get_consultant_bookings(centre.actor(centre.consultant), centre.consultant.id)) == 1


def test_of_two_rules_that_offer_one_start_the_one_that_is_free_is_booked(centre: Centre):
    for minutes in (120, 60):
        centre.scheduling.create_availability_slot(
            centre.actor(centre.consultant), centre.consultant.id, weekly(6, "09:00", "13:00", minutes)
        )
    other, bilan = centre.add_beneficiary()
    ten, nine = datetime(2026, 12, 5, 9, 0, tzinfo=UTC), datetime(2026, 12, 5, 8, 0, tzinfo=UTC)
    centre.scheduling.create_session_booking(centre.actor(other), BookingRequest(bilan.id, centre.consultant.id, ten))

    assert book(centre, nine).span.minutes == 60


def test_a_filter_that_leaves_nothing_is_an_empty_list(centre: Centre):
    listed = centre.scheduling.get_beneficiary_bookings(
        centre.actor(centre.consultant), centre.beneficiary.id, statuses=frozenset({Status.COMPLETED})
    )

    assert listed == []
