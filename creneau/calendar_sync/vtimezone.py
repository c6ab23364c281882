"""A time zone as a VTIMEZONE (RFC 5545 section 3.6.5) of the years that an object speaks of. Pure.

Each change of the clocks is an observance of its own: every parser reads that right, in every zone, Morocco's too.
Lists of them (RDATE), as libraries write, are read by their first value alone in some.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from creneau.calendar_sync.lines import fold

_A_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=256)
def render_vtimezone(timezone: str, first_year: int, last_year: int) -> str:
    """Return the lines of a zone for all days of some years, in any part of the world."""
    zone = ZoneInfo(timezone)
    begins, ends = datetime(first_year - 1, 12, 1, tzinfo=UTC), datetime(last_year + 1, 2, 1, tzinfo=UTC)
    blocks = [_observance(zone, begins, begins)]
    day = begins
    while day < ends:
        if _offset(zone, day) != _offset(zone, day + _A_DAY):
            onset = _find_onset(zone, day)
            blocks.append(_observance(zone, onset - _SECOND, onset))
        day += _A_DAY
    return f"BEGIN:VTIMEZONE\r\n{fold(f'TZID:{timezone}')}{''.join(blocks)}END:VTIMEZONE\r\n"


def _find_onset(zone: ZoneInfo, day: datetime) -> datetime:
    """Return the first second of the new offset within a day."""
    before, after = day, day + _A_DAY
    while after - before > _SECOND:
        middle = before + (after - before) // (2 * _SECOND) * _SECOND
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    return after


def _observance(zone: ZoneInfo, before: datetime, onset: datetime) -> str:
    """Return one observance: its onset is told on the clock of before."""
    local = onset.astimezone(zone)
    name = "DAYLIGHT" if local.dst() else "STANDARD"
    old, new = _offset(zone, before), _offset(zone, onset)
    wall = (onset + old).replace(tzinfo=None)
    return (
        f"BEGIN:{name}\r\nDTSTART:{wall:%Y%m%dT%H%M%S}\r\nTZOFFSETFROM:{_utc_offset(old)}\r\n"
        f"TZOFFSETTO:{_utc_offset(new)}\r\nTZNAME:{local.tzname()}\r\nEND:{name}\r\n"
    )


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _utc_offset(offset: timedelta) -> str:
    sign = "-" if offset < timedelta() else "+"
    minutes, seconds = divmod(int(abs(offset).total_seconds()), 60)
    text = f"{sign}{minutes // 60:02}{minutes % 60:02}"
    return f"{text}{seconds:02}" if seconds else text
