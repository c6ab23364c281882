"""When a failed job runs again: soon at first, then every quarter of an hour, for three days."""

import random
from datetime import timedelta

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

_FIRST = timedelta(seconds=2)
_LONGEST = timedelta(minutes=15)
_MOST_ATTEMPTS = 300  # of at most a quarter of an hour: three days


class BackOff(BaseRetryStrategy):
    """Waits twice as long after each failure, with jitter; an error that says how long to wait is believed."""

    def __init__(self, first: timedelta = _FIRST) -> None:
        self._first = first

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if job.attempts >= _MOST_ATTEMPTS:
            return None
        told: timedelta | None = getattr(exception, "retry_after", None)
        wait = told or min(self._first * 2 ** min(job.attempts, 20), _LONGEST)
        jittered = wait.total_seconds() * random.uniform(1.0, 1.25)  # noqa: S311 - spreads load, guards nothing
        return RetryDecision(retry_in={"seconds": round(jittered)})
