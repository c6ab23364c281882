"""The grid of starts: what consultants' rules offer before anything is said about who holds what.

Starts are integers, minutes since 1970, in arrays: a whole organization at once, or one consultant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
from numpy.typing import NDArray

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.ids import UserId
from creneau.core.domain.midnights import MINUTES_A_DAY, IntArray, midnights, to_datetime, to_minute
from creneau.core.domain.policy import Policy
from creneau.core.domain.time import find_zone, to_instant

NO_WALL = -1
"""In `Grid.wall` on a day on which the clocks change: read the wall clock from the instant."""

_Columns = tuple[IntArray, IntArray, IntArray, IntArray]
"""Rule, start, day and wall of some starts."""

_NO_DAY = 0
_LAST_DAY = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Consultant:
    """Somebody whose times are worked out: the zone of their day, and the policy in force."""

    id: UserId
    timezone: str
    policy: Policy


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Every start that rules offer, as arrays side by side. `rule` and `lane` are places in `rules` and consultants."""

    rules: Sequence[AvailabilitySlot]
    rule: IntArray
    lane: IntArray
    start: IntArray
    length: IntArray
    capacity: IntArray
    day: IntArray
    """The ordinal of the day in the rule's zone."""
    wall: IntArray
    """The wall clock in minutes, or NO_WALL."""
    is_weekly: NDArray[np.bool_]

    def pick(self, chosen: NDArray[np.bool_] | IntArray) -> "Grid":
        return Grid(
            self.rules,
            self.rule[chosen],
            self.lane[chosen],
            self.start[chosen],
            self.length[chosen],
            self.capacity[chosen],
            self.day[chosen],
            self.wall[chosen],
            self.is_weekly[chosen],
        )


def lay_out(rules: Sequence[AvailabilitySlot], consultants: Sequence[Consultant], first: date, last: date) -> Grid:
    """Return every start of the rules on the days from `first` to `last` of each rule's zone, both included.

    Starts lie `slot_increment_minutes` apart from the window's own start, or a session's length. A start that the
    clocks skip is left out, the repeated hour is offered once, and every session has its length in real time.
    """
    rules = [rule for rule in rules if rule.is_available]
    lanes = {consultant.id: lane for lane, consultant in enumerate(consultants)}
    lane = np.array([lanes[rule.consultant_id] for rule in rules], np.int64)
    length = np.array([rule.duration_minutes for rule in rules], np.int64)
    increments = [consultants[place].policy.slot_increment_minutes for place in lane.tolist()]
    step = np.array(
        [increment or rule.duration_minutes for increment, rule in zip(increments, rules, strict=True)], np.int64
    )
    opens = np.array([_minute_of_day(rule.start_time) for rule in rules], np.int64)
    closes = np.array([_minute_of_day(rule.end_time) for rule in rules], np.int64)
    by_zone: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        by_zone.setdefault(rule.timezone, []).append(number)
    parts: list[_Columns] = []
    days = (last - first).days + 1
    counts = np.maximum((closes - opens - length) // step + 1, 0)
    for timezone, numbers in by_zone.items():
        begins = midnights(timezone, first.toordinal(), days) if days > 0 else np.empty(0, np.int64)
        if not begins.size:
            continue
        which, day = _windows(rules, np.array(numbers, np.int64), first, days)
        is_regular = (begins[1:] - begins[:-1] == MINUTES_A_DAY)[day]
        if not is_regular.all():
            parts += [
                _walk(rules[number], number, int(step[number]), first.toordinal() + later)
                for number, later in zip(which[~is_regular].tolist(), day[~is_regular].tolist(), strict=True)
            ]
            which, day = which[is_regular], day[is_regular]
        count = counts[which]
        ends = np.cumsum(count)
        window = np.repeat(np.arange(len(which)), count)
        wall = opens[which][window] + (np.arange(len(window)) - (ends - count)[window]) * step[which][window]
        parts.append((which[window], begins[day][window] + wall, first.toordinal() + day[window], wall))
    rule_of, start, day_of, wall_of = _join(parts)
    is_weekly = np.array([rule.date_specific is None for rule in rules], np.bool_)
    capacity = np.array([rule.max_concurrent_bookings for rule in rules], np.int64)
    return Grid(
        rules,
        rule_of,
        lane[rule_of],
        start,
        length[rule_of],
        capacity[rule_of],
        day_of,
        wall_of,
        is_weekly[rule_of],
    )


def find_offers(
    rules: Sequence[AvailabilitySlot], consultants: Sequence[Consultant], first: date, last: date, start: int
) -> Grid:
    """Return what `lay_out` has at one start, a minute since 1970, without laying out the days around it."""
    rules = [rule for rule in rules if rule.is_available]
    lanes = {consultant.id: lane for lane, consultant in enumerate(consultants)}
    found: list[tuple[int, ...]] = []
    for number, rule in enumerate(rules):
        lane = lanes[rule.consultant_id]
        step = consultants[lane].policy.slot_increment_minutes or rule.duration_minutes
        day = _day_of(start, rule.timezone)
        if day is None or not first <= day <= last or not _applies(rule, day):
            continue
        wall = _wall_of(rule, number, step, day.toordinal(), start)
        if wall is not None:
            length, capacity = rule.duration_minutes, rule.max_concurrent_bookings
            found.append((number, lane, start, length, capacity, day.toordinal(), wall))
    rule_of, lane_of, starts, lengths, capacities, days, walls = np.array(found, np.int64).reshape(-1, 7).T
    is_weekly = np.array([rules[offer[0]].date_specific is None for offer in found], np.bool_)
    return Grid(rules, rule_of, lane_of, starts, lengths, capacities, days, walls, is_weekly)


def _day_of(start: int, timezone: str) -> date | None:
    zone = find_zone(timezone)
    return to_datetime(start).astimezone(zone).date() if zone else None


def _applies(rule: AvailabilitySlot, day: date) -> bool:
    if rule.date_specific is not None:
        return day == rule.date_specific
    is_over = rule.recurring_until is not None and day > rule.recurring_until
    return not is_over and rule.day_of_week == day.isoweekday() % 7


def _wall_of(rule: AvailabilitySlot, number: int, step: int, ordinal: int, start: int) -> int | None:
    """Return the wall clock of a start of a rule, None for what is no start of it."""
    begins, ends = midnights(rule.timezone, ordinal, 1).tolist()
    if ends - begins != MINUTES_A_DAY:
        return NO_WALL if start in _walk(rule, number, step, ordinal)[1] else None
    wall: int = start - begins
    into = wall - _minute_of_day(rule.start_time)
    fits = into >= 0 and wall + rule.duration_minutes <= _minute_of_day(rule.end_time)
    return wall if fits and into % step == 0 else None


def _windows(rules: Sequence[AvailabilitySlot], numbers: IntArray, first: date, days: int) -> tuple[IntArray, IntArray]:
    """Return the pairs of a rule and a day, counted from `first`, on which the rule applies."""
    mine = [rules[number] for number in numbers.tolist()]
    ordinal = first.toordinal() + np.arange(days)
    weekday = np.array([NO_WALL if rule.day_of_week is None else rule.day_of_week for rule in mine])
    applies = weekday[:, None] == ordinal % 7  # an ordinal that 7 divides is a Sunday
    if any(rule.date_specific for rule in mine):
        on = np.array([rule.date_specific.toordinal() if rule.date_specific else _NO_DAY for rule in mine])
        applies |= on[:, None] == ordinal
    if any(rule.recurring_until for rule in mine):
        until = np.array(
            [
                rule.recurring_until.toordinal() if rule.recurring_until and not rule.date_specific else _LAST_DAY
                for rule in mine
            ]
        )
        applies &= ordinal <= until[:, None]
    rule, day = np.nonzero(applies)
    return numbers[rule], day


def _walk(rule: AvailabilitySlot, number: int, step: int, ordinal: int) -> _Columns:
    """Return a rule's starts on a day on which the clocks change, one by one."""
    day = date.fromordinal(ordinal)
    zone = find_zone(rule.timezone)
    starts: list[int] = []
    opens, closes = _minute_of_day(rule.start_time), _minute_of_day(rule.end_time)
    closes_at = to_minute(datetime.combine(day, time(*divmod(closes, 60)), tzinfo=zone))
    for wall in range(opens, closes - rule.duration_minutes + 1, step):
        instant = to_instant(day, time(*divmod(wall, 60)), zone) if zone else None
        if instant is None:
            continue
        start = to_minute(instant)
        # A session that the clocks jump ahead during ends later on the wall: it may still run at the next start.
        is_running = step >= rule.duration_minutes and starts and start < starts[-1] + rule.duration_minutes
        if not is_running and start + rule.duration_minutes <= closes_at:
            starts.append(start)
    size = len(starts)
    return (
        np.full(size, number, np.int64),
        np.array(starts, np.int64),
        np.full(size, ordinal, np.int64),
        np.full(size, NO_WALL, np.int64),
    )


def _minute_of_day(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _join(parts: list[_Columns]) -> _Columns:
    if len(parts) == 1:
        return parts[0]
    nothing = np.empty(0, np.int64)
    rule, start, day, wall = (
        (np.concatenate([nothing, *columns]) for columns in zip(*parts, strict=True)) if parts else (nothing,) * 4
    )
    return rule, start, day, wall
