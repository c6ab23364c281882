"""The hours that pass in a soak: from half past eight on a Tuesday morning on, a minute each second."""

import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from soak.processes import SharedClock

_TUESDAY = 2
_PARIS = ZoneInfo("Europe/Paris")
_BEGINS = time(8, 30)
_TICK = 1.0  # seconds
PASSES = timedelta(minutes=1)
"""With each tick. What is done within seconds of a machine takes as many minutes of the service."""


def next_morning(now: datetime) -> datetime:
    """Return when a soak begins: work lies ahead, on this day and the next, whenever it is run."""
    day = now.astimezone(_PARIS).date() + timedelta(days=1)
    while day.isoweekday() != _TUESDAY:
        day += timedelta(days=1)
    return datetime.combine(day, _BEGINS, tzinfo=_PARIS).astimezone(UTC)


class Hours:
    """Lets time pass for every process of the service, in the same steps. Use as a context manager."""

    def __init__(self, clock: SharedClock) -> None:
        self._clock = clock
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._pass, name="hours", daemon=True)

    def __enter__(self) -> "Hours":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _pass(self) -> None:
        while not self._is_over.wait(_TICK):
            self._clock.jump(PASSES)
