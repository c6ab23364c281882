"""Acknowledgements go first: work that nobody waits for lets them pass before it begins.

Threads share one interpreter: beside sixteen listeners at work an acknowledgement of a millisecond takes half a second.
"""

from collections.abc import Callable
from time import monotonic, sleep

A_MOMENT = 0.03
PATIENCE = 1.0
"""Seconds after which work begins all the same: what a click opens must be open within three seconds."""


class RightOfWay:
    """One for all threads of a process. `clock` tells seconds and `rest` lets so many pass."""

    def __init__(self, clock: Callable[[], float] = monotonic, rest: Callable[[float], None] = sleep) -> None:
        self._clock = clock
        self._rest = rest
        self._claimed_at = clock() - A_MOMENT

    def claim(self) -> None:
        """An acknowledgement is under way."""
        self._claimed_at = self._clock()

    def give(self) -> None:
        """Return when no acknowledgement has been under way for a moment, or patience ends."""
        now = self._clock()
        until = now + PATIENCE
        while now < until and (left := self._claimed_at + A_MOMENT - now) > 0:
            self._rest(left)
            now = self._clock()
