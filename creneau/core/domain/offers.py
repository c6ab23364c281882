"""From the integers of the engine back to times that people read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from creneau.core.domain.engine import BoolArray
from creneau.core.domain.grid import NO_WALL, Grid
from creneau.core.domain.ids import UserId
from creneau.core.domain.midnights import MINUTES_A_DAY, IntArray
from creneau.core.domain.time import BookableTime, LocalSpan, Span, find_zone, to_local_span


@dataclass(frozen=True, slots=True, eq=False)
class OpenTimes:
    """The starts of many consultants that can be booked, kept as numbers until somebody reads them."""

    consultant_ids: tuple[UserId, ...]
    grid: Grid
    seats: IntArray

    def __len__(self) -> int:
        return len(self.grid.start)

    def of(self, consultant_id: UserId) -> list[BookableTime]:
        """Return the times of one consultant, in order; of an unknown one, none."""
        if consultant_id not in self.consultant_ids:
            return []
        return to_bookable_times(self.grid, self.seats, self.grid.lane == self.consultant_ids.index(consultant_id))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WALL = tuple(time(*divmod(minute, 60)) for minute in range(MINUTES_A_DAY))


def to_bookable_times(grid: Grid, seats: IntArray, chosen: BoolArray | None = None) -> list[BookableTime]:
    """Return starts of a grid, all or the chosen, by instant and then by rule."""
    places = np.arange(len(grid.start)) if chosen is None else np.nonzero(chosen)[0]
    if len(places) > 1:
        places = _in_order(grid, places)
    columns: Iterable[tuple[int, ...]] = zip(
        grid.rule[places].tolist(),
        grid.start[places].tolist(),
        grid.length[places].tolist(),
        grid.day[places].tolist(),
        grid.wall[places].tolist(),
        seats[places].tolist(),
        strict=True,
    )
    rules = grid.rules
    instants: dict[int, datetime] = {}
    days: dict[int, date] = {}
    found = []
    for rule_number, start, length, ordinal, wall, left in columns:
        rule = rules[rule_number]
        starts_at = instants.get(start) or instants.setdefault(start, _EPOCH + timedelta(minutes=start))
        end = start + length
        ends_at = instants.get(end) or instants.setdefault(end, _EPOCH + timedelta(minutes=end))
        span = Span(starts_at, ends_at)
        if wall == NO_WALL:
            zone = find_zone(rule.timezone)
            assert zone is not None  # noqa: S101 - the grid has no starts of unknown zones
            local = to_local_span(span, zone)
        else:
            day = days.get(ordinal) or days.setdefault(ordinal, date.fromordinal(ordinal))
            local = LocalSpan(day, _WALL[wall], _WALL[(wall + length) % MINUTES_A_DAY], rule.timezone)
        found.append(BookableTime(rule.id, rule.consultant_id, local, span, left))
    return found


def _in_order(grid: Grid, places: IntArray) -> IntArray:
    number = np.argsort([rule.id.int for rule in grid.rules]).argsort()[grid.rule[places]]
    return places[np.lexsort((number, grid.start[places]))]
