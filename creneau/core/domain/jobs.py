"""Jobs: what a worker is to do once the transaction that wrote it is through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Job:
    """A task by its name, with arguments that are ids and words, as JSON has them."""

    task: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that was given up after its last try. One `comes_by_the_clock` runs again without help."""

    id: int
    task: str
    arguments: Mapping[str, object]
    attempts: int
    failed_at: datetime | None
    comes_by_the_clock: bool
