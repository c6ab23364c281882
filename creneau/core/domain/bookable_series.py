"""A rule as a calendar shows it: hours that come back each week, without the days that are closed, or of one day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.ids import SlotId
from creneau.core.domain.time import Span, find_zone, to_local_span
from creneau.core.domain.time_off import ExceptionKind, TimeOff, days_of

_A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of one day on the wall clock of a rule's zone."""

    day: date
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class BookableSeries:
    """The hours of one rule in its zone: `first`, and the same each week until `until`; None: that day alone.

    Days that are `left_out` have none. `cut` are what is left on days of which a part is taken, several a day maybe.
    """

    slot_id: SlotId
    timezone: str
    first: date
    start: time
    end: time
    until: date | None
    left_out: tuple[date, ...] = ()
    cut: tuple[Hours, ...] = ()


def years_around(today: date) -> tuple[date, date]:
    """Return the days that series are told for: this year and the next, so that they change by themselves once a year.

    Public holidays are known for those, and what recurs for ever would be open on the holidays after them.
    """
    return date(today.year, 1, 1), date(today.year + 1, 12, 31)


def to_series(
    rule: AvailabilitySlot, exceptions: Sequence[TimeOff], holidays: frozenset[date], first: date, last: date
) -> BookableSeries | None:
    """Return a rule's hours on the days from `first` to `last`; None where it has none.

    `holidays` are the days on which weekly rules rest. What is left of a day is told where a session still fits in.
    """
    zone = find_zone(rule.timezone)
    days = _days(rule, first, last)
    if zone is None or not rule.is_available or not days:
        return None
    is_weekly = rule.date_specific is None
    closed = (holidays | days_of(exceptions, ExceptionKind.CLOSED, first, last)) if is_weekly else frozenset()
    taken = [
        span
        for exception in exceptions
        if exception.kind is ExceptionKind.TIME_OFF
        for span in exception.spans(first - _A_WEEK, last + _A_WEEK)
    ]
    left_out: list[date] = []
    cut: list[Hours] = []
    for day in days:
        whole = _on(day, rule, zone)
        pieces = [] if day in closed else _without(whole, taken)
        if pieces == [whole]:
            continue
        fitting = [to_local_span(piece, zone) for piece in pieces if piece.minutes >= rule.duration_minutes]
        cut += [Hours(local.day, local.start, local.end) for local in fitting]
        if not fitting:
            left_out.append(day)
    if len(left_out) == len(days):
        return None
    return BookableSeries(
        rule.id,
        rule.timezone,
        days[0],
        rule.start_time,
        rule.end_time,
        days[-1] if is_weekly else None,
        tuple(left_out),
        tuple(cut),
    )


def _days(rule: AvailabilitySlot, first: date, last: date) -> list[date]:
    if rule.date_specific is not None:
        return [rule.date_specific] if first <= rule.date_specific <= last else []
    begins = max(first, rule.created_at.date()) if rule.created_at else first
    ends = min(last, rule.recurring_until) if rule.recurring_until else last
    day = begins + timedelta(days=((rule.day_of_week or 0) - begins.isoweekday()) % 7)
    return [day + number * _A_WEEK for number in range((ends - day).days // 7 + 1)] if day <= ends else []


def _on(day: date, rule: AvailabilitySlot, zone: ZoneInfo) -> Span:
    starts, ends = (datetime.combine(day, wall, tzinfo=zone) for wall in (rule.start_time, rule.end_time))
    return Span(starts.astimezone(UTC), ends.astimezone(UTC))


def _without(whole: Span, taken: Iterable[Span]) -> list[Span]:
    """Return what is left of a span, in order."""
    left = [whole]
    for span in taken:
        if span.overlaps(whole):
            left = [piece for one in left for piece in _minus(one, span)]
    return left


def _minus(one: Span, span: Span) -> list[Span]:
    if not one.overlaps(span):
        return [one]
    before = Span(one.starts_at, max(one.starts_at, span.starts_at))
    after = Span(min(one.ends_at, span.ends_at), one.ends_at)
    return [piece for piece in (before, after) if piece.minutes]
