"""Bookable hours as what comes back each week on a wall clock, so that nine o'clock stays nine o'clock. Pure.

One object a rule: the series, the days it leaves out (EXDATE), and the days on which less is left (RECURRENCE-ID; a
second stretch of such a day is an RDATE of its own). All of it is transparent: it takes nobody's time.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import uuid5
from zoneinfo import ZoneInfo

from creneau.calendar_sync.feed import render_stream
from creneau.calendar_sync.lines import fold, instant, text_line
from creneau.calendar_sync.vtimezone import render_vtimezone
from creneau.core.domain.bookable_series import BookableSeries, Hours
from creneau.core.domain.ids import SlotId, UserId

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Revision:
    """How often a series was told differently, and since when it is as it is."""

    sequence: int
    changed_at: datetime


def uid_of_series(slot_id: SlotId, domain: str) -> str:
    """Return the name of a rule's hours in every calendar, for ever."""
    return f"{uuid5(slot_id, 'series')}@{domain}"


def uid_of_availability(consultant_id: UserId, domain: str) -> str:
    return f"{uuid5(consultant_id, 'availability')}@{domain}"


def render_series(series: BookableSeries, summary: str, revision: Revision, domain: str) -> bytes:
    """Return the body of the calendar object of one rule."""
    said = f"{text_line('SUMMARY', summary)}STATUS:CONFIRMED\r\nTRANSP:TRANSPARENT\r\n"
    return render_stream((_zone(series) + _components("VEVENT", series, said, revision, domain)).encode())


def render_vavailability(
    series: Iterable[BookableSeries], consultant_id: UserId, summary: str, revision: Revision, domain: str
) -> bytes:
    """Return hours as one VAVAILABILITY (RFC 7953): outside of them its owner is not available."""
    told = list(series)
    years = [year for one in told for year in _years(one)]
    zones = sorted({one.timezone for one in told})
    stamp = instant(revision.changed_at)
    lines = [
        *(render_vtimezone(timezone, min(years), max(years)) for timezone in zones),
        "BEGIN:VAVAILABILITY\r\n",
        fold(f"UID:{uid_of_availability(consultant_id, domain)}"),
        f"DTSTAMP:{stamp}\r\nSEQUENCE:{revision.sequence}\r\nBUSYTYPE:BUSY-UNAVAILABLE\r\n",
        *(_components("AVAILABLE", one, text_line("SUMMARY", summary), revision, domain) for one in told),
        "END:VAVAILABILITY\r\n",
    ]
    return render_stream("".join(lines).encode())


def digest_of(series: BookableSeries, summary: str, domain: str) -> str:
    """Return what tells one state of a series from another, whenever it came about."""
    return hashlib.sha256(render_series(series, summary, Revision(0, _NO_TIME), domain)).hexdigest()


def _zone(series: BookableSeries) -> str:
    return render_vtimezone(series.timezone, *_years(series))


def _years(series: BookableSeries) -> tuple[int, int]:
    return series.first.year, (series.until or series.first).year


def _components(name: str, series: BookableSeries, said: str, revision: Revision, domain: str) -> str:
    stamp = instant(revision.changed_at)
    head = (
        f"BEGIN:{name}\r\n{fold(f'UID:{uid_of_series(series.slot_id, domain)}')}SEQUENCE:{revision.sequence}\r\n"
        f"DTSTAMP:{stamp}\r\nLAST-MODIFIED:{stamp}\r\n"
    )
    tail = f"{said}END:{name}\r\n"
    if series.until is None:
        stretches = series.cut or (Hours(series.first, series.start, series.end),)
        return (
            head
            + _span(series, stretches[0])
            + _extra(series, stretches[1:])
            + tail
            + _others(series, [(one.start, one) for one in stretches[1:]], head, tail)
        )
    replaced = _replaced(series)
    more = [hours for wall, hours in replaced if wall == hours.start and wall != series.start]
    until = datetime.combine(series.until, series.start, tzinfo=ZoneInfo(series.timezone)).astimezone(UTC)
    weekly = [
        _span(series, Hours(series.first, series.start, series.end)),
        f"RRULE:FREQ=WEEKLY;UNTIL={instant(until)}\r\n",
        *(fold(f"EXDATE{_local(series, day, series.start)}") for day in series.left_out),
        _extra(series, more),
    ]
    return head + "".join(weekly) + tail + _others(series, replaced, head, tail)


def _replaced(series: BookableSeries) -> list[tuple[time, Hours]]:
    """Return what is left of cut days with the wall clock of the occurrence that it stands for."""
    seen: set[date] = set()
    replaced: list[tuple[time, Hours]] = []
    for hours in series.cut:
        replaced.append((hours.start if hours.day in seen else series.start, hours))
        seen.add(hours.day)
    return replaced


def _extra(series: BookableSeries, more: Iterable[Hours]) -> str:
    return "".join(fold(f"RDATE{_local(series, hours.day, hours.start)}") for hours in more)


def _others(series: BookableSeries, replaced: Iterable[tuple[time, Hours]], head: str, tail: str) -> str:
    return "".join(
        head + fold(f"RECURRENCE-ID{_local(series, hours.day, wall)}") + _span(series, hours) + tail
        for wall, hours in replaced
    )


def _span(series: BookableSeries, hours: Hours) -> str:
    starts, ends = _local(series, hours.day, hours.start), _local(series, hours.day, hours.end)
    return fold(f"DTSTART{starts}") + fold(f"DTEND{ends}")


def _local(series: BookableSeries, day: date, wall: time) -> str:
    return f";TZID={series.timezone}:{day:%Y%m%d}T{wall:%H%M%S}"
