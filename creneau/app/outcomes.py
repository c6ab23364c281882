"""What came of a job is told to the queue until it has heard: procrastinate tells it once.

A job whose end was not heard stays `doing` under a worker that lives, so nobody would ever run it again, nor any other
with its lock.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import structlog
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.manager import JobManager

log = structlog.get_logger()

_WAITS_SECONDS = (1, 2, 4, 8, 15, 30)


class PatientJobManager(JobManager):
    async def finish_job_by_id_async(self, job_id: int, *given: Any, **named: Any) -> None:
        await _until_heard(lambda: JobManager.finish_job_by_id_async(self, job_id, *given, **named), job_id)

    async def retry_job_by_id_async(self, job_id: int, *given: Any, **named: Any) -> None:
        await _until_heard(lambda: JobManager.retry_job_by_id_async(self, job_id, *given, **named), job_id)


async def _until_heard(tell: Callable[[], Awaitable[None]], job_id: int) -> None:
    """Tell, and again when the database was lost. Raises: ConnectorException when it stays away for a minute."""
    for wait in _WAITS_SECONDS:
        try:
            await tell()
        except UniqueViolation:
            raise
        except ConnectorException as error:
            is_lost = isinstance(error.__cause__, psycopg.OperationalError)
            if not is_lost and wait == _WAITS_SECONDS[0]:
                raise
            if not is_lost:  # the job is not there any more: it was heard before, and the answer lost
                return
            log.warning("jobs.outcome_unheard", job_id=job_id)
            await asyncio.sleep(wait)
        else:
            return
    await tell()
