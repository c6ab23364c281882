"""Quiet hours: when nobody is written to, on the recipient's own wall clock. Sundays are quiet all day.

In French law and custom a message from work at night or on a Sunday is an intrusion; see docs/reminders.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SUNDAY = 7
_A_MINUTE = timedelta(minutes=1)
_A_DAY = timedelta(days=1)
_MOST_STEPS = 8


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Quiet from `begins` up to, and without, `ends`, over midnight where it ends earlier. Equal: no quiet hours."""

    begins: time
    ends: time

    def are_on(self, at: datetime, zone: ZoneInfo) -> bool:
        return self._is_quiet(_on_wall(at, zone))

    def last_before(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return an instant itself when it is not quiet, else the last minute before that is not."""
        return self._nearest(at, zone, self._minute_before)

    def first_after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return an instant itself when it is not quiet, else the first after it that is not."""
        return self._nearest(at, zone, self._end_of)

    def _nearest(self, at: datetime, zone: ZoneInfo, step: Callable[[datetime], datetime]) -> datetime:
        wall = _on_wall(at, zone)
        for _ in range(_MOST_STEPS):
            if not self._is_quiet(wall):
                return at if wall == _on_wall(at, zone) else wall.replace(tzinfo=zone).astimezone(UTC)
            wall = step(wall)
        return at  # quiet all week long: whoever chose that meant something else

    def _is_quiet(self, wall: datetime) -> bool:
        return wall.isoweekday() == _SUNDAY or self._is_quiet_time(wall.time())

    def _is_quiet_time(self, at: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends

    def _minute_before(self, wall: datetime) -> datetime:
        """The last minute before the quiet stretch that `wall` is in."""
        if not self._is_quiet_time(wall.time()):
            return _at(wall.date(), time()) - _A_MINUTE
        day = wall.date() if wall.time() >= self.begins else wall.date() - _A_DAY
        return _at(day, self.begins) - _A_MINUTE

    def _end_of(self, wall: datetime) -> datetime:
        """The end of the quiet stretch that `wall` is in."""
        if not self._is_quiet_time(wall.time()):
            return _at(wall.date() + _A_DAY, time())
        day = wall.date() if wall.time() < self.ends else wall.date() + _A_DAY
        return _at(day, self.ends)


def _on_wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _at(day: date, wall: time) -> datetime:
    return datetime.combine(day, wall)
