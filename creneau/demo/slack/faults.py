"""Faults on order: the Web API answers late, wrong, or not at all, so that an app can show how it copes."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One ordered fault. `is_after_effect` lets the call take effect before the answer is lost."""

    status: int = 200
    error: str | None = None
    retry_after: int | None = None
    is_dropped: bool = False
    is_after_effect: bool = False


@dataclass(frozen=True)
class Call:
    """One recorded call of the Web API, as it was answered."""

    method: str
    team_id: str | None
    arguments: dict[str, Any]
    status: int
    error: str | None
    messages: tuple[str, ...] = ()


class Faults:
    """The order book: faults are used up first in, first out, method by method."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ordered: dict[str, deque[Fault]] = defaultdict(deque)
        self.is_offline = False

    def rate_limit(self, method: str, *, times: int = 1, retry_after: int = 1) -> None:
        self._order(method, times, Fault(status=429, error="ratelimited", retry_after=retry_after))

    def crash(self, method: str, *, times: int = 1, status: int = 500) -> None:
        self._order(method, times, Fault(status=status))

    def refuse(self, method: str, error: str, *, times: int = 1) -> None:
        self._order(method, times, Fault(error=error))

    def lose_request(self, method: str, *, times: int = 1) -> None:
        """Drop the connection before the call takes effect."""
        self._order(method, times, Fault(is_dropped=True))

    def lose_answer(self, method: str, *, times: int = 1) -> None:
        """Let the call take effect, then drop the connection: the caller cannot know."""
        self._order(method, times, Fault(is_dropped=True, is_after_effect=True))

    def clear(self) -> None:
        with self._lock:
            self._ordered.clear()
            self.is_offline = False

    def take(self, method: str) -> Fault | None:
        with self._lock:
            if self.is_offline:
                return Fault(is_dropped=True)
            return self._ordered[method].popleft() if self._ordered[method] else None

    def _order(self, method: str, times: int, fault: Fault) -> None:
        with self._lock:
            self._ordered[method].extend([fault] * times)
