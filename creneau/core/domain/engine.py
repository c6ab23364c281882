"""The one engine: which starts of a grid can be booked. Listing, booking and explaining all ask here.

Everything is whole minutes since 1970. Several consultants are worked out at once: each has a lane, a stretch of the
integers of their own, so that one sorted array serves all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from creneau.core.domain.grid import Consultant, Grid
from creneau.core.domain.midnights import IntArray, midnights, to_minute, to_minute_after
from creneau.core.domain.time import Span

LANE = 1 << 34
"""Longer than all minutes of the years up to 9999."""
NEVER = LANE - 1
DAYS = 1 << 22
"""More than there are ordinals of days."""

BoolArray = NDArray[np.bool_]

_NONE = np.empty(0, np.int64)
_DAYS_AROUND = 9  # a week, and a day for zones


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Half-open stretches as two arrays, each value in its consultant's lane. In no order."""

    starts: IntArray = field(default_factory=lambda: _NONE)
    ends: IntArray = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True, eq=False)
class Agenda:
    """All that closes starts. What is left at its default closes nothing.

    The arrays `notice_until`, `horizon`, `buffer` and `is_unknown` have a value a lane.
    """

    notice_until: IntArray
    """Starts before this minute come too soon."""
    horizon: IntArray
    """Starts from this minute on are too far ahead."""
    buffer: IntArray
    now: int = -1
    """The last minute that is past."""
    held: Intervals = field(default_factory=Intervals)
    """Sessions with the buffer that each has after it."""
    sessions: Intervals = field(default_factory=Intervals)
    """The same without it: what tells a taken time from a buffer. Closes nothing itself."""
    busy: Intervals = field(default_factory=Intervals)
    time_off: Intervals = field(default_factory=Intervals)
    beneficiary: Intervals = field(default_factory=Intervals)
    closed_days: IntArray = field(default_factory=lambda: _NONE)
    """Days on which weekly rules do not hold, as lane * DAYS + ordinal."""
    holidays: IntArray = field(default_factory=lambda: _NONE)
    """The same, because they are public holidays."""
    seats_taken: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """By rule (its place in the grid's rules) and start: the seats that sessions of a group hold."""
    caps: "Caps | None" = None
    is_unknown: BoolArray | None = None
    is_bilan_open: bool = True
    """Whether the bilan that a session would be booked on is active."""
    minutes_left: int = NEVER
    """What is left of its hours: longer sessions are closed."""

    @classmethod
    def bare(cls, lanes: int) -> "Agenda":
        """Return an agenda that closes nothing."""
        zeros = np.zeros(lanes, np.int64)
        return cls(zeros, np.full(lanes, NEVER), zeros)


@dataclass(frozen=True, slots=True, eq=False)
class Caps:
    """The most sessions a day and an ISO week, on each consultant's own calendar. A group is one session."""

    consultants: Sequence[Consultant]
    starts: IntArray
    """Of every session that counts, in its lane; the members of a group count once."""
    first_ordinal: int
    days: int

    def are_reached(self, lane: IntArray, start: IntArray) -> BoolArray:
        """Tell for each start whether one more session on its day or in its week would be too many."""
        sessions = np.unique(self.starts)
        daily, weekly = (
            np.array([cap or NEVER for cap in caps])
            for caps in (
                [consultant.policy.daily_cap for consultant in self.consultants],
                [consultant.policy.weekly_cap for consultant in self.consultants],
            )
        )
        held = self._days(sessions // LANE, sessions % LANE)
        wanted = self._days(lane, start)
        weeks_held, weeks = sessions // LANE * DAYS + (held - 1) // 7, lane * DAYS + (wanted - 1) // 7
        is_day_full = _count_equal(sessions // LANE * DAYS + held, lane * DAYS + wanted) >= daily[lane]
        full: BoolArray = is_day_full | (_count_equal(weeks_held, weeks) >= weekly[lane])
        return full

    def _days(self, lane: IntArray, start: IntArray) -> IntArray:
        """Return the ordinals of the days on which starts fall on each consultant's wall clock."""
        zones = [consultant.timezone for consultant in self.consultants]
        names = sorted(set(zones))
        zone = np.array([names.index(name) for name in zones])[lane]
        first = self.first_ordinal - _DAYS_AROUND
        days = np.zeros(len(start), np.int64)
        for number, name in enumerate(names):
            mine = zone == number
            begins = midnights(name, first, self.days + 2 * _DAYS_AROUND)
            days[mine] = first - 1 + np.searchsorted(begins, start[mine], "right")
        return days


def judge(grid: Grid, agenda: Agenda) -> tuple[BoolArray, IntArray]:
    """Return which starts of a grid can be booked, and the seats left on each (of those that can).

    A start is closed by anything that its session, with the buffer after it, would run into. Sessions of one group
    share rule and start and take a seat each; any other overlap closes.
    """
    lane, start = grid.lane, grid.start
    opens = np.maximum(agenda.notice_until, agenda.now + 1)
    can_book: BoolArray = (start >= opens[lane]) & (start < agenda.horizon[lane])
    for days in (agenda.closed_days, agenda.holidays):
        if days.size:
            can_book &= ~(grid.is_weekly & np.isin(lane * DAYS + grid.day, days))
    if agenda.is_unknown is not None:
        can_book &= ~agenda.is_unknown[lane]
    can_book &= agenda.is_bilan_open & (grid.length <= agenda.minutes_left)
    taken = _taken(grid, agenda.seats_taken)
    starts, ends = _blocks(agenda)
    if starts.size:
        key = lane * LANE + start
        began = np.searchsorted(starts, key + grid.length + agenda.buffer[lane], "left")
        ended = np.searchsorted(ends, key, "right")
        can_book &= began - ended == taken
    seats = grid.capacity - taken
    can_book &= seats > 0
    if agenda.caps is not None:
        can_book &= (taken > 0) | ~agenda.caps.are_reached(lane, start)
    return can_book, seats


def to_intervals(spans: Iterable[Span], lane: int = 0) -> Intervals:
    """Return the whole minutes that spans touch."""
    pairs = [(to_minute(span.starts_at), to_minute_after(span.ends_at)) for span in spans]
    if not pairs:
        return Intervals()
    both = lane * LANE + np.array(pairs, np.int64).clip(0, NEVER)
    return Intervals(both[:, 0], both[:, 1])


def join_intervals(parts: Sequence[Intervals]) -> Intervals:
    if not parts:
        return Intervals()
    return Intervals(np.concatenate([part.starts for part in parts]), np.concatenate([part.ends for part in parts]))


def notice_ends(now: datetime, minutes: int) -> int:
    """Return the first minute that is as far from now as the notice asks."""
    return to_minute_after(now) + minutes if minutes else 0


def _taken(grid: Grid, seats_taken: Mapping[tuple[int, int], int]) -> IntArray:
    """Return the seats of each start that its own group holds."""
    taken = np.zeros(len(grid.start), np.int64)
    if not seats_taken:
        return taken
    for place in np.nonzero(grid.capacity > 1)[0].tolist():
        taken[place] = seats_taken.get((int(grid.rule[place]), int(grid.start[place])), 0)
    return taken


def _blocks(agenda: Agenda) -> tuple[IntArray, IntArray]:
    """Return the starts and the ends of all that closes, each sorted.

    A start meets as many stretches as have begun before its end, less those that have ended before it begins. The
    buffer counts against sessions and busy time alone: what it must not reach into begins that much later.
    """
    after = [agenda.time_off, agenda.beneficiary]
    starts = np.concatenate(
        [
            agenda.held.starts,
            agenda.busy.starts,
            *(part.starts + agenda.buffer[part.starts // LANE] for part in after if part.starts.size),
        ]
    )
    ends = np.concatenate([agenda.held.ends, agenda.busy.ends, *(part.ends for part in after if part.ends.size)])
    starts.sort()
    ends.sort()
    return starts, ends


def _count_equal(values: IntArray, wanted: IntArray) -> IntArray:
    """Return how many of `values` equal each of `wanted`."""
    ordered = np.sort(values)
    counts: IntArray = np.searchsorted(ordered, wanted, "right") - np.searchsorted(ordered, wanted, "left")
    return counts
