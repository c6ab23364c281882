"""A booking and its people, for what needs no database."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from creneau.core.domain.booking import Booking, MeetingFormat, SessionType, Status
from creneau.core.domain.ids import BilanId, BookingId, OrganizationId, SlotId, UserId
from creneau.core.domain.time import LocalSpan, Span

START = datetime(2026, 12, 3, 8, 0, tzinfo=UTC)

BOOKING = Booking(
    id=BookingId(UUID("019a0000-0000-7000-8000-0000000000a7")),
    organization_id=OrganizationId(UUID(int=1)),
    bilan_id=BilanId(UUID(int=2)),
    consultant_id=UserId(UUID(int=3)),
    beneficiary_id=UserId(UUID(int=4)),
    slot_id=SlotId(UUID(int=5)),
    local=LocalSpan(date(2026, 12, 3), time(9), time(11), "Europe/Paris"),
    span=Span(START, START + timedelta(hours=2)),
    session_type=SessionType.FOLLOW_UP,
    meeting_format=MeetingFormat.VIDEO,
    meeting_location=None,
    meeting_link="https://meet.example.org/secret-room",
    status=Status.CONFIRMED,
    version=2,
    created_at=datetime(2026, 11, 30, 8, 0, tzinfo=UTC),
    updated_at=datetime(2026, 11, 30, 9, 30, 15, 123456, tzinfo=UTC),
    confirmed_at=datetime(2026, 11, 30, 9, 30, 15, 123456, tzinfo=UTC),
)


def booking(**changes: Any) -> Booking:
    return replace(BOOKING, **changes)
