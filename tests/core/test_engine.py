"""The engine against a walk in words: every start of a grid judged by looking at each thing that may close it."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creneau.core.domain.availability import AvailabilitySlot, horizon_ends_at
from creneau.core.domain.engine import DAYS, Agenda, Caps, judge, notice_ends, to_intervals
from creneau.core.domain.explanation import Reason, reasons_against
from creneau.core.domain.grid import Consultant, Grid, find_offers, lay_out
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.midnights import midnights, to_minute
from creneau.core.domain.offers import to_bookable_times
from creneau.core.domain.policy import DEFAULT_POLICY, Policy
from creneau.core.domain.time import BookableTime, Span, find_zone
from tests.core.asking import CONSULTANT, HeldTime, grid_of, offered_times, seats_taken

A_MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)
PARIS = ZoneInfo("Europe/Paris")
TWENTY_ZONES = (
    "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Europe/London", "Europe/Dublin", "Europe/Athens",
    "Atlantic/Azores", "Africa/Casablanca", "Africa/Cairo", "Asia/Beirut", "Asia/Jerusalem", "Asia/Kathmandu",
    "Asia/Kolkata", "Asia/Tokyo", "America/Santiago", "America/St_Johns", "America/Sao_Paulo", "Australia/Sydney",
    "Pacific/Auckland", "Pacific/Chatham",
)  # fmt: skip


def rule(
    number: int, on: date, start: int, end: int, minutes: int, zone: str, capacity: int = 1, *, weekly: bool = True
) -> AvailabilitySlot:
    """`start` and `end` in minutes after midnight."""
    return AvailabilitySlot(
        SlotId(UUID(int=number)),
        OrganizationId(UUID(int=1000)),
        CONSULTANT,
        time(*divmod(start, 60)),
        time(*divmod(end, 60)),
        zone,
        on.isoweekday() % 7 if weekly else None,
        None if weekly else on,
        minutes,
        capacity,
        None,
        is_available=True,
    )


@dataclass(frozen=True)
class World:
    """A situation in the words of people."""

    rules: list[AvailabilitySlot]
    first: date
    policy: Policy
    zone: str
    held: list[HeldTime]
    busy: list[Span]
    off: list[Span]
    beneficiary: list[Span]
    holidays: set[date]
    closed: set[date]
    now: datetime

    @property
    def last(self) -> date:
        return self.first + 2 * A_DAY

    def grid(self) -> Grid:
        return grid_of(self.rules, self.first, self.last, self.policy, self.zone)

    def agenda(self) -> Agenda:
        buffer = self.policy.buffer
        consultant = Consultant(CONSULTANT, self.zone, self.policy)
        sessions = to_intervals([session.span for session in self.held])
        return Agenda(
            notice_until=np.array([notice_ends(self.now, self.policy.minimum_notice_minutes)]),
            horizon=np.array([to_minute(horizon_ends_at(self.now, self.zone, self.policy.horizon))]),
            buffer=np.array([self.policy.buffer_minutes]),
            now=to_minute(self.now),
            held=to_intervals([Span(s.span.starts_at, s.span.ends_at + buffer) for s in self.held]),
            sessions=sessions,
            busy=to_intervals(self.busy),
            time_off=to_intervals(self.off),
            beneficiary=to_intervals(self.beneficiary),
            closed_days=np.array([day.toordinal() for day in self.closed], np.int64),
            holidays=np.array([day.toordinal() for day in self.holidays], np.int64),
            seats_taken=seats_taken([rule.id for rule in self.rules], self.held),
            caps=Caps([consultant], sessions.starts, self.first.toordinal(), 3),
        )

    def reasons(self, offer: BookableTime) -> set[Reason]:  # noqa: C901 - one thing after the other, in words
        """Why an offer is closed, each thing looked at by itself."""
        weekly = next(rule for rule in self.rules if rule.id == offer.slot_id).date_specific is None
        capacity = next(rule for rule in self.rules if rule.id == offer.slot_id).max_concurrent_bookings
        span, buffer = offer.span, self.policy.buffer
        group = [s for s in self.held if (s.slot_id, s.span.starts_at) == (offer.slot_id, span.starts_at)]
        group = group if capacity > 1 else []
        others = [s for s in self.held if s not in group]
        with_buffer = Span(span.starts_at, span.ends_at + buffer)
        found = set()
        if span.starts_at <= self.now:
            found.add(Reason.PAST)
        elif span.starts_at < self.now + self.policy.minimum_notice:
            found.add(Reason.NOTICE)
        today = self.now.astimezone(ZoneInfo(self.zone)).date()
        if span.starts_at.astimezone(ZoneInfo(self.zone)).date() > today + self.policy.horizon:
            found.add(Reason.HORIZON)
        if weekly and offer.local.day in self.closed:
            found.add(Reason.OUTSIDE_RULES)
        if weekly and offer.local.day in self.holidays:
            found.add(Reason.HOLIDAY)
        if any(span.overlaps(off) for off in self.off):
            found.add(Reason.TIME_OFF)
        if any(span.overlaps(busy) for busy in self.beneficiary):
            found.add(Reason.BENEFICIARY_BUSY)
        if any(span.overlaps(s.span) for s in others) or len(group) >= capacity:
            found.add(Reason.TAKEN)
        if any(span.overlaps(busy) for busy in self.busy):
            found.add(Reason.BUSY_ELSEWHERE)
        held = [Span(s.span.starts_at, s.span.ends_at + buffer) for s in others]
        if not found & {Reason.TAKEN, Reason.BUSY_ELSEWHERE} and any(with_buffer.overlaps(h) for h in held + self.busy):
            found.add(Reason.BUFFER)
        if not group and self._is_over_cap(span.starts_at):
            found.add(Reason.CAP)
        return found

    def _is_over_cap(self, starts_at: datetime) -> bool:
        def day(instant: datetime) -> date:
            return instant.astimezone(ZoneInfo(self.zone)).date()

        starts = {s.span.starts_at for s in self.held}
        of_day = Counter(day(start) for start in starts)[day(starts_at)]
        of_week = Counter(day(start).isocalendar()[:2] for start in starts)[day(starts_at).isocalendar()[:2]]
        policy = self.policy
        return (policy.daily_cap is not None and of_day >= policy.daily_cap) or (
            policy.weekly_cap is not None and of_week >= policy.weekly_cap
        )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    zone, first = draw(
        st.sampled_from(
            [
                ("Europe/Paris", date(2026, 3, 27)),
                ("Europe/Paris", date(2026, 10, 24)),
                ("Europe/Paris", date(2026, 6, 5)),
                ("America/New_York", date(2026, 10, 31)),
                ("Australia/Lord_Howe", date(2026, 10, 3)),
                ("Africa/Cairo", date(2026, 4, 23)),
            ]
        )
    )
    rules = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        start = draw(st.integers(0, 1300))
        end = draw(st.integers(start + 5, 1439))
        minutes = draw(st.sampled_from([5, 20, 45, 60, 90, 120]))
        day = first + draw(st.integers(0, 2)) * A_DAY
        seats = draw(st.sampled_from([1, 1, 2, 3]))
        rules.append(rule(number, day, start, end, minutes, zone, seats, weekly=draw(st.booleans())))
    policy = replace(
        DEFAULT_POLICY,
        minimum_notice_minutes=draw(st.sampled_from([0, 0, 30, 600])),
        horizon_days=draw(st.sampled_from([1, 2, 42])),
        buffer_minutes=draw(st.sampled_from([0, 0, 7, 15, 60])),
        slot_increment_minutes=draw(st.sampled_from([None, None, 15, 25, 60])),
        daily_cap=draw(st.sampled_from([None, None, 1, 2])),
        weekly_cap=draw(st.sampled_from([None, None, 2, 3])),
    )
    midnight = datetime.combine(first, time(), tzinfo=UTC)

    def spans(most: int) -> list[Span]:
        starts = draw(st.lists(st.integers(-600, 3 * 1440), max_size=most))
        return [Span(midnight + at * A_MINUTE, midnight + (at + draw(st.integers(1, 240))) * A_MINUTE) for at in starts]

    offers = offered_times(rules, first, first + 2 * A_DAY, policy)
    held = [HeldTime(span, draw(st.sampled_from([None, SlotId(UUID(int=1))]))) for span in spans(2)]
    if offers:
        held += [HeldTime(o.span, o.slot_id) for o in draw(st.lists(st.sampled_from(offers), max_size=4))]
    days = st.sets(st.sampled_from([first + n * A_DAY for n in range(3)]), max_size=1)
    seconds = draw(st.sampled_from([0, 0, 1, 59]))
    now = midnight + draw(st.integers(-600, 2000)) * A_MINUTE + timedelta(seconds=seconds)
    return World(rules, first, policy, zone, held, spans(2), spans(1), spans(2), draw(days), draw(days), now)


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_the_engine_lists_and_explains_what_a_walk_in_words_finds(world: World):
    grid, agenda = world.grid(), world.agenda()
    can_book, seats = judge(grid, agenda)

    for place, offer in enumerate(_offers_in_place(grid, seats)):
        expected = world.reasons(offer)
        only = np.arange(len(grid.start)) == place
        assert bool(can_book[place]) == (not expected), offer
        assert set(reasons_against(grid.pick(only), agenda)) == expected, offer


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_what_is_found_at_one_start_is_what_lies_there_when_all_are_laid_out(world: World):
    laid = world.grid()
    consultants = [Consultant(CONSULTANT, world.zone, world.policy)]
    around = {start + offset for start in laid.start.tolist() for offset in (-1440, -30, -7, -1, 0, 1, 60)}

    for start in sorted(around)[::5]:
        found = find_offers(world.rules, consultants, world.first, world.last, start)
        expected = laid.pick(laid.start == start)
        assert _columns(found) == _columns(expected)


def _columns(grid: Grid) -> list[tuple[int, ...]]:
    arrays = (grid.rule, grid.lane, grid.start, grid.length, grid.capacity, grid.day, grid.wall, grid.is_weekly)
    return sorted(zip(*(array.tolist() for array in arrays), strict=True))


def _offers_in_place(grid: Grid, seats: np.ndarray) -> list[BookableTime]:
    return [
        to_bookable_times(grid.pick(np.array([place])), seats[place : place + 1])[0] for place in range(len(grid.start))
    ]


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_no_time_that_is_offered_breaks_a_rule(world: World):
    grid, agenda = world.grid(), world.agenda()
    can_book, seats = judge(grid, agenda)

    for offer in to_bookable_times(grid, seats, can_book):
        its_rule = next(rule for rule in world.rules if rule.id == offer.slot_id)
        opens, last_moment = (
            instant.astimezone(ZoneInfo(its_rule.timezone)).time()
            for instant in (offer.span.starts_at, offer.span.ends_at - timedelta(microseconds=1))
        )
        assert opens >= its_rule.start_time
        # An end at which the clocks jump is told as the later time.
        assert min(offer.local.end, last_moment) <= its_rule.end_time
        assert offer.span.minutes == its_rule.duration_minutes
        assert 1 <= offer.seats_left <= its_rule.max_concurrent_bookings
        assert offer.span.starts_at > world.now
        assert not any(offer.span.overlaps(span) for span in world.busy + world.off + world.beneficiary)


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_many_consultants_at_once_are_each_told_what_they_are_told_alone(world: World):
    """Three lanes: the same rules for three people, the world's agenda for the middle one, another zone around."""
    people = [
        Consultant(UserId(UUID(int=2000 + lane)), world.zone if lane == 1 else "Asia/Tokyo", world.policy)
        for lane in range(3)
    ]
    rules = [
        replace(r, id=SlotId(UUID(int=r.id.int + 100 * n)), consultant_id=people[n].id)
        for n in range(3)
        for r in world.rules
    ]
    grid = lay_out(rules, people, world.first, world.last)
    alone, wide = world.agenda(), Agenda.bare(3)
    lane = 1 << 34

    def in_middle(part):
        return replace(part, starts=part.starts + lane, ends=part.ends + lane)

    wide = replace(
        wide,
        notice_until=np.repeat(alone.notice_until, 3),
        horizon=np.repeat(alone.horizon, 3),
        buffer=np.repeat(alone.buffer, 3),
        now=alone.now,
        held=in_middle(alone.held),
        busy=in_middle(alone.busy),
        time_off=in_middle(alone.time_off),
        beneficiary=in_middle(alone.beneficiary),
        closed_days=alone.closed_days + DAYS,
        holidays=alone.holidays + DAYS,
        seats_taken={(place + len(world.rules), start): n for (place, start), n in alone.seats_taken.items()},
        caps=Caps(people, alone.caps.starts + lane, world.first.toordinal(), 3),
    )
    can_book, _ = judge(grid, wide)
    mine = grid.lane == 1

    expected, _ = judge(world.grid(), alone)
    assert sorted(grid.start[mine & can_book].tolist()) == sorted(world.grid().start[expected].tolist())


@pytest.mark.parametrize("zone", TWENTY_ZONES)
def test_nine_stays_nine_in_twenty_zones_over_two_years_with_any_increment(zone: str):
    first, last = date(2026, 1, 1), date(2027, 12, 31)
    rules = [rule(n + 1, first + n * A_DAY, 540, 660, 60, zone) for n in range(7)]

    for increment in (None, 30):
        policy = replace(DEFAULT_POLICY, slot_increment_minutes=increment)
        offers = offered_times(rules, first, last, policy)
        nine = [o for o in offers if o.local.start == time(9)]
        assert [o.local.day for o in nine] == [first + n * A_DAY for n in range(730)]
        for offer in nine:
            local = offer.span.starts_at.astimezone(ZoneInfo(zone))
            assert (local.date(), local.time(), offer.span.minutes) == (offer.local.day, time(9), 60)


@pytest.mark.parametrize("zone", TWENTY_ZONES)
def test_days_begin_where_the_wall_clock_says(zone: str):
    first = date(2026, 1, 1)
    begins = midnights(zone, first.toordinal(), 730).tolist()

    for later, minute in enumerate(begins[:-1]):
        day = first + later * A_DAY
        for instant in (minute, begins[later + 1] - 1):
            assert (datetime(1970, 1, 1, tzinfo=UTC) + instant * A_MINUTE).astimezone(find_zone(zone)).date() == day


def test_an_increment_offers_starts_between_sessions():
    monday = date(2026, 11, 30)
    policy = replace(DEFAULT_POLICY, slot_increment_minutes=30)

    offers = offered_times([rule(1, monday, 540, 690, 90, "Europe/Paris")], monday, monday, policy)

    assert [f"{o.local.start:%H:%M}-{o.local.end:%H:%M}" for o in offers] == [
        "09:00-10:30",
        "09:30-11:00",
        "10:00-11:30",
    ]


def test_a_session_at_half_past_eleven_in_the_evening_counts_that_day_in_paris():
    monday = date(2026, 11, 30)
    rules = [rule(1, monday, 540, 600, 60, "Europe/Paris"), rule(2, monday + A_DAY, 540, 600, 60, "Europe/Paris")]
    late = datetime(2026, 11, 30, 23, 30, tzinfo=PARIS).astimezone(UTC)
    held = [HeldTime(Span(late, late + 20 * A_MINUTE), None)]
    now = datetime(2026, 11, 29, tzinfo=UTC)
    policy = replace(DEFAULT_POLICY, daily_cap=1)
    world = World(rules, monday, policy, "Europe/Paris", held, [], [], [], set(), set(), now)

    grid = world.grid()
    can_book, seats = judge(grid, world.agenda())

    assert [o.local.day for o in to_bookable_times(grid, seats, can_book)] == [monday + A_DAY]


@pytest.mark.parametrize(("hour", "minute"), [(0, 30), (23, 30)])
def test_the_horizon_is_counted_from_the_consultants_own_day_just_after_and_before_midnight(hour: int, minute: int):
    today = date(2026, 11, 30)
    now = datetime(2026, 11, 30, hour, minute, tzinfo=PARIS).astimezone(UTC)
    rules = [rule(n + 1, today + n * A_DAY, 540, 600, 60, "Europe/Paris") for n in range(7)]
    world = World(
        rules, today, replace(DEFAULT_POLICY, horizon_days=1), "Europe/Paris", [], [], [], [], set(), set(), now
    )

    grid = world.grid()
    can_book, seats = judge(grid, world.agenda())

    days = [o.local.day for o in to_bookable_times(grid, seats, can_book)]
    assert days == ([today, today + A_DAY] if hour == 0 else [today + A_DAY])


@pytest.mark.parametrize("increment", [None, 5, 60, 480])
def test_windows_that_end_at_midnight_come_to_an_end(increment: int | None):
    day = date(2026, 11, 30)
    policy = replace(DEFAULT_POLICY, slot_increment_minutes=increment)

    offers = offered_times([rule(1, day, 1380, 1439, 30, "Europe/Paris")], day, day, policy)

    assert offers[0].local.start == time(23)
    assert all(o.local.end <= time(23, 59) and o.local.day == day for o in offers)
