"""Idempotency keys: the same request is done once; another request under the key is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest

from creneau.core.domain.booking import MeetingFormat, Status
from creneau.core.domain.errors import IdempotencyKeyReused, InvalidIdempotencyKey, SlotTaken
from creneau.core.domain.idempotency import fingerprint
from creneau.core.services.housekeeping import HousekeepingService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, Urls, build_centre, plain

AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def request_for(centre: Centre, starts_at: datetime = AT_TEN) -> BookingRequest:
    return BookingRequest(centre.bilan.id, centre.consultant.id, starts_at)


def keys_of(owner: psycopg.Connection[tuple[object, ...]], centre: Centre) -> list[str]:
    query = "select key from idempotency_keys where organization_id = %s"
    return [str(key) for (key,) in owner.execute(query, (centre.organization.id,))]


def test_the_same_request_under_the_same_key_is_booked_once(centre: Centre):
    actor = centre.actor(centre.beneficiary)
    first = centre.scheduling.create_session_booking(actor, request_for(centre), "key-1")

    again = centre.scheduling.create_session_booking(actor, request_for(centre), "key-1")

    assert again == first
    assert len(centre.published.events) == 1
    assert centre.scheduling.get_beneficiary_bookings(actor, centre.beneficiary.id) == [first]


def test_a_request_made_again_later_is_answered_with_the_booking_as_it_is_now(centre: Centre):
    actor = centre.actor(centre.beneficiary)
    first = centre.scheduling.create_session_booking(actor, request_for(centre), "key-1")
    centre.scheduling.confirm_booking(centre.actor(centre.consultant), first.id)

    again = centre.scheduling.create_session_booking(actor, request_for(centre), "key-1")

    assert (again.id, again.status) == (first.id, Status.CONFIRMED)


def test_the_same_key_with_another_request_is_refused(centre: Centre):
    actor = centre.actor(centre.beneficiary)
    centre.scheduling.create_session_booking(actor, request_for(centre), "key-1")

    for other in (
        request_for(centre, AT_TEN + timedelta(hours=1)),
        replace(request_for(centre), meeting_format=MeetingFormat.PHONE),
        replace(request_for(centre), meeting_location="Bureau 2"),
    ):
        with pytest.raises(IdempotencyKeyReused):
            centre.scheduling.create_session_booking(actor, other, "key-1")


def test_a_key_is_one_person_s_own(centre: Centre):
    other, bilan = centre.add_beneficiary()
    centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request_for(centre), "key-1")

    booking = centre.scheduling.create_session_booking(
        centre.actor(other), BookingRequest(bilan.id, centre.consultant.id, AT_TEN + timedelta(hours=1)), "key-1"
    )

    assert booking.beneficiary_id == other.id


def test_a_refused_request_leaves_no_key(centre: Centre, owner: psycopg.Connection[tuple[object, ...]]):
    other, bilan = centre.add_beneficiary()
    first = centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request_for(centre))
    wanted = BookingRequest(bilan.id, centre.consultant.id, AT_TEN)

    with pytest.raises(SlotTaken):
        centre.scheduling.create_session_booking(centre.actor(other), wanted, "key-1")

    assert keys_of(owner, centre) == []
    centre.scheduling.cancel_booking(centre.actor(centre.consultant), first.id, "Imprévu")
    assert centre.scheduling.create_session_booking(centre.actor(other), wanted, "key-1").status is Status.SCHEDULED


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb", "a\x00b", "tab\t"])
def test_a_key_is_one_to_255_printable_characters(centre: Centre, key: str):
    with pytest.raises(InvalidIdempotencyKey):
        centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request_for(centre), key)


@pytest.mark.parametrize("key", ["k", "x" * 255, "clé n° 1"])
def test_any_printable_key_will_do(centre: Centre, key: str):
    actor = centre.actor(centre.beneficiary)
    first = centre.scheduling.create_session_booking(actor, request_for(centre), key)

    assert centre.scheduling.create_session_booking(actor, request_for(centre), key) == first


def test_an_instant_is_the_same_in_every_zone_and_what_is_left_out_is_nothing():
    paris = timezone(timedelta(hours=1))

    assert fingerprint({"at": AT_TEN}) == fingerprint({"at": AT_TEN.astimezone(paris), "link": None})
    assert fingerprint({"at": AT_TEN}) != fingerprint({"at": AT_TEN + timedelta(minutes=1)})


def test_keys_older_than_two_days_are_removed_of_every_organization(
    fresh_database: Database, fresh_urls: Urls, clock: MovableClock
):
    centres = [build_centre(fresh_database, clock) for _ in range(2)]
    for centre in centres:
        centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request_for(centre), "old")
    clock.move(hours=47)
    young = centres[0]
    young.scheduling.create_session_booking(
        young.actor(young.beneficiary), request_for(young, AT_TEN + timedelta(days=2)), "young"
    )
    housekeeping = HousekeepingService(fresh_database, clock)
    assert housekeeping.remove_old_idempotency_keys() == 0

    clock.move(hours=2)

    assert housekeeping.remove_old_idempotency_keys() == 2
    with psycopg.connect(plain(fresh_urls.owner)) as owner:
        assert keys_of(owner, young) == ["young"]
