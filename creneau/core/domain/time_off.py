"""Exceptions to a consultant's rules: time off, days with other hours, and public holidays that are worked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.errors import InvalidTimeRange, UnknownZone
from creneau.core.domain.ids import ExceptionId, OrganizationId, UserId
from creneau.core.domain.time import LocalSpan, Span, find_zone, to_span_of_days

LONGEST = timedelta(days=366)


class ExceptionKind(StrEnum):
    """TIME_OFF takes time away; CLOSED suspends weekly rules; OPEN_HOLIDAY lets them hold on a public holiday.

    On a CLOSED day slots of that one day alone offer times: together they are the day's other hours.
    """

    TIME_OFF = "TIME_OFF"
    CLOSED = "CLOSED"
    OPEN_HOLIDAY = "OPEN_HOLIDAY"


@dataclass(frozen=True, slots=True)
class TimeOffDraft:
    """An exception as it is asked for, both days included. With hours it is TIME_OFF at those hours of each day."""

    first_date: date
    last_date: date
    timezone: str
    kind: ExceptionKind = ExceptionKind.TIME_OFF
    start_time: time | None = None
    end_time: time | None = None


@dataclass(frozen=True, slots=True)
class OtherHours:
    """One day with hours of its own in place of the week's: rules of that one day, in one zone."""

    day: date
    timezone: str
    slots: tuple[SlotDraft, ...]

    @property
    def closed(self) -> TimeOffDraft:
        """What suspends the week's own hours."""
        return TimeOffDraft(self.day, self.day, self.timezone, ExceptionKind.CLOSED)

    def hold(self, session: LocalSpan) -> bool:
        """Tell whether a session, on the clock of this zone, lies within the hours of the day."""
        return session.day == self.day and any(
            slot.start_time <= session.start < session.end <= slot.end_time for slot in self.slots
        )


@dataclass(frozen=True, slots=True)
class TimeOff:
    """An exception in force."""

    id: ExceptionId
    organization_id: OrganizationId
    consultant_id: UserId
    kind: ExceptionKind
    first_date: date
    last_date: date
    start_time: time | None
    end_time: time | None
    timezone: str

    def days(self, first: date, last: date) -> Iterator[date]:
        """Yield the days of this exception that are among those from `first` to `last`."""
        day = max(self.first_date, first)
        while day <= min(self.last_date, last):
            yield day
            day += timedelta(days=1)

    def spans(self, first: date, last: date) -> list[Span]:
        """Return what a TIME_OFF takes away of the days from `first` to `last`."""
        return _spans(self, max(self.first_date, first), min(self.last_date, last))


def spans_of(draft: TimeOffDraft) -> list[Span]:
    """Return what a TIME_OFF would take away."""
    return _spans(draft, draft.first_date, draft.last_date)


def validate_time_off(draft: TimeOffDraft) -> None:
    """Raise `time.unknown_zone` or `time.invalid_range` unless the exception can be kept."""
    if find_zone(draft.timezone) is None:
        raise UnknownZone(timezone=draft.timezone)
    if not timedelta() <= draft.last_date - draft.first_date <= LONGEST:
        raise InvalidTimeRange
    hours = (draft.start_time, draft.end_time)
    if hours == (None, None):
        return
    if draft.kind is not ExceptionKind.TIME_OFF or draft.start_time is None or draft.end_time is None:
        raise InvalidTimeRange
    if draft.start_time.tzinfo or draft.end_time.tzinfo or draft.start_time >= draft.end_time:
        raise InvalidTimeRange


def days_of(exceptions: Iterable[TimeOff], kind: ExceptionKind, first: date, last: date) -> frozenset[date]:
    """Return the days from `first` to `last` that exceptions of a kind are about."""
    return frozenset(day for exception in exceptions if exception.kind is kind for day in exception.days(first, last))


def _passes(day: date, wall: time, zone: ZoneInfo) -> list[datetime]:
    """Return the instants a wall-clock time may mean: of a repeated hour both, around a gap both sides."""
    return [datetime.combine(day, wall.replace(fold=fold), tzinfo=zone).astimezone(UTC) for fold in (0, 1)]


def _spans(absence: TimeOff | TimeOffDraft, first: date, last: date) -> list[Span]:
    zone = find_zone(absence.timezone)
    if zone is None or first > last:
        return []
    if absence.start_time is None or absence.end_time is None:
        return [to_span_of_days(first, last, zone)]
    return [
        Span(min(_passes(day, absence.start_time, zone)), max(_passes(day, absence.end_time, zone)))
        for day in (first + timedelta(days=number) for number in range((last - first).days + 1))
    ]
