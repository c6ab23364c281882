"""Changes of a consultant's week: several at once or none, paused rules, and the sessions that are left outside."""

from datetime import UTC, date, datetime, time

import pytest

from creneau.core.domain.availability import AvailabilitySlot, SlotDraft, list_overlapping
from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import InvalidTimeRange, NotAllowed, UserNotFound
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.time_off import ExceptionKind, OtherHours, TimeOffDraft
from creneau.core.services.availability import AvailabilityService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, new_id, weekly

PARIS = "Europe/Paris"
TUESDAY = date(2026, 12, 1)
AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def availability(database: Database, clock: MovableClock) -> AvailabilityService:
    return AvailabilityService(database, clock, new_id)


def book(centre: Centre, starts_at: datetime = AT_TEN) -> Booking:
    request = BookingRequest(centre.bilan.id, centre.consultant.id, starts_at)
    return centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request)


def off(first: date = TUESDAY, last: date = TUESDAY, hours: tuple[int, int] | None = None) -> TimeOffDraft:
    start, end = (time(hour) for hour in hours) if hours else (None, None)
    return TimeOffDraft(first, last, PARIS, ExceptionKind.TIME_OFF, start, end)


def other_hours(start: int, end: int) -> OtherHours:
    draft = SlotDraft(time(start), time(end), PARIS, date_specific=TUESDAY, duration_minutes=60)
    return OtherHours(TUESDAY, PARIS, (draft,))


def test_of_several_rules_all_are_added_or_none(centre: Centre, availability: AvailabilityService):
    consultant = centre.actor(centre.consultant)
    with pytest.raises(InvalidTimeRange):
        availability.create_availability_slots(
            consultant, consultant.user_id, [weekly(6), weekly(0, start="12:00", end="09:00")]
        )
    assert len(availability.list_availability_slots(consultant, consultant.user_id)) == len(centre.slots)

    added = availability.create_availability_slots(consultant, consultant.user_id, [weekly(6), weekly(0)])
    assert [slot.day_of_week for slot in added] == [6, 0]
    assert len(availability.list_availability_slots(consultant, consultant.user_id)) == len(centre.slots) + 2


def test_a_paused_rule_is_kept_and_would_leave_all_its_sessions_outside(
    centre: Centre, availability: AvailabilityService
):
    booking, consultant = book(centre), centre.actor(centre.consultant)
    tuesday = centre.slots[1]
    paused = SlotDraft(
        tuesday.start_time, tuesday.end_time, PARIS, tuesday.day_of_week, duration_minutes=60, is_available=False
    )

    assert availability.preview_slot_change(consultant, tuesday.id, paused) == [booking.id]
    assert not availability.update_availability_slot(consultant, tuesday.id, paused).is_available
    offered = centre.scheduling.get_available_slots_for_consultant(consultant, consultant.user_id, TUESDAY, TUESDAY)
    assert [time for time in offered if time.local.day == TUESDAY] == []
    assert tuesday.id in [slot.id for slot in availability.list_availability_slots(consultant, consultant.user_id)]


@pytest.mark.parametrize(
    ("draft", "is_outside"),
    [
        (off(), True),
        (off(date(2026, 11, 30), date(2026, 12, 4)), True),
        (off(date(2026, 12, 2), date(2026, 12, 4)), False),
        (off(hours=(10, 11)), True),
        (off(hours=(8, 10)), False),
        (off(hours=(11, 12)), False),
        (TimeOffDraft(TUESDAY, TUESDAY, PARIS, ExceptionKind.CLOSED), True),
        (TimeOffDraft(TUESDAY, TUESDAY, PARIS, ExceptionKind.OPEN_HOLIDAY), False),
    ],
)
def test_time_off_tells_which_sessions_it_would_leave_outside(
    centre: Centre, availability: AvailabilityService, draft: TimeOffDraft, *, is_outside: bool
):
    booking, consultant = book(centre), centre.actor(centre.consultant)

    left = availability.preview_time_off(consultant, consultant.user_id, draft)

    assert left == ([booking.id] if is_outside else [])
    assert availability.list_time_off(consultant, consultant.user_id) == [], "a preview writes nothing"


def test_a_cancelled_session_and_one_that_has_begun_are_not_left_outside(
    centre: Centre, availability: AvailabilityService, clock: MovableClock
):
    consultant = centre.actor(centre.consultant)
    cancelled = book(centre)
    centre.scheduling.cancel_booking(consultant, cancelled.id, "Formation")
    book(centre)
    clock.set(AT_TEN)

    assert availability.preview_time_off(consultant, consultant.user_id, off()) == []


def test_a_session_within_the_other_hours_of_its_day_is_not_outside(centre: Centre, availability: AvailabilityService):
    booking, consultant = book(centre), centre.actor(centre.consultant)

    assert availability.preview_other_hours(consultant, consultant.user_id, other_hours(10, 12)) == []
    assert availability.preview_other_hours(consultant, consultant.user_id, other_hours(14, 16)) == [booking.id]


def test_other_hours_take_the_place_of_the_weeks_or_nothing_is_written(
    centre: Centre, availability: AvailabilityService
):
    consultant = centre.actor(centre.consultant)
    with pytest.raises(InvalidTimeRange):
        availability.set_other_hours(consultant, consultant.user_id, other_hours(16, 14))
    assert availability.list_time_off(consultant, consultant.user_id) == []

    availability.set_other_hours(consultant, consultant.user_id, other_hours(14, 16))
    offered = centre.scheduling.get_available_slots_for_consultant(consultant, consultant.user_id, TUESDAY, TUESDAY)
    assert [one.local.start for one in offered if one.local.day == TUESDAY] == [time(14), time(15)]


def test_holidays_are_named_and_those_that_are_worked_say_so(centre: Centre, availability: AvailabilityService):
    consultant = centre.actor(centre.consultant)
    christmas = date(2026, 12, 25)
    availability.add_time_off(
        consultant, consultant.user_id, TimeOffDraft(christmas, christmas, PARIS, ExceptionKind.OPEN_HOLIDAY)
    )

    french = availability.list_holidays(consultant, consultant.user_id, 40, "fr")
    assert [(one.day, one.name, one.is_worked) for one in french] == [
        (christmas, "Noël", True),
        (date(2027, 1, 1), "Jour de l’an", False),
    ]
    assert availability.list_holidays(consultant, consultant.user_id, 40, "en")[0].name == "Christmas Day"


def test_a_colleague_and_another_organization_see_and_change_nothing(
    centre: Centre, other_centre: Centre, availability: AvailabilityService
):
    own = centre.consultant.id
    for call in (
        lambda actor: availability.preview_time_off(actor, own, off()),
        lambda actor: availability.preview_other_hours(actor, own, other_hours(14, 16)),
        lambda actor: availability.set_other_hours(actor, own, other_hours(14, 16)),
        lambda actor: availability.create_availability_slots(actor, own, [weekly(6)]),
        lambda actor: availability.list_holidays(actor, own, 40, "fr"),
    ):
        with pytest.raises(NotAllowed):
            call(centre.actor(centre.beneficiary))
        with pytest.raises(UserNotFound):
            call(other_centre.actor(other_centre.consultant))


def rule(draft: SlotDraft) -> AvailabilitySlot:
    ids = SlotId(new_id()), OrganizationId(new_id()), UserId(new_id())
    return AvailabilitySlot(
        *ids,
        draft.start_time,
        draft.end_time,
        draft.timezone,
        draft.day_of_week,
        draft.date_specific,
        draft.duration_minutes,
        draft.max_concurrent_bookings,
        draft.recurring_until,
        draft.is_available,
    )


def on_tuesday(start: int, end: int, **more: object) -> SlotDraft:
    return SlotDraft(time(start), time(end), PARIS, day_of_week=2, **more)


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (on_tuesday(11, 13), True),
        (on_tuesday(12, 14), False),
        (on_tuesday(11, 13, is_available=False), False),
        (on_tuesday(11, 13, recurring_until=date(2026, 11, 24)), False),
        (SlotDraft(time(11), time(13), PARIS, day_of_week=3), False),
        (SlotDraft(time(11), time(13), "Indian/Reunion", day_of_week=2), False),
        (SlotDraft(time(11), time(13), PARIS, date_specific=TUESDAY), True),
        (SlotDraft(time(11), time(13), PARIS, date_specific=date(2026, 12, 2)), False),
        (SlotDraft(time(11), time(13), PARIS, date_specific=date(2026, 11, 24)), False),
    ],
)
def test_rules_that_share_hours_of_a_day_to_come_overlap(other: SlotDraft, *, overlaps: bool):
    today = date(2026, 11, 30)

    assert bool(list_overlapping(on_tuesday(9, 12), [rule(other)], today)) == overlaps
    if not rule(other).is_over(today) and other.is_available:
        assert bool(list_overlapping(other, [rule(on_tuesday(9, 12))], today)) == overlaps
