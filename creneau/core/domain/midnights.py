"""Where the days of a zone begin, as whole minutes since 1970: the bridge between wall clocks and integers."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from creneau.core.domain.time import find_zone

IntArray = NDArray[np.int64]

MINUTES_A_DAY = 1440

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()


@lru_cache(maxsize=1024)
def midnights(timezone: str, first_ordinal: int, days: int) -> IntArray:
    """Return the minute at which each of `days + 1` days begins, or an empty array for an unknown zone.

    A midnight that the clocks skip is the moment of the skip. Days run by ordinal from `first_ordinal`. Read-only.
    """
    zone = find_zone(timezone)
    if zone is None:
        return np.empty(0, np.int64)
    last = first_ordinal + days
    years = range(date.fromordinal(first_ordinal).year, date.fromordinal(last).year + 1)
    minutes = [_midnights_of_year(timezone, year) for year in years]
    skipped = first_ordinal - date(years[0], 1, 1).toordinal()
    found = np.concatenate(minutes)[skipped : skipped + days + 1]
    found.flags.writeable = False
    return found


def to_minute(instant: datetime) -> int:
    """Return the minute an instant is in, counted from 1970."""
    return int((instant - _EPOCH).total_seconds() // 60)


def to_datetime(minute: int) -> datetime:
    """Return the instant at which a minute counted from 1970 begins."""
    return _EPOCH + timedelta(minutes=minute)


def to_minute_after(instant: datetime) -> int:
    """Return the first minute that begins at an instant or after it."""
    return -int(-(instant - _EPOCH).total_seconds() // 60)


@lru_cache(maxsize=4096)
def _midnights_of_year(timezone: str, year: int) -> IntArray:
    zone = find_zone(timezone)
    first = date(year, 1, 1).toordinal()
    last = date(year, 12, 31).toordinal()
    minutes = []
    for ordinal in range(first, last + 1):
        day = date.fromordinal(ordinal)
        offset = datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()
        assert offset is not None  # noqa: S101 - the callers have found the zone
        minutes.append((ordinal - _EPOCH_ORDINAL) * MINUTES_A_DAY - int(offset.total_seconds()) // 60)
    return np.array(minutes, np.int64)
