"""What a consultant did to a session in their own calendar: it is asked about, and never acted on alone.

The booking owns its time and whether it exists; the calendar owns the words.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from creneau.core.domain.errors import Refusal
from creneau.core.domain.ids import BookingId
from creneau.core.domain.time import Span

SECOND_LOOK_AFTER = timedelta(minutes=2)
"""An event that is not there is looked for once more, this much later, before anybody is asked."""
FEW = 3
"""So many may vanish in one pass, whatever share of all they are, without the calendar being mistrusted."""
SHARE = 5


class ChangeKind(StrEnum):
    MOVED = "MOVED"
    REPEATED = "REPEATED"
    """It was made to recur: a session takes place once."""
    DECLINED = "DECLINED"
    """It was declined, or cancelled, but still stands there."""
    GONE = "GONE"


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """A change that is not settled. `span` is where a moved event stands, None where it has no length.

    `asked_at` is None while it waits for a second look, `told_at` while the question is not out.
    """

    booking_id: BookingId
    kind: ChangeKind
    booked_at: datetime
    seen_at: datetime
    etag: str | None = None
    span: Span | None = None
    asked_at: datetime | None = None
    told_at: datetime | None = None

    def is_same(self, other: "CalendarChange") -> bool:
        """Tell whether a change says what is known already."""
        return (self.kind, self.span, self.booked_at) == (other.kind, other.span, other.booked_at)


@dataclass(frozen=True, slots=True)
class CalendarQuestion:
    """A change as it is put to a consultant. `refusal` says why its new time cannot be asked for; None: it can."""

    change: CalendarChange
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Watched:
    """A session that stands in a calendar: where, as of which etag, and what is open about it."""

    booking_id: BookingId
    href: str
    etag: str | None
    span: Span
    change: CalendarChange | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An event of ours as it stands in a calendar. `kind` None: its time is the session's, its words may differ."""

    href: str
    etag: str | None
    kind: ChangeKind | None
    span: Span | None


def is_mass_loss(gone: int, watched: int) -> bool:
    """Tell whether so many sessions vanished at once that it is the calendar that is mistrusted, not the events."""
    return gone > max(FEW, watched // SHARE)
