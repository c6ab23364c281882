"""The names that the window of a session's outcome sends back, and what it is about."""

from enum import StrEnum
from uuid import UUID

from creneau.bot.ids import UnreadableValue
from creneau.core.domain.ids import BookingId

RECORD_VIEW = "record_session"
NOTES_BLOCK = "consultant_notes"
MATERIALS_BLOCK = "preparation_materials"

_VERSION = "v1"


class Record(StrEnum):
    """What is recorded with the notes: that it took place, that nobody came, or nothing more."""

    HELD = "HELD"
    MISSED = "MISSED"
    NOTES = "NOTES"


def record_value(booking_id: BookingId, what: Record) -> str:
    return f"{_VERSION}|{booking_id}|{what}"


def read_record_value(value: str) -> tuple[BookingId, Record]:
    """Raises: UnreadableValue."""
    match value.split("|"):
        case [version, booking_id, what] if version == _VERSION and what in set(Record):
            try:
                return BookingId(UUID(booking_id)), Record(what)
            except ValueError as error:
                raise UnreadableValue(value) from error
    raise UnreadableValue(value)
