"""When a failed job runs again: soon at first, then every quarter of an hour, for about three days."""

import random
from collections.abc import Callable
from datetime import timedelta

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
MOST_ATTEMPTS = 300
_DOUBLINGS = 10


class BackOff(BaseRetryStrategy):
    """Waits twice as long with each attempt, a little apart from others. `hopeless` errors are not tried again.

    An error that carries `retry_after` is believed when it asks for longer.
    """

    def __init__(
        self, hopeless: tuple[type[BaseException], ...] = (), draw: Callable[[], float] = random.random
    ) -> None:
        self._hopeless = hopeless
        self._draw = draw

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, self._hopeless) or job.attempts >= MOST_ATTEMPTS:
            return None
        wait = min(FIRST_WAIT * 2 ** min(job.attempts, _DOUBLINGS), LONGEST_WAIT) * (0.8 + 0.4 * self._draw())
        asked: timedelta | None = getattr(exception, "retry_after", None)
        return RetryDecision(retry_in={"seconds": round(max(wait, asked or wait).total_seconds())})
