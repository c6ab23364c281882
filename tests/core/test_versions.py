"""A change that is meant for a booking as it was seen: refused once the booking has changed, and never half done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import BookingChanged, BookingNotFound
from creneau.core.domain.ids import BookingId, ProposalId
from creneau.core.domain.meeting_place import MeetingPlace
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre

AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def book(centre: Centre) -> Booking:
    return centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, AT_TEN)
    )


def changes(centre: Centre, booking_id: BookingId, expected_version: int) -> list[Callable[[], Booking]]:
    s, b, c = centre.scheduling, centre.actor(centre.beneficiary), centre.actor(centre.consultant)
    v = {"expected_version": expected_version}
    return [
        lambda: s.confirm_booking(c, booking_id, **v),
        lambda: s.decline_booking(c, booking_id, **v),
        lambda: s.cancel_booking(b, booking_id, "Imprévu", **v),
        lambda: s.reschedule_booking(b, booking_id, AT_TEN + timedelta(days=1), **v),
        lambda: s.propose_times(c, booking_id, [AT_TEN + timedelta(days=1)], **v),
        lambda: s.accept_proposal(b, booking_id, ProposalId(uuid4()), **v),
        lambda: s.refuse_proposals(b, booking_id, **v),
        lambda: s.start_session(c, booking_id, **v),
        lambda: s.complete_session(c, booking_id, attended=True, **v),
        lambda: s.rate_session(b, booking_id, 5, **v),
        lambda: s.set_meeting_place(c, booking_id, MeetingPlace(), **v),
    ]


def test_every_change_of_a_booking_at_another_version_is_refused(centre: Centre):
    booking = book(centre)

    for change in changes(centre, booking.id, booking.version + 1):
        with pytest.raises(BookingChanged) as refused:
            change()
        assert refused.value.details == {"version": 1}

    assert centre.scheduling.get_booking(centre.actor(centre.beneficiary), booking.id) == booking


def test_a_change_at_the_version_that_was_seen_is_made(centre: Centre):
    booking = book(centre)

    confirmed = centre.scheduling.confirm_booking(
        centre.actor(centre.consultant), booking.id, expected_version=booking.version
    )

    assert (confirmed.status, confirmed.version) == (Status.CONFIRMED, 2)


def test_a_stranger_is_not_told_that_a_booking_changed(centre: Centre):
    booking = book(centre)
    stranger, _ = centre.add_beneficiary()

    with pytest.raises(BookingNotFound):
        centre.scheduling.cancel_booking(centre.actor(stranger), booking.id, "Imprévu", expected_version=7)


def test_of_many_who_saw_the_same_version_one_gets_through(centre: Centre):
    booking = book(centre)

    def attempt(number: int) -> bool:
        calls = changes(centre, booking.id, booking.version)
        try:
            calls[(0, 1, 2)[number % 3]]()
        except BookingChanged:
            return False
        return True

    with ThreadPoolExecutor(9) as pool:
        assert sum(pool.map(attempt, range(9))) == 1
