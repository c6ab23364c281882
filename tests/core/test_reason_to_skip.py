"""A reminder that was leased before its session changed: whether it may still go out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.reminders import ReminderType, reason_to_skip
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre

STARTS_AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
AN_HOUR_BEFORE = STARTS_AT - timedelta(hours=1)


@pytest.fixture
def booking(centre: Centre) -> Booking:
    request = BookingRequest(centre.bilan.id, centre.consultant.id, STARTS_AT)
    return centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.SCHEDULED, "not_confirmed"),
        (Status.CONFIRMED, None),
        (Status.CANCELLED, "not_live"),
        (Status.COMPLETED, "not_live"),
        (Status.NO_SHOW, "not_live"),
    ],
)
def test_only_a_confirmed_session_is_reminded_of(booking: Booking, status: Status, reason: str | None):
    assert reason_to_skip(ReminderType.BENEFICIARY_1H, replace(booking, status=status), AN_HOUR_BEFORE) == reason


def test_a_session_that_has_begun_is_not_reminded_of(booking: Booking):
    confirmed = replace(booking, status=Status.CONFIRMED)

    assert reason_to_skip(ReminderType.BENEFICIARY_1H, confirmed, STARTS_AT) == "too_late"
