"""FeedService: who a token speaks for, and what each feed holds."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from creneau.core.domain.booking import Booking, SessionType
from creneau.core.domain.calendar_words import CalendarDetail, Told
from creneau.core.domain.feeds import (
    CalendarProgram,
    Feed,
    FeedFetch,
    FeedKind,
    FeedOwner,
    FeedSession,
    IssuedFeed,
    merge_bookable_times,
)
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
    return FeedOwner(user.organization_id, user.id, user.role, user.locale, user.timezone, kind)


def shown(booking: Booking, user: User) -> FeedSession:
    return FeedSession(
        str(booking.id),
        booking.consultant_id == user.id,
        booking.span.starts_at,
        booking.span.ends_at,
        booking.version,
        booking.updated_at,
        booking.meeting_format,
        booking.meeting_location,
    )


@pytest.mark.parametrize("kind", list(FeedKind))
def test_a_token_speaks_for_its_owner_and_one_feed(service: FeedService, centre: Centre, kind: FeedKind) -> None:
    token = service.issue_feed_token(centre.beneficiary, kind)
    opened = service.open_feed(token, kind)
    assert opened.owner == owner(centre.beneficiary, kind)
    assert [service.open_feed(token, other) for other in FeedKind if other is not kind] == [None, None]


def test_a_new_token_ends_the_one_before_and_no_other(service: FeedService, centre: Centre) -> None:
    old = service.issue_feed_token(centre.consultant, FeedKind.SESSIONS)
    busy = service.issue_feed_token(centre.consultant, FeedKind.BUSY)
    new = service.issue_feed_token(centre.consultant, FeedKind.SESSIONS)
    assert service.open_feed(old, FeedKind.SESSIONS) is None
    assert service.open_feed(new, FeedKind.SESSIONS) is not None
    assert service.open_feed(busy, FeedKind.BUSY) is not None


@pytest.mark.parametrize("token", ["", "x", "\x00", "é" * 40, "' or true --"])
def test_an_unknown_token_speaks_for_nobody(service: FeedService, centre: Centre, token: str) -> None:
    service.issue_feed_token(centre.consultant, FeedKind.SESSIONS)
    assert service.open_feed(token, FeedKind.SESSIONS) is None


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
    assert service.open_feed(token, FeedKind.SESSIONS) is None


def test_a_feed_tells_what_the_centre_lets_it_and_is_made_anew_when_that_changes(
    service: FeedService, centre: Centre, database: Database, clock: MovableClock
) -> None:
    confirm(centre, book(centre, 5))
    clock.move(minutes=5)
    token = service.issue_feed_token(centre.beneficiary, FeedKind.SESSIONS)
    service.record_fetch(service.open_feed(token, FeedKind.SESSIONS), CalendarProgram.APPLE, "etag")
    assert service.find_etag(service.open_feed(token, FeedKind.SESSIONS)) == "etag"
    availability = AvailabilityService(database, clock, new_id)
    availability.set_policy(centre.actor(centre.admin), None, PolicyChoices(calendar_detail=CalendarDetail.DETAILED))
    assert service.find_etag(service.open_feed(token, FeedKind.SESSIONS)) is None
    for person, other in ((centre.beneficiary, centre.consultant), (centre.consultant, centre.beneficiary)):
        [session] = service.list_sessions(owner(person))
        assert session.told == Told(other.name, SessionType.INITIAL_MEETING)


def test_both_sides_see_confirmed_sessions_and_no_requests(service: FeedService, centre: Centre) -> None:
    confirmed, _request = confirm(centre, book(centre, 5)), book(centre, 9)
    for user in (centre.consultant, centre.beneficiary):
        assert service.list_sessions(owner(user)) == [shown(confirmed, user)]
    assert service.list_sessions(owner(centre.admin)) == []


def test_a_cancelled_session_leaves_and_moves_the_time_of_the_last_change(
    service: FeedService, centre: Centre, clock: MovableClock
) -> None:
    booking = confirm(centre, book(centre))
    token = service.issue_feed_token(centre.beneficiary, FeedKind.SESSIONS)
    before = service.open_feed(token, FeedKind.SESSIONS)
    clock.move(hours=1)
    centre.scheduling.cancel_booking(centre.actor(centre.admin), booking.id, "Grève")
    after = service.open_feed(token, FeedKind.SESSIONS)
    assert service.list_sessions(after.owner) == []
    assert before.changed_at == MONDAY
    assert after.changed_at == MONDAY + timedelta(hours=1)


def test_sessions_older_than_ninety_days_are_left_out(
    service: FeedService, centre: Centre, clock: MovableClock
) -> None:
    booking = confirm(centre, book(centre))
    midnight = booking.span.starts_at.replace(hour=0, minute=0)
    clock.set(midnight + timedelta(days=90, hours=23))
    assert service.list_sessions(owner(centre.beneficiary)) == [shown(booking, centre.beneficiary)]
    clock.move(hours=1)
    assert service.list_sessions(owner(centre.beneficiary)) == []


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


def test_an_hour_that_shrinks_grows_goes_and_comes_back_has_a_higher_sequence_each_time(
    service: FeedService, centre: Centre, clock: MovableClock
) -> None:
    consultant = owner(centre.consultant, FeedKind.AVAILABILITY)
    first = service.list_bookable_hours(consultant)
    tuesday = next(hours for hours in first if hours.span.starts_at.isoweekday() == 2)
    assert {hours.sequence for hours in first} == {0}

    def told() -> tuple[int, int] | None:
        hours = {hours.span.starts_at: hours for hours in service.list_bookable_hours(consultant)}
        found = hours.get(tuesday.span.starts_at)
        return (found.span.minutes, found.sequence) if found else None

    def nth(starts_at: datetime) -> int:
        free = centre.scheduling.get_available_slots_for_consultant(centre.actor(centre.admin), centre.consultant.id)
        return next(n for n, time in enumerate(free) if time.span.starts_at == starts_at)

    clock.move(minutes=10)
    at_ten = book(centre, nth(tuesday.span.starts_at + timedelta(hours=1)))
    assert told() == (60, 1)
    changed = {hours.changed_at for hours in service.list_bookable_hours(consultant)}
    assert changed == {MONDAY, MONDAY + timedelta(minutes=10)}
    at_nine = book(centre, nth(tuesday.span.starts_at))
    assert told() is None
    for booking, expected in ((at_nine, (60, 3)), (at_ten, (480, 4))):
        centre.scheduling.cancel_booking(centre.actor(centre.admin), booking.id, "Grève")
        assert told() == expected
    assert told() == (480, 4)


def test_what_a_feed_said_counts_until_anything_it_says_changes(
    service: FeedService, centre: Centre, clock: MovableClock, database: Database
) -> None:
    booking = confirm(centre, book(centre, 20))
    token = service.issue_feed_token(centre.beneficiary, FeedKind.SESSIONS)

    def feed() -> Feed:
        return service.open_feed(token, FeedKind.SESSIONS)

    service.record_fetch(feed(), CalendarProgram.APPLE, "a")
    assert service.find_etag(feed()) is None  # another change may be under way
    clock.move(minutes=3)
    service.record_fetch(feed(), CalendarProgram.APPLE, "b")
    assert service.find_etag(feed()) == "b"
    for change in (
        lambda: clock.move(days=1),
        lambda: centre.scheduling.cancel_booking(centre.actor(centre.admin), booking.id, "Grève"),
        lambda: speak_english(database, centre),
    ):
        change()
        assert service.find_etag(feed()) is None
        clock.move(minutes=3)
        service.record_fetch(feed(), CalendarProgram.APPLE, "c")
        assert service.find_etag(feed()) == "c"
    assert FeedService(database, clock, new_id, "another rendering").find_etag(feed()) is None


def test_who_fetched_a_feed_is_known_and_written_when_it_is_news(
    service: FeedService, centre: Centre, clock: MovableClock
) -> None:
    actor = centre.actor(centre.beneficiary)
    token = service.issue_feed_token(centre.beneficiary, FeedKind.SESSIONS)

    def fetch_by(program: CalendarProgram) -> FeedFetch:
        service.record_fetch(service.open_feed(token, FeedKind.SESSIONS), program)
        return service.list_issued(actor)[FeedKind.SESSIONS].fetch

    assert service.list_issued(actor)[FeedKind.SESSIONS].fetch is None
    assert fetch_by(CalendarProgram.APPLE) == FeedFetch(MONDAY, CalendarProgram.APPLE)
    clock.move(minutes=4)
    assert fetch_by(CalendarProgram.APPLE).at == MONDAY
    assert fetch_by(CalendarProgram.GOOGLE) == FeedFetch(clock.now(), CalendarProgram.GOOGLE)
    clock.move(minutes=5)
    assert fetch_by(CalendarProgram.GOOGLE).at == clock.now()
    service.issue_feed_token(centre.beneficiary, FeedKind.SESSIONS)
    assert service.list_issued(actor)[FeedKind.SESSIONS] == IssuedFeed(clock.now(), None)


def speak_english(database: Database, centre: Centre) -> None:
    with database.transaction(centre.organization.id) as tx:
        tx.execute(text("update users set locale = 'en' where id = :id"), {"id": centre.beneficiary.id})
