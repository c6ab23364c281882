"""Lists: what each role sees, a page at a time, counted and cut by the database."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from creneau.core.domain.audit import AuditQuery
from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import BilanNotFound, InvalidTimeRange, NotAllowed, Refusal, UserNotFound
from creneau.core.domain.listing import BilansWanted, BookingsWanted, Days, Paging, SlotsWanted
from creneau.core.domain.people import Role, User
from creneau.core.domain.time_off import TimeOffDraft
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.listings import ListingService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, new_id

AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
PARIS = "Europe/Paris"


@pytest.fixture
def lists(database: Database, clock: MovableClock) -> ListingService:
    return ListingService(database, clock)


@pytest.fixture
def availability(database: Database, clock: MovableClock) -> AvailabilityService:
    return AvailabilityService(database, clock, new_id)


@pytest.fixture
def colleague(centre: Centre) -> User:
    return centre.people.add_user(centre.organization, Role.CONSULTANT, "Léa Roux", f"{new_id()}@example.org")


def book(centre: Centre, at: datetime, consultant: User | None = None) -> Booking:
    whom = consultant or centre.consultant
    return centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, whom.id, at)
    )


def test_a_page_is_cut_by_start_and_counts_all(centre: Centre, lists: ListingService):
    booked = [book(centre, AT_TEN + timedelta(days=day)) for day in (2, 0, 1)]
    wanted = BookingsWanted(consultant_id=centre.consultant.id)

    pages = [lists.list_bookings(centre.actor(centre.consultant), wanted, Paging(2, offset)) for offset in (0, 2, 4)]

    assert [page.page.total for page in pages] == [3, 3, 3]
    assert [booking.id for page in pages for booking in page.page.items] == [booked[n].id for n in (1, 2, 0)]
    assert pages[0].hours[centre.bilan.id].used_minutes == 180


def test_bookings_are_filtered_by_state_day_of_the_week_and_days(centre: Centre, lists: ListingService):
    tuesday, wednesday = (book(centre, AT_TEN + timedelta(days=day)) for day in (0, 1))
    centre.scheduling.confirm_booking(centre.actor(centre.consultant), tuesday.id)

    def ids(**wanted: object) -> list[object]:
        page = lists.list_bookings(centre.actor(centre.admin), BookingsWanted(**wanted)).page
        return [booking.id for booking in page.items]

    assert ids(status=Status.CONFIRMED) == [tuesday.id]
    assert ids(day_of_week=3) == [wednesday.id]
    assert ids(days=Days(last=date(2026, 12, 1))) == [tuesday.id]
    assert ids(days=Days(first=date(2026, 12, 2))) == [wednesday.id]
    assert ids(bilan_id=centre.bilan.id) == [tuesday.id, wednesday.id]


def test_each_role_sees_its_own(centre: Centre, other_centre: Centre, lists: ListingService, colleague: User):
    mine = book(centre, AT_TEN)
    other, bilan = centre.add_beneficiary()
    book(other_centre, AT_TEN)

    def seen_by(user: User) -> tuple[list[object], list[object], set[object]]:
        actor = centre.actor(user)
        bookings = lists.list_bookings(actor, BookingsWanted()).page.items
        bilans = lists.list_bilans(actor).items
        people = lists.list_users(actor).items
        return [b.id for b in bookings], [b.bilan.id for b in bilans], {person.id for person in people}

    everyone = {centre.admin.id, centre.consultant.id, centre.beneficiary.id, other.id, colleague.id}
    both = [bilan.id, centre.bilan.id]
    assert seen_by(centre.beneficiary) == ([mine.id], [centre.bilan.id], {centre.beneficiary.id, centre.consultant.id})
    assert seen_by(other) == ([], [bilan.id], {other.id, centre.consultant.id})
    assert seen_by(centre.consultant) == ([mine.id], both, everyone - {centre.admin.id, colleague.id})
    assert seen_by(colleague) == ([], [], {colleague.id})
    assert seen_by(centre.admin) == ([mine.id], both, everyone)


def test_whoever_is_out_of_sight_is_not_found(
    centre: Centre, other_centre: Centre, lists: ListingService, colleague: User
):
    beneficiary, stranger = centre.actor(centre.beneficiary), centre.actor(colleague)
    refused: list[tuple[object, BookingsWanted, type[Refusal]]] = [
        (stranger, BookingsWanted(beneficiary_id=centre.beneficiary.id), UserNotFound),
        (beneficiary, BookingsWanted(consultant_id=colleague.id), UserNotFound),
        (beneficiary, BookingsWanted(consultant_id=other_centre.consultant.id), UserNotFound),
        (centre.actor(centre.admin), BookingsWanted(beneficiary_id=centre.consultant.id), UserNotFound),
        (stranger, BookingsWanted(bilan_id=centre.bilan.id), BilanNotFound),
        (centre.actor(centre.admin), BookingsWanted(bilan_id=other_centre.bilan.id), BilanNotFound),
    ]
    for actor, wanted, refusal in refused:
        with pytest.raises(refusal):
            lists.list_bookings(actor, wanted)
    with pytest.raises(BilanNotFound):
        centre.people.get_bilan(stranger, centre.bilan.id)


def test_bilans_come_with_what_is_left_of_their_hours(centre: Centre, lists: ListingService):
    centre.people.set_bilan_hours(centre.organization.id, centre.bilan.id, 600)
    book(centre, AT_TEN)

    (file,) = lists.list_bilans(centre.actor(centre.admin), BilansWanted(beneficiary_id=centre.beneficiary.id)).items

    assert (file.hours.purchased_minutes, file.hours.used_minutes, file.hours.remaining_minutes) == (600, 60, 540)
    assert centre.people.get_bilan(centre.actor(centre.beneficiary), centre.bilan.id) == file


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (Days(date(2026, 12, 1), date(2026, 12, 1)), {2}),  # a Tuesday
        (Days(date(2026, 12, 5), date(2026, 12, 6)), {"one day"}),  # a weekend, on which one day is opened
        (Days(date(2026, 12, 4), date(2026, 12, 7)), {1, 5, "one day"}),
        (Days(date(2027, 1, 1)), {1, 2, 4, 5}),
        (Days(last=date(2026, 12, 4)), {1, 2, 3, 4, 5}),
        (Days(), {1, 2, 3, 4, 5, "one day"}),
    ],
)
def test_rules_are_those_that_hold_on_one_of_the_days(
    centre: Centre, lists: ListingService, availability: AvailabilityService, days: Days, found: set[object]
):
    actor = centre.actor(centre.consultant)
    until = SlotDraft(time(9), time(17), PARIS, 3, duration_minutes=60, recurring_until=date(2026, 12, 2))
    availability.update_availability_slot(actor, centre.slots[2].id, until)
    availability.create_availability_slots(
        actor, centre.consultant.id, [SlotDraft(time(9), time(12), PARIS, None, date(2026, 12, 5))]
    )

    rules = lists.list_slots(actor, SlotsWanted(days=days)).items

    assert {"one day" if rule.date_specific else rule.day_of_week for rule in rules} == found


def test_a_consultant_lists_their_own_rules_and_time_off_and_an_administrator_all(
    centre: Centre, lists: ListingService, availability: AvailabilityService, colleague: User
):
    theirs, admin = centre.actor(colleague), centre.actor(centre.admin)
    (rule,) = availability.create_availability_slots(theirs, colleague.id, [SlotDraft(time(9), time(12), PARIS, 0)])
    off = availability.add_time_off(theirs, colleague.id, TimeOffDraft(date(2026, 12, 7), date(2026, 12, 9), PARIS))

    assert lists.list_slots(theirs).items == (rule,)
    assert lists.list_slots(admin).total == 6
    assert lists.list_slots(admin, SlotsWanted(day_of_week=0)).items == (rule,)
    assert lists.list_time_off(admin).items == lists.list_time_off(theirs).items == (off,)
    assert lists.list_time_off(admin, days=Days(first=date(2026, 12, 10))).total == 0
    calls: list[Callable[[], object]] = [
        lambda: lists.list_slots(theirs, SlotsWanted(centre.consultant.id)),
        lambda: lists.list_time_off(theirs, centre.consultant.id),
        lambda: lists.list_analytics(theirs, centre.consultant.id),
        lambda: lists.list_audit(theirs, AuditQuery()),
    ]
    for call in calls:
        with pytest.raises(NotAllowed):
            call()


def test_days_that_run_backwards_are_refused(centre: Centre, lists: ListingService):
    backwards, admin = Days(date(2026, 12, 2), date(2026, 12, 1)), centre.actor(centre.admin)
    calls: list[Callable[[], object]] = [
        lambda: lists.list_bookings(admin, BookingsWanted(days=backwards)),
        lambda: lists.list_slots(admin, SlotsWanted(days=backwards)),
        lambda: lists.list_time_off(admin, days=backwards),
        lambda: lists.list_analytics(admin, centre.consultant.id, backwards),
        lambda: lists.list_audit(admin, AuditQuery(), backwards),
    ]
    for call in calls:
        with pytest.raises(InvalidTimeRange):
            call()


def test_numbers_and_audit_lines_come_by_page(centre: Centre, lists: ListingService, clock: MovableClock):
    book(centre, AT_TEN)
    admin = centre.actor(centre.admin)

    numbers = lists.list_analytics(admin, centre.consultant.id, Days(date(2026, 12, 1), date(2026, 12, 31)))
    lines = lists.list_audit(admin, AuditQuery(subject="booking"), Days(clock.now().date()), Paging(1))

    assert [(row.day.session_date, row.day.total_sessions_scheduled) for row in numbers.items] == [(AT_TEN.date(), 1)]
    assert (lines.total, lines.items[0].action) == (1, "requested")
    assert lists.list_audit(admin, AuditQuery(), Days(last=date(2026, 11, 1))).total == 0
