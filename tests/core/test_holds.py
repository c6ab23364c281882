"""A time held while a form is open: out of others' sight, never of its owner's, over by itself. Peers, row 5."""

from datetime import UTC, datetime, timedelta

import pytest

from creneau.core.domain.booking import SessionType
from creneau.core.domain.errors import BilanNotActive, BilanNotFound, HoursExhausted, SlotTaken, SlotUnavailable
from creneau.core.domain.explanation import Reason
from creneau.core.domain.hold import HELD_FOR, Hold, HoldRequest
from creneau.core.domain.people import Actor, User
from creneau.core.domain.policy import PolicyChoices
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.choosing import ChoosingService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, new_id, weekly

AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # Tuesday, ten in Paris
TUESDAY = AT_TEN.date()


@pytest.fixture
def choosing(database: Database, clock: MovableClock) -> ChoosingService:
    return ChoosingService(database, clock)


def hold(choosing: ChoosingService, centre: Centre, at: datetime = AT_TEN, reference: str | None = None) -> Hold:
    request = HoldRequest(centre.bilan.id, centre.consultant.id, at, reference=reference)
    return choosing.hold_time(centre.actor(centre.beneficiary), request)


def listed(centre: Centre, actor: Actor, beneficiary: User | None = None) -> set[datetime]:
    return {
        time.span.starts_at
        for time in centre.scheduling.get_available_slots_for_consultant(
            actor, centre.consultant.id, TUESDAY, TUESDAY, beneficiary.id if beneficiary else None
        )
    }


def book(centre: Centre, actor: Actor, bilan: object, at: datetime = AT_TEN) -> None:
    centre.scheduling.create_session_booking(actor, BookingRequest(bilan.id, centre.consultant.id, at))  # type: ignore[attr-defined]


def test_a_held_time_is_out_of_sight_of_others_and_not_theirs_to_book(centre: Centre, choosing: ChoosingService):
    hold(choosing, centre)
    other, bilan = centre.add_beneficiary()
    nadia, marie = centre.actor(other), centre.actor(centre.beneficiary)

    assert AT_TEN not in listed(centre, nadia, other)
    assert centre.scheduling.explain_slot(nadia, centre.consultant.id, AT_TEN).reasons == (Reason.TAKEN,)
    with pytest.raises(SlotTaken) as refusal:
        book(centre, nadia, bilan)
    assert refusal.value.alternatives[0].span.starts_at == AT_TEN + timedelta(hours=1)
    assert AT_TEN in listed(centre, marie)
    assert AT_TEN in listed(centre, marie, centre.beneficiary)
    assert centre.scheduling.explain_slot(marie, centre.consultant.id, AT_TEN).is_bookable
    book(centre, marie, centre.bilan)


def test_a_hold_is_over_by_itself(centre: Centre, choosing: ChoosingService, clock: MovableClock):
    hold(choosing, centre)
    other, bilan = centre.add_beneficiary()

    clock.move(seconds=HELD_FOR.total_seconds() - 1)
    assert AT_TEN not in listed(centre, centre.actor(other))
    clock.move(seconds=1)
    assert AT_TEN in listed(centre, centre.actor(other))
    book(centre, centre.actor(other), bilan)


def test_another_time_replaces_it_and_closing_its_own_form_frees_it(centre: Centre, choosing: ChoosingService):
    admin, marie = centre.actor(centre.admin), centre.actor(centre.beneficiary)
    hold(choosing, centre)
    hold(choosing, centre, AT_TEN + timedelta(hours=1), "V2")

    assert AT_TEN in listed(centre, admin)
    assert AT_TEN + timedelta(hours=1) not in listed(centre, admin)
    choosing.release_hold(marie, "V1")
    assert AT_TEN + timedelta(hours=1) not in listed(centre, admin)
    choosing.release_hold(marie, "V2")
    assert AT_TEN + timedelta(hours=1) in listed(centre, admin)


def test_what_somebody_else_holds_cannot_be_held(centre: Centre, choosing: ChoosingService):
    hold(choosing, centre)
    other, bilan = centre.add_beneficiary()

    with pytest.raises(SlotUnavailable) as refusal:
        choosing.hold_time(centre.actor(other), HoldRequest(bilan.id, centre.consultant.id, AT_TEN))

    assert refusal.value.code == "slot.taken"
    assert refusal.value.alternatives


def test_a_hold_takes_a_seat_of_a_group_and_the_whole_of_what_overlaps(centre: Centre, choosing: ChoosingService):
    admin = centre.actor(centre.admin)
    centre.scheduling.create_availability_slot(admin, centre.consultant.id, weekly(2, "18:00", "20:00", 60, capacity=2))
    at_six = AT_TEN + timedelta(hours=8)
    hold(choosing, centre, at_six)
    other, bilan = centre.add_beneficiary()
    third, third_bilan = centre.add_beneficiary("Léa Blanc")

    (left,) = [
        time.seats_left
        for time in centre.scheduling.get_available_slots_for_consultant(admin, centre.consultant.id, TUESDAY, TUESDAY)
        if time.span.starts_at == at_six
    ]
    assert left == 1
    book(centre, centre.actor(other), bilan, at_six)
    with pytest.raises(SlotTaken):
        book(centre, centre.actor(third), third_bilan, at_six)
    book(centre, centre.actor(centre.beneficiary), centre.bilan, at_six)


def test_a_hold_counts_against_a_cap_as_a_session_would(
    centre: Centre, choosing: ChoosingService, database: Database, clock: MovableClock
):
    admin = centre.actor(centre.admin)
    AvailabilityService(database, clock, new_id).set_policy(admin, centre.consultant.id, PolicyChoices(daily_cap=1))
    hold(choosing, centre)

    assert listed(centre, admin) == set()
    book(centre, centre.actor(centre.beneficiary), centre.bilan)


def test_a_hold_stands_in_nobodys_way_to_move_their_own_session(centre: Centre, choosing: ChoosingService):
    marie = centre.actor(centre.beneficiary)
    booking = centre.scheduling.create_session_booking(
        marie, BookingRequest(centre.bilan.id, centre.consultant.id, AT_TEN)
    )
    hold(choosing, centre, AT_TEN + timedelta(hours=1))

    moved = centre.scheduling.reschedule_booking(marie, booking.id, AT_TEN + timedelta(hours=1))

    assert moved.span.starts_at == AT_TEN + timedelta(hours=1)


def test_a_proposed_time_that_somebody_has_in_hand_is_not_gone_and_one_that_is_booked_is(
    centre: Centre, choosing: ChoosingService, database: Database, clock: MovableClock
):
    other, bilan = centre.add_beneficiary()
    nadia, consultant = centre.actor(other), centre.actor(centre.consultant)
    files = BookingFileService(database, clock)
    asked = BookingRequest(bilan.id, centre.consultant.id, AT_TEN + timedelta(hours=2))
    booking = centre.scheduling.create_session_booking(nadia, asked)
    centre.scheduling.propose_times(consultant, booking.id, [AT_TEN, AT_TEN + timedelta(hours=1)])
    hold(choosing, centre)

    assert files.open_booking_file(nadia, booking.id).gone == frozenset()
    book(centre, centre.actor(centre.beneficiary), centre.bilan)
    choosing.release_hold(centre.actor(centre.beneficiary))

    file = files.open_booking_file(nadia, booking.id)
    assert [one.span.starts_at for one in file.proposals if one.id in file.gone] == [AT_TEN]


def test_a_hold_of_another_organization_closes_nothing(centre: Centre, other_centre: Centre, choosing: ChoosingService):
    hold(choosing, centre)

    assert AT_TEN in listed(other_centre, other_centre.actor(other_centre.admin))
    with pytest.raises(BilanNotFound):
        choosing.hold_time(
            other_centre.actor(other_centre.admin), HoldRequest(centre.bilan.id, centre.consultant.id, AT_TEN)
        )


def test_nobody_holds_on_a_bilan_that_is_not_theirs_or_has_no_hours(centre: Centre, choosing: ChoosingService):
    other, bilan = centre.add_beneficiary()
    with pytest.raises(BilanNotFound):
        choosing.hold_time(centre.actor(centre.beneficiary), HoldRequest(bilan.id, centre.consultant.id, AT_TEN))
    centre.people.set_bilan_hours(centre.organization.id, centre.bilan.id, 30)
    with pytest.raises(HoursExhausted):
        hold(choosing, centre)
    assert AT_TEN in listed(centre, centre.actor(other))


# What a form shows


def test_a_beneficiary_chooses_on_their_newest_bilan_and_a_consultant_among_those_of_theirs(
    centre: Centre, choosing: ChoosingService
):
    nadia, _ = centre.add_beneficiary("Adèle Petit")

    mine = choosing.get_choices(centre.actor(centre.beneficiary))
    assert [one.bilan.id for one in mine.engagements] == [centre.bilan.id]
    assert (mine.chosen.consultant.id, mine.session_type) == (centre.consultant.id, SessionType.INITIAL_MEETING)
    assert (mine.first, mine.last, mine.horizon) == (datetime(2026, 11, 30).date(), *[datetime(2027, 1, 11).date()] * 2)  # noqa: DTZ001
    book(centre, centre.actor(centre.beneficiary), centre.bilan)
    for actor in (centre.actor(centre.consultant), centre.actor(centre.admin)):
        theirs = choosing.get_choices(actor, centre.bilan.id)
        assert [one.beneficiary.name for one in theirs.engagements] == ["Adèle Petit", "Marie Durand"]
        assert theirs.session_type is SessionType.FOLLOW_UP
        assert AT_TEN not in {time.span.starts_at for time in theirs.times}
    with pytest.raises(BilanNotFound):
        choosing.get_choices(centre.actor(nadia), centre.bilan.id)


def test_days_beyond_two_months_come_page_by_page(
    centre: Centre, choosing: ChoosingService, database: Database, clock: MovableClock
):
    availability = AvailabilityService(database, clock, new_id)
    availability.set_policy(centre.actor(centre.admin), None, PolicyChoices(horizon_days=100))
    marie = centre.actor(centre.beneficiary)

    page = choosing.get_choices(marie)
    assert page.last - page.first == timedelta(days=62)
    later = choosing.get_choices(marie, first=page.last + timedelta(days=1))

    assert later.last == later.horizon
    assert later.times[0].span.starts_at > page.times[-1].span.starts_at
    assert choosing.get_choices(marie, first=later.horizon + timedelta(days=400)).first == later.horizon


def test_without_a_bilan_there_is_nothing_to_choose(centre: Centre, choosing: ChoosingService):
    centre.people.close_bilan(centre.organization.id, centre.bilan.id)

    for user in (centre.beneficiary, centre.consultant, centre.admin):
        with pytest.raises(BilanNotActive):
            choosing.get_choices(centre.actor(user))
