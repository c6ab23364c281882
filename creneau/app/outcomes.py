"""What came of a job is told to the queue until it has heard: procrastinate tells it once.

A job whose end was not heard stays `doing` under a worker that lives, so nobody would ever run it again, nor any other
with its lock. A job that this version does not know is left to a worker of another one: procrastinate would fail it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Container
from typing import Any

import psycopg
import structlog
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import ConnectorException, TaskNotFound, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from creneau.app.retries import BackOff

log = structlog.get_logger()

_WAITS_SECONDS = (1, 2, 4, 8, 15, 30)


class PatientJobManager(JobManager):
    """`known` are the names of this version's tasks."""

    def __init__(self, connector: BaseConnector, known: Container[str]) -> None:
        super().__init__(connector)
        self._known = known

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001 - procrastinate's
        comes_by_the_clock = job.queueing_lock is not None
        if status is Status.FAILED and job.task_name not in self._known and not comes_by_the_clock:
            later = BackOff().get_retry_decision(exception=TaskNotFound(), job=job)
            if later is not None:
                log.warning("jobs.left_to_another_version", job_id=job.id, task=job.task_name)
                await self.retry_job(job, retry_at=later.retry_at)
                return
        await super().finish_job(job, status, delete_job)

    async def finish_job_by_id_async(self, job_id: int, *given: Any, **named: Any) -> None:
        await _until_heard(lambda: JobManager.finish_job_by_id_async(self, job_id, *given, **named), job_id)

    async def retry_job_by_id_async(self, job_id: int, *given: Any, **named: Any) -> None:
        await _until_heard(lambda: JobManager.retry_job_by_id_async(self, job_id, *given, **named), job_id)


async def _until_heard(tell: Callable[[], Awaitable[None]], job_id: int) -> None:
    """Tell, and again when the database was lost. Raises: ConnectorException when it stays away for a minute."""
    was_lost = False
    for wait in _WAITS_SECONDS:
        try:
            await tell()
        except UniqueViolation:
            raise
        except ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.OperationalError):
                if was_lost:  # the job is not there any more: it was heard before, and the answer lost
                    return
                raise
            was_lost = True
            log.warning("jobs.outcome_unheard", job_id=job_id)
            await asyncio.sleep(wait)
        else:
            return
    await tell()
