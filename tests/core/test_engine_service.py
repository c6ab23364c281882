"""Listing, booking and explaining through the services, on real Postgres: they never disagree."""

import random
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.booking import Booking
from creneau.core.domain.busy import BusyObject, BusyReading
from creneau.core.domain.errors import (
    InvalidPolicy,
    InvalidTimeRange,
    NotAllowed,
    Refusal,
    SlotBusyElsewhere,
    SlotBusyUnknown,
    SlotInBuffer,
    SlotInTimeOff,
    SlotNotFound,
    SlotOnHoliday,
    SlotOutsideRules,
    SlotOverCap,
    SlotTooSoon,
    SlotUnavailable,
    TimeOffNotFound,
)
from creneau.core.domain.explanation import Reason
from creneau.core.domain.people import Role
from creneau.core.domain.policy import PolicyChoices
from creneau.core.domain.time import Span
from creneau.core.domain.time_off import ExceptionKind, TimeOffDraft
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.busy import BusyService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, new_id, weekly
from tests.statements import record_statements

TUESDAY = date(2026, 12, 1)
FRIDAY = date(2026, 12, 4)
PARIS = "Europe/Paris"


@pytest.fixture
def availability(database: Database, clock: MovableClock) -> AvailabilityService:
    return AvailabilityService(database, clock, new_id)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An hour of Paris in winter."""
    return datetime.combine(day, time(hour, minute), tzinfo=UTC) - timedelta(hours=1)


def book(centre: Centre, starts_at: datetime) -> Booking:
    user, bilan = centre.add_beneficiary()
    return centre.scheduling.create_session_booking(
        centre.actor(user), BookingRequest(bilan.id, centre.consultant.id, starts_at)
    )


def listed(centre: Centre, first: date, last: date | None = None) -> list[datetime]:
    return [
        time.span.starts_at
        for time in centre.scheduling.get_available_slots_for_consultant(
            centre.actor(centre.admin), centre.consultant.id, first, last or first
        )
    ]


def why(centre: Centre, starts_at: datetime) -> tuple[Reason, ...]:
    return centre.scheduling.explain_slot(centre.actor(centre.admin), centre.consultant.id, starts_at).reasons


def add_busy(database: Database, centre: Centre, starts_at: datetime, ends_at: datetime, read_at: datetime) -> None:
    """Let something be read, at some instant, from the consultant's own calendar."""
    found = BusyObject(f"{uuid4().hex}.ics", '"1"', uuid4().hex, (Span(starts_at, ends_at),))
    busy = BusyService(database, MovableClock(read_at))
    busy.record_busy(centre.organization.id, centre.consultant.id, "calendar", BusyReading((found,)))


def test_every_listed_start_books_and_every_other_start_is_refused_with_its_reason(
    centre: Centre, availability: AvailabilityService, clock: MovableClock, database: Database
):
    chance = random.Random(7)  # noqa: S311 - a fixed walk
    admin, consultant = centre.actor(centre.admin), centre.consultant.id
    availability.set_policy(
        admin,
        consultant,
        PolicyChoices(buffer_minutes=15, slot_increment_minutes=20, minimum_notice_minutes=26 * 60, daily_cap=5),
    )
    centre.scheduling.create_availability_slot(admin, consultant, weekly(2, "13:00", "18:30", 45, capacity=3))
    availability.add_time_off(
        admin, consultant, TimeOffDraft(TUESDAY, TUESDAY, PARIS, start_time=time(16), end_time=time(17))
    )
    add_busy(database, centre, at(TUESDAY, 10, 7), at(TUESDAY, 10, 21), clock.now())
    grid = [at(TUESDAY, 8) + timedelta(minutes=5) * n for n in range(12 * 12)]

    booked = refused = 0
    while booked < 5:
        offered = set(listed(centre, TUESDAY))
        assert offered
        for starts_at in chance.sample(grid, 12):
            if starts_at in offered:
                continue
            reasons = why(centre, starts_at)
            assert reasons
            with pytest.raises(SlotUnavailable) as refusal:
                book(centre, starts_at)
            assert refusal.value.code == reasons[0]
            refused += 1
        chosen = chance.choice(sorted(offered))
        assert why(centre, chosen) == ()
        book(centre, chosen)
        booked += 1
    assert refused > 20
    # the day is full but for the seats of groups that are held already
    assert {why(centre, start) for start in grid if start not in listed(centre, TUESDAY)} - {(Reason.OUTSIDE_RULES,)}


def test_time_between_sessions_is_kept_on_both_sides(centre: Centre, availability: AvailabilityService):
    admin = centre.actor(centre.admin)
    availability.set_policy(admin, None, PolicyChoices(buffer_minutes=30, slot_increment_minutes=30))
    book(centre, at(TUESDAY, 11))

    assert [start.hour * 60 + start.minute + 60 for start in listed(centre, TUESDAY)] == [
        9 * 60, 9 * 60 + 30, *range(12 * 60 + 30, 16 * 60 + 1, 30),
    ]  # fmt: skip
    for refused in (at(TUESDAY, 10), at(TUESDAY, 12)):
        assert why(centre, refused) == (Reason.BUFFER,)
        with pytest.raises(SlotInBuffer):
            book(centre, refused)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_longest_sessions_keep_others_away_across_midnight_in_the_farthest_zones(
    centre: Centre, availability: AvailabilityService, zone: str
):
    admin, length, buffer = centre.actor(centre.admin), timedelta(hours=8), timedelta(hours=4)
    availability.set_policy(admin, None, PolicyChoices(buffer_minutes=240, slot_increment_minutes=60))
    for slot in centre.slots:
        availability.delete_availability_slot(admin, slot.id)
    for day in range(7):
        whole = SlotDraft(time(0), time(23, 59), zone, day, duration_minutes=480)
        centre.scheduling.create_availability_slot(admin, centre.consultant.id, whole)
    offered = listed(centre, FRIDAY - timedelta(days=2), FRIDAY + timedelta(days=2))
    for hour in (0, 8, 15):
        begins = datetime.combine(FRIDAY, time(hour), tzinfo=ZoneInfo(zone))
        booking = book(centre, begins)
        left = [start for start in offered if start >= begins + length + buffer or start + length + buffer <= begins]
        assert [start for start in offered if why(centre, start) == ()] == left, hour
        assert listed(centre, FRIDAY - timedelta(days=2), FRIDAY + timedelta(days=2)) == left, hour
        centre.scheduling.cancel_booking(admin, booking.id, "another hour")


def test_time_off_takes_hours_or_whole_days_away_until_it_is_removed(centre: Centre, availability: AvailabilityService):
    actor = centre.actor(centre.consultant)
    hours = availability.add_time_off(
        actor, centre.consultant.id, TimeOffDraft(TUESDAY, FRIDAY, PARIS, start_time=time(9), end_time=time(12, 30))
    )
    days = availability.add_time_off(actor, centre.consultant.id, TimeOffDraft(FRIDAY, FRIDAY, PARIS))

    assert [start.hour + 1 for start in listed(centre, TUESDAY)] == [13, 14, 15, 16]
    assert listed(centre, FRIDAY) == []
    assert why(centre, at(TUESDAY, 12)) == (Reason.TIME_OFF,)
    with pytest.raises(SlotInTimeOff):
        book(centre, at(FRIDAY, 10))
    assert availability.list_time_off(actor, centre.consultant.id) == [hours, days]

    availability.remove_time_off(actor, days.id)

    assert len(listed(centre, FRIDAY)) == 4
    with pytest.raises(TimeOffNotFound):
        availability.remove_time_off(actor, days.id)


def test_a_day_with_other_hours_offers_those_alone(centre: Centre, availability: AvailabilityService):
    actor = centre.actor(centre.consultant)
    availability.add_time_off(actor, centre.consultant.id, TimeOffDraft(TUESDAY, TUESDAY, PARIS, ExceptionKind.CLOSED))
    centre.scheduling.create_availability_slot(
        actor, centre.consultant.id, SlotDraft(time(18), time(20), PARIS, None, TUESDAY, duration_minutes=60)
    )

    assert listed(centre, TUESDAY) == [at(TUESDAY, 18), at(TUESDAY, 19)]
    with pytest.raises(SlotOutsideRules):
        book(centre, at(TUESDAY, 10))


def test_public_holidays_are_closed_and_can_be_worked(centre: Centre, availability: AvailabilityService):
    christmas, saint_stephen = date(2026, 12, 25), date(2026, 12, 26)
    admin = centre.actor(centre.admin)
    centre.scheduling.create_availability_slot(admin, centre.consultant.id, weekly(6))

    assert listed(centre, christmas) == []
    assert len(listed(centre, saint_stephen)) == 8
    assert why(centre, at(christmas, 10)) == (Reason.HOLIDAY,)
    with pytest.raises(SlotOnHoliday):
        book(centre, at(christmas, 10))

    availability.set_policy(admin, None, PolicyChoices(holiday_subdivision="57"))  # Moselle
    assert listed(centre, saint_stephen) == []

    availability.add_time_off(
        admin, centre.consultant.id, TimeOffDraft(christmas, christmas, PARIS, ExceptionKind.OPEN_HOLIDAY)
    )
    assert len(listed(centre, christmas)) == 8
    availability.set_policy(admin, centre.consultant.id, PolicyChoices(closes_on_holidays=False))
    assert len(listed(centre, saint_stephen)) == 8


def test_notice_is_kept(centre: Centre, availability: AvailabilityService):
    availability.set_policy(
        centre.actor(centre.consultant), centre.consultant.id, PolicyChoices(minimum_notice_minutes=26 * 60)
    )  # it is nine on Monday

    assert listed(centre, TUESDAY)[0] == at(TUESDAY, 11)
    with pytest.raises(SlotTooSoon):
        book(centre, at(TUESDAY, 10))


def test_a_day_and_a_week_take_no_more_than_their_cap(centre: Centre, availability: AvailabilityService):
    admin = centre.actor(centre.admin)
    availability.set_policy(admin, centre.consultant.id, PolicyChoices(daily_cap=2, weekly_cap=3))
    for hour in (9, 15):
        book(centre, at(TUESDAY, hour))

    assert listed(centre, TUESDAY) == []
    with pytest.raises(SlotOverCap):
        book(centre, at(TUESDAY, 11))
    book(centre, at(FRIDAY, 9))
    assert listed(centre, TUESDAY, FRIDAY) == []
    assert len(listed(centre, FRIDAY + timedelta(days=3))) == 8


def test_busy_time_of_ones_own_calendar_closes_what_it_touches(centre: Centre, database: Database, clock: MovableClock):
    add_busy(database, centre, at(TUESDAY, 9, 30), at(TUESDAY, 11), clock.now())

    assert [start.hour + 1 for start in listed(centre, TUESDAY)] == [11, 12, 13, 14, 15, 16]
    with pytest.raises(SlotBusyElsewhere):
        book(centre, at(TUESDAY, 10))


def test_busy_time_that_is_too_old_closes_everything(
    centre: Centre, availability: AvailabilityService, database: Database, clock: MovableClock
):
    availability.set_policy(centre.actor(centre.admin), None, PolicyChoices(busy_max_age_minutes=60))
    assert len(listed(centre, TUESDAY)) == 8  # nothing was imported

    add_busy(database, centre, at(FRIDAY, 9), at(FRIDAY, 10), clock.now())
    assert len(listed(centre, TUESDAY)) == 8
    clock.move(minutes=61)

    assert listed(centre, TUESDAY, FRIDAY) == []
    assert why(centre, at(TUESDAY, 10)) == (Reason.BUSY_UNKNOWN,)
    with pytest.raises(SlotBusyUnknown):
        book(centre, at(TUESDAY, 10))


def test_what_an_edit_would_leave_outside_is_told_before(centre: Centre, availability: AvailabilityService):
    actor = centre.actor(centre.consultant)
    tuesday = centre.slots[1]
    morning, evening = book(centre, at(TUESDAY, 9)), book(centre, at(TUESDAY, 16))
    shorter = SlotDraft(time(9), time(12), PARIS, 2, duration_minutes=60)

    assert availability.preview_slot_change(actor, tuesday.id, shorter) == [evening.id]
    assert availability.preview_slot_change(actor, tuesday.id, None) == [morning.id, evening.id]
    assert availability.preview_slot_change(actor, centre.slots[2].id, None) == []

    assert availability.update_availability_slot(actor, tuesday.id, shorter).end_time == time(12)
    assert listed(centre, TUESDAY) == [at(TUESDAY, 10), at(TUESDAY, 11)]
    availability.delete_availability_slot(actor, tuesday.id)
    assert listed(centre, TUESDAY) == []
    assert tuesday.id not in [slot.id for slot in availability.list_availability_slots(actor, centre.consultant.id)]
    with pytest.raises(SlotNotFound):
        availability.delete_availability_slot(actor, tuesday.id)
    assert centre.scheduling.get_booking(actor, evening.id).is_live


def test_others_rules_are_not_ones_own(centre: Centre, other_centre: Centre, availability: AvailabilityService):
    stranger, slot = centre.actor(centre.beneficiary), centre.slots[0]
    draft = SlotDraft(time(9), time(12), PARIS, 2, duration_minutes=60)

    for attempt in (
        lambda: availability.update_availability_slot(stranger, slot.id, draft),
        lambda: availability.delete_availability_slot(stranger, slot.id),
        lambda: availability.preview_slot_change(stranger, slot.id, None),
        lambda: availability.add_time_off(stranger, centre.consultant.id, TimeOffDraft(TUESDAY, TUESDAY, PARIS)),
        lambda: availability.list_time_off(stranger, centre.consultant.id),
        lambda: availability.set_policy(stranger, centre.consultant.id, PolicyChoices()),
        lambda: availability.set_policy(centre.actor(centre.consultant), None, PolicyChoices()),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    with pytest.raises(SlotNotFound):
        availability.delete_availability_slot(other_centre.actor(other_centre.admin), slot.id)


@pytest.mark.parametrize(
    "choices",
    [
        PolicyChoices(horizon_days=0),
        PolicyChoices(buffer_minutes=241),
        PolicyChoices(daily_cap=0),
        PolicyChoices(slot_increment_minutes=4),
        PolicyChoices(holiday_country="XX"),
        PolicyChoices(holiday_subdivision="Atlantis"),
    ],
)
def test_a_choice_out_of_bounds_is_refused(centre: Centre, availability: AvailabilityService, choices: PolicyChoices):
    with pytest.raises(InvalidPolicy):
        availability.set_policy(centre.actor(centre.admin), None, choices)


@pytest.mark.parametrize(
    "draft",
    [
        TimeOffDraft(FRIDAY, TUESDAY, PARIS),
        TimeOffDraft(TUESDAY, TUESDAY, PARIS, start_time=time(9)),
        TimeOffDraft(TUESDAY, TUESDAY, PARIS, start_time=time(9), end_time=time(9)),
        TimeOffDraft(TUESDAY, TUESDAY, PARIS, ExceptionKind.CLOSED, time(9), time(10)),
        TimeOffDraft(TUESDAY, TUESDAY, "Mars/Phobos"),
    ],
)
def test_time_off_that_makes_no_sense_is_refused(
    centre: Centre, availability: AvailabilityService, draft: TimeOffDraft
):
    with pytest.raises(Refusal):
        availability.add_time_off(centre.actor(centre.admin), centre.consultant.id, draft)


def test_a_conflict_is_whatever_is_held_then(centre: Centre, availability: AvailabilityService):
    actor, consultant = centre.actor(centre.consultant), centre.consultant.id
    availability.set_policy(actor, consultant, PolicyChoices(buffer_minutes=15))
    book(centre, at(TUESDAY, 10))

    def conflicts(start: time, end: time) -> bool:
        return centre.scheduling.check_booking_conflicts(actor, consultant, TUESDAY, start, end)

    assert conflicts(time(10, 30), time(10, 45))
    assert conflicts(time(11, 10), time(12))
    assert not conflicts(time(11, 15), time(12))
    assert not conflicts(time(9), time(10))
    with pytest.raises(InvalidTimeRange):
        conflicts(time(12), time(12))


def test_all_consultants_at_once_are_told_what_each_is_told_alone(
    centre: Centre, availability: AvailabilityService, database: Database, clock: MovableClock
):
    colleague = centre.people.add_user(
        centre.organization, Role.CONSULTANT, "Julie Roux", f"{uuid4().hex}@example.org", timezone="Asia/Tokyo"
    )
    admin = centre.actor(centre.admin)
    availability.set_policy(admin, centre.consultant.id, PolicyChoices(buffer_minutes=10, daily_cap=6))
    centre.scheduling.create_availability_slot(admin, centre.consultant.id, weekly(3, "09:30", "18:00", 45, capacity=2))
    add_busy(database, centre, at(TUESDAY, 9, 30), at(TUESDAY, 11), clock.now())
    book(centre, at(TUESDAY, 14))
    book(centre, at(TUESDAY + timedelta(days=1), 14))
    centre.scheduling.create_availability_slot(admin, colleague.id, weekly(4, "10:00", "16:00", 90))

    open_times = availability.list_open_times(admin, TUESDAY, TUESDAY + timedelta(days=30))

    for consultant in (centre.consultant, colleague):
        alone = centre.scheduling.get_available_slots_for_consultant(
            admin, consultant.id, TUESDAY, TUESDAY + timedelta(days=30)
        )
        assert open_times.of(consultant.id) == alone != []
    assert open_times.of(centre.beneficiary.id) == []


def test_the_number_of_statements_depends_on_nothing_but_the_policy(
    centre: Centre, availability: AvailabilityService, monkeypatch: pytest.MonkeyPatch
):
    statements = record_statements(monkeypatch)

    def count() -> tuple[int, int]:
        statements.clear()
        listed(centre, TUESDAY, TUESDAY + timedelta(days=30))
        one = len(statements)
        availability.list_open_times(centre.actor(centre.admin), TUESDAY, TUESDAY + timedelta(days=30))
        return one, len(statements) - one

    before = count()
    for n in range(4):
        centre.scheduling.create_availability_slot(
            centre.actor(centre.admin), centre.consultant.id, weekly(2, f"{17 + n}:00", f"{18 + n}:00")
        )
        book(centre, at(TUESDAY, 10 + n))

    assert count() == before
    assert max(before) <= 9


def test_a_start_that_is_far_away_or_not_on_a_minute_is_explained(centre: Centre):
    assert why(centre, datetime(9999, 12, 30, 9, tzinfo=UTC)) == (Reason.HORIZON,)
    assert why(centre, datetime(1970, 1, 1, 9, tzinfo=UTC)) == (Reason.PAST,)
    assert why(centre, replace_seconds(at(TUESDAY, 10))) == (Reason.OUTSIDE_RULES,)
    explanation = centre.scheduling.explain_slot(centre.actor(centre.admin), centre.consultant.id, at(TUESDAY, 10))
    assert explanation.is_bookable
    assert explanation.offer is not None
    assert explanation.offer.slot_id == centre.slots[1].id


def replace_seconds(instant: datetime) -> datetime:
    return instant.replace(second=30)
