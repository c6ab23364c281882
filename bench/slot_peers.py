"""The engine beside the pure slot functions of other packages: the same rules, the same rows, the same answer."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from bench.ratio import Result, time_ratio
from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.engine import Agenda, Intervals, judge
from creneau.core.domain.grid import Consultant, lay_out
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.midnights import to_minute
from creneau.core.domain.policy import Policy
from creneau.core.domain.time import Span

_FIRST = date(2026, 10, 5)  # sixty days with a change of the clocks
_DAYS = 60
_NOW = datetime(2026, 10, 4, tzinfo=UTC)
_ZONE = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Rows:
    sessions: list[Span]
    busy: list[Span]


def vs_slotify(rounds: int) -> Result:
    from bench.peers import slotify_scheduling  # noqa: PLC0415 - there only after `make .venv/.bench`

    rows = _rows()
    peer = slotify_scheduling.prepare(rows.sessions, rows.busy, _FIRST, _DAYS, _NOW)
    _require_same(rows, peer())
    ratio = 1 / time_ratio(_engine(rows), peer, rounds, calls=1)
    return Result("slots.vs_slotify", round(ratio), "times as fast", 1000, "higher", "slotify-scheduling 0.5.1")


def vs_django_appointment(rounds: int) -> Result:
    from bench.peers import django_appointment  # noqa: PLC0415 - there only after `make .venv/.bench`

    rows = _rows()
    peer = django_appointment.prepare(rows.sessions, rows.busy, _FIRST, _DAYS)
    _require_same(rows, [start.replace(tzinfo=_ZONE) for start in peer()])
    ratio = 1 / time_ratio(_engine(rows), peer, rounds, calls=50)
    return Result(
        "slots.vs_django_appointment", round(ratio, 2), "times as fast", 3, "higher", "django-appointment 3.12"
    )


def _rows() -> Rows:
    chance = random.Random(1)  # noqa: S311 - the same rows each time
    spans = []
    for _ in range(250):
        day = _FIRST + timedelta(days=chance.randrange(_DAYS))
        start = datetime.combine(day, time(chance.randrange(8, 18), chance.choice((0, 30))), tzinfo=_ZONE)
        spans.append(Span(start.astimezone(UTC), (start + timedelta(minutes=30)).astimezone(UTC)))
    return Rows(spans[:125], spans[125:])


class _engine:  # noqa: N801 - reads as a function made ready
    """Our pure function on rows that lie in memory as the database gives them: whole minutes."""

    def __init__(self, rows: Rows) -> None:
        self._rules = [
            AvailabilitySlot(
                SlotId(UUID(int=day)), OrganizationId(UUID(int=1)), UserId(UUID(int=2)), time(8), time(18),
                "Europe/Paris", day, None, 90, 1, None, is_available=True,
            )
            for day in range(1, 6)
        ]  # fmt: skip
        policy = Policy(horizon_days=90, slot_increment_minutes=30, closes_on_holidays=False)
        self._consultants = [Consultant(UserId(UUID(int=2)), "Europe/Paris", policy)]
        self._held, self._busy = _minutes(rows.sessions), _minutes(rows.busy)
        self._bare = Agenda.bare(1)

    def __call__(self) -> list[int]:
        grid = lay_out(self._rules, self._consultants, _FIRST, _FIRST + timedelta(days=_DAYS - 1))
        bare = self._bare
        agenda = Agenda(bare.notice_until, bare.horizon, bare.buffer, to_minute(_NOW), held=self._held, busy=self._busy)
        found: list[int] = grid.start[judge(grid, agenda)[0]].tolist()
        return found


def _minutes(spans: list[Span]) -> Intervals:
    return Intervals(
        np.array([to_minute(span.starts_at) for span in spans]), np.array([to_minute(span.ends_at) for span in spans])
    )


def _require_same(rows: Rows, starts: list[datetime]) -> None:
    """A peer that answers something else is no measure."""
    ours = sorted(_engine(rows)())
    theirs = sorted(to_minute(start.astimezone(UTC)) for start in starts)
    if ours != theirs:
        only_one = sorted(set(ours) ^ set(theirs))
        message = f"{len(ours)} starts against {len(theirs)}, {len(only_one)} of them in one answer alone"
        raise AssertionError(message)
