"""Identifiers: one type a noun, and UUIDv7 from an instant and ten random bytes (RFC 9562 section 5.7)."""

from datetime import UTC, datetime, timedelta
from typing import NewType
from uuid import UUID

OrganizationId = NewType("OrganizationId", UUID)
UserId = NewType("UserId", UUID)
BilanId = NewType("BilanId", UUID)
SlotId = NewType("SlotId", UUID)
BookingId = NewType("BookingId", UUID)
ReminderId = NewType("ReminderId", UUID)
ExceptionId = NewType("ExceptionId", UUID)
CalendarLinkId = NewType("CalendarLinkId", UUID)
PageLinkId = NewType("PageLinkId", UUID)
ProposalId = NewType("ProposalId", UUID)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_WITHOUT_VERSION = ~(0xF << 76 | 0x3 << 62)
_VERSION_7 = 0x7 << 76 | 0x2 << 62


def uuid7(at: datetime, random: bytes) -> UUID:
    """Return the UUIDv7 of an aware instant and 10 random bytes. Sorts by time, so indexes grow at one end."""
    milliseconds = (at - _EPOCH) // _MILLISECOND
    value = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(random, "big")
    return UUID(int=value & _WITHOUT_VERSION | _VERSION_7)
