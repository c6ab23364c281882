"""FeedService: who a token speaks for, and what each feed holds."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from creneau.core.domain.booking import Booking
from creneau.core.domain.feeds import FeedKind, FeedOwner, merge_bookable_times
from creneau.core.domain.people import User
from creneau.core.domain.policy import PolicyChoices
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.feeds import FeedService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import MONDAY, Centre, MovableClock, new_id


@pytest.fixture
def service(database: Database, clock: MovableClock) -> FeedService:
    return FeedService(database, clock, new_id)


def book(centre: Centre, nth: int = 5) -> Booking:
    beneficiary = centre.actor(centre.beneficiary)
    free = centre.scheduling.get_available_slots_for_consultant(beneficiary, centre.consultant.id)
    request = BookingRequest(centre.bilan.id, centre.consultant.id, free[nth].span.starts_at)
    return centre.scheduling.create_session_booking(beneficiary, request)


def confirm(centre: Centre, booking: Booking) -> Booking:
    return centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)


def owner(user: User, kind: FeedKind = FeedKind.SESSIONS) -> FeedOwner:
    return FeedOwner(user.organization_id, user, kind)


@pytest.mark.parametrize("kind", list(FeedKind))
def test_a_token_speaks_for_its_owner_and_one_feed(service: FeedService, centre: Centre, kind: FeedKind) -> None:
    token = service.issue_feed_token(centre.beneficiary, kind)
    assert service.find_owner(token) == FeedOwner(centre.organization.id, centre.beneficiary, kind)


def test_a_new_token_ends_the_one_before_and_no_other(service: FeedService, centre: Centre) -> None:
    old = service.issue_feed_token(centre.consultant, FeedKind.SESSIONS)
    busy = service.issue_feed_token(centre.consultant, FeedKind.BUSY)
    new = service.issue_feed_token(centre.consultant, FeedKind.SESSIONS)
    assert service.find_owner(old) is None
    assert service.find_owner(new) is not None
    assert service.find_owner(busy) is not None


@pytest.mark.parametrize("token", ["", "x", "\x00", "é" * 40, "' or true --"])
def test_an_unknown_token_speaks_for_nobody(service: FeedService, centre: Centre, token: str) -> None:
    service.issue_feed_token(centre.consultant, FeedKind.SESSIONS)
    assert service.find_owner(token) is None


def test_only_the_hash_of_a_token_is_stored(service: FeedService, centre: Centre, database: Database) -> None:
    token = service.issue_feed_token(centre.consultant, FeedKind.SESSIONS)
    with database.transaction(centre.organization.id) as tx:
        stored = tx.scalar(text("select token_hash from feed_tokens"))
    assert len(stored) == 32
    assert token.encode() not in stored


def test_the_token_of_somebody_who_left_opens_nothing(service: FeedService, centre: Centre, database: Database) -> None:
    token = service.issue_feed_token(centre.beneficiary, FeedKind.SESSIONS)
    with database.transaction(centre.organization.id) as tx:
        tx.execute(text("update users set deleted_at = now() where id = :id"), {"id": centre.beneficiary.id})
    assert service.find_owner(token) is None


def test_both_sides_see_confirmed_sessions_and_no_requests(service: FeedService, centre: Centre) -> None:
    confirmed, _request = confirm(centre, book(centre, 5)), book(centre, 9)
    for user in (centre.consultant, centre.beneficiary):
        assert service.list_sessions(owner(user)).bookings == (confirmed,)
    assert service.list_sessions(owner(centre.admin)).bookings == ()


def test_a_cancelled_session_leaves_and_moves_the_time_of_the_last_change(
    service: FeedService, centre: Centre, clock: MovableClock
) -> None:
    booking = confirm(centre, book(centre))
    before = service.list_sessions(owner(centre.beneficiary))
    clock.move(hours=1)
    centre.scheduling.cancel_booking(centre.actor(centre.admin), booking.id, "Grève")
    after = service.list_sessions(owner(centre.beneficiary))
    assert after.bookings == ()
    assert before.modified_at == MONDAY
    assert after.modified_at == MONDAY + timedelta(hours=1)


def test_sessions_older_than_ninety_days_are_left_out(
    service: FeedService, centre: Centre, clock: MovableClock
) -> None:
    booking = confirm(centre, book(centre))
    clock.set(booking.span.starts_at + timedelta(days=90))
    assert service.list_sessions(owner(centre.beneficiary)).bookings == (booking,)
    clock.move(minutes=1)
    assert service.list_sessions(owner(centre.beneficiary)).bookings == ()


def test_bookable_hours_run_on_until_a_session_interrupts_them(service: FeedService, centre: Centre) -> None:
    whole = service.list_bookable_hours(owner(centre.consultant))
    tuesday = next(run for run in whole if run.span.starts_at.isoweekday() == 2)
    assert tuesday.span.minutes == 8 * 60
    free = centre.scheduling.get_available_slots_for_consultant(centre.actor(centre.admin), centre.consultant.id)
    at_ten = next(
        n for n, time in enumerate(free) if time.span.starts_at == tuesday.span.starts_at + timedelta(hours=1)
    )
    book(centre, at_ten)
    runs = [run for run in service.list_bookable_hours(owner(centre.consultant)) if run.span.overlaps(tuesday.span)]
    assert [run.span.minutes for run in runs] == [60, 6 * 60]


def test_bookable_hours_reach_six_weeks_ahead(service: FeedService, centre: Centre) -> None:
    last = service.list_bookable_hours(owner(centre.consultant))[-1]
    assert timedelta(days=41) <= last.span.starts_at - MONDAY <= timedelta(days=43)


def test_only_consultants_have_bookable_hours(service: FeedService, centre: Centre) -> None:
    assert service.list_bookable_hours(owner(centre.beneficiary)) == []
    assert service.list_bookable_hours(owner(centre.admin)) == []


def test_hours_of_different_rules_are_not_joined(centre: Centre) -> None:
    free = centre.scheduling.get_available_slots_for_consultant(centre.actor(centre.admin), centre.consultant.id)
    assert {run.slot_id for run in merge_bookable_times(free)} == {slot.id for slot in centre.slots}
    assert merge_bookable_times(reversed(free)) == merge_bookable_times(free)
    assert merge_bookable_times([]) == []


def test_hours_are_shown_as_far_ahead_as_the_policy_says(
    service: FeedService, centre: Centre, database: Database, clock: MovableClock
) -> None:
    availability = AvailabilityService(database, clock, new_id)
    for days in (10, 120):
        availability.set_policy(centre.actor(centre.admin), None, PolicyChoices(horizon_days=days))
        last = service.list_bookable_hours(owner(centre.consultant, FeedKind.AVAILABILITY))[-1]
        assert timedelta(days=days - 3) < last.span.starts_at - clock.now() < timedelta(days=days + 1)
