"""Time as the domain speaks it: a wall clock with its zone, the instants it means, and spans between instants.

The wall clock is what people agreed on; instants are derived from it here and nowhere else, because Postgres and
Python read the repeated hour of autumn differently.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from creneau.core.domain.ids import SlotId, UserId

_A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time, `starts_at <= t < ends_at`, both aware UTC instants."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def minutes(self) -> int:
        return (self.ends_at - self.starts_at) // _A_MINUTE


@dataclass(frozen=True, slots=True)
class LocalSpan:
    """A stretch on the wall clock of one day: what two people agree on. `timezone` is an IANA name."""

    day: date
    start: time
    end: time
    timezone: str


@dataclass(frozen=True, slots=True)
class BookableTime:
    """A start that can be booked now, as listed and as posted back."""

    slot_id: SlotId
    consultant_id: UserId
    local: LocalSpan
    span: Span
    seats_left: int


# Files beside the zones: of leap seconds (27 seconds off), of this machine's own setting, and a placeholder.
_NOT_ZONES = ("right/", "posix/", "localtime", "posixrules", "Factory")


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo | None:
    """Return the IANA zone, or None when there is none of that name."""
    if name.startswith(_NOT_ZONES):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown name, path tricks, a folder of the database
        return None


def to_instant(day: date, wall: time, zone: ZoneInfo) -> datetime | None:
    """Return the UTC instant of a wall-clock time, or None in the gap of a clock change and at the ends of time.

    The repeated hour of autumn means its first pass (`fold=0`).
    """
    local = datetime.combine(day, wall.replace(fold=0), tzinfo=zone)
    try:
        instant = local.astimezone(UTC)
    except OverflowError:  # before year 1, or after 9999
        return None
    there_and_back = instant.astimezone(zone).replace(tzinfo=None, fold=0)
    return instant if there_and_back == local.replace(tzinfo=None) else None


def to_local_span(span: Span, zone: ZoneInfo) -> LocalSpan:
    """Return the wall clock of a span in a zone. The day is the day on which it starts."""
    start, end = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    return LocalSpan(start.date(), start.time().replace(fold=0), end.time().replace(fold=0), zone.key)


def to_span_of_days(first: date, last: date, zone: ZoneInfo) -> Span:
    """Return the instants of the days from `first` to `last`, both included, on the wall clock of a zone."""
    starts, ends = (datetime.combine(day, time(), tzinfo=zone) for day in (first, last + timedelta(days=1)))
    return Span(starts.astimezone(UTC), ends.astimezone(UTC))
