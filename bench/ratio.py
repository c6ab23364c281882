"""Measure one thing against another, turn by turn."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """One line of results.json."""

    name: str
    value: float
    unit: str
    target: float
    better: str
    baseline: str

    @property
    def is_reached(self) -> bool:
        return self.value <= self.target if self.better == "lower" else self.value >= self.target

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def time_ratio(subject: Callable[[], object], baseline: Callable[[], object], rounds: int, calls: int = 20) -> float:
    """Return the median of (seconds of the subject / seconds of the baseline), the two taken in turn each round."""
    subject()
    baseline()
    return median(_seconds(subject, calls) / _seconds(baseline, calls) for _ in range(rounds))


def _seconds(work: Callable[[], object], calls: int) -> float:
    began = perf_counter()
    for _ in range(calls):
        work()
    return perf_counter() - began
