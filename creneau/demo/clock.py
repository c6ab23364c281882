"""A clock that runs like the machine's and can be moved forward, to see reminders arrive."""

from datetime import UTC, datetime, timedelta
from threading import Lock


class DemoClock:
    def __init__(self) -> None:
        self._ahead = timedelta()
        self._lock = Lock()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, by: timedelta) -> None:
        with self._lock:
            self._ahead += by

    def move_to(self, instant: datetime) -> None:
        """Make it `instant` now; time goes on from there."""
        with self._lock:
            self._ahead = instant - datetime.now(UTC)
