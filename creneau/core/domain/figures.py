"""How the service does, in figures for whoever operates it: counts and ages, of all organizations together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

LATE_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class JobFigures:
    """The jobs of one task. `waiting` are due, `late` for more than a minute; `oldest` is the age of the first."""

    waiting: int
    late: int
    failed: int
    oldest: timedelta


@dataclass(frozen=True, slots=True)
class Figures:
    """`worker_age` is None without a worker, `busy_age` without any calendar read, `backup_age` without a backup."""

    jobs: Mapping[str, JobFigures]
    worker_age: timedelta | None
    reminders_due: int
    reminders_lag: timedelta
    busy_age: timedelta | None
    backup_age: timedelta | None = None
