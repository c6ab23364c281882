"""The names that Slack sends back to us, and the ids that ride in buttons and options.

A value is `v1|...`: ids only, never a right. Whoever clicks is checked again by the core.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

from creneau.core.domain.errors import Refusal
from creneau.core.domain.ids import BookingId, SlotId
from creneau.core.domain.time import BookableTime

BOOK_COMMAND = "/book"
BOOK_SHORTCUT = "book_session"
BOOK_VIEW = "book_session"
BOOK_OPEN = "book_open"
BOOK_DAY = "book_day"
BOOK_TIME = "book_time"
BOOK_FORMAT = "book_format"
ANSWER_CONFIRM = "answer_confirm"
ANSWER_DECLINE = "answer_decline"
SESSION_CANCEL = "session_cancel"

_VERSION = "v1"
_LONGEST_PAGE_NUMBER = 4


class UnreadableValue(Refusal):
    """A value that this version of the app did not write: an old message, or somebody's own invention."""

    code = "slack.unreadable_value"

    def __init__(self, value: str) -> None:
        """The value is kept for whoever looks at the exception; nobody is told it."""
        super().__init__()
        self.value = value


@contextmanager
def reading() -> Iterator[None]:
    """Around what reads a window that came back: whatever is not as we write it is another version's.

    Raises: UnreadableValue.
    """
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise UnreadableValue(str(error)) from error


def booking_value(booking_id: BookingId) -> str:
    return f"{_VERSION}|{booking_id}"


def read_booking_value(value: str) -> BookingId:
    """Raises: UnreadableValue."""
    match value.split("|"):
        case [version, booking_id] if version == _VERSION:
            try:
                return BookingId(UUID(booking_id))
            except ValueError as error:
                raise UnreadableValue(value) from error
    raise UnreadableValue(value)


def time_value(time: BookableTime) -> str:
    return f"{_VERSION}|{time.slot_id}|{int(time.span.starts_at.timestamp())}"


def read_time_value(value: str) -> tuple[SlotId, datetime]:
    """Return the slot and the UTC instant of a chosen time. Raises: UnreadableValue."""
    match value.split("|"):
        case [version, slot_id, seconds] if version == _VERSION:
            try:
                return SlotId(UUID(slot_id)), datetime.fromtimestamp(int(seconds), UTC)
            except (ValueError, OverflowError, OSError) as error:
                raise UnreadableValue(value) from error
    raise UnreadableValue(value)


def read_page_number(written: str) -> int:
    """Raises: UnreadableValue, also for a page that no list has."""
    if written.isdecimal() and len(written) <= _LONGEST_PAGE_NUMBER:
        return int(written)
    raise UnreadableValue(written)
