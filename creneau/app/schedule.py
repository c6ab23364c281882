"""What runs by the clock: what a killed worker left behind, requests without an answer, old traces and old keys."""

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from creneau.bot.digest.jobs import SEND_DIGEST
from creneau.bot.reminders.jobs import SEND_DUE, SEND_REMINDER
from creneau.calendar_sync.reading_jobs import READ_ACCOUNT
from creneau.core.services.housekeeping import HousekeepingService
from creneau.core.services.scheduling import SchedulingService

log = structlog.get_logger()

EVERY_MINUTE = "* * * * *"
EXPIRE_BOOKINGS = "bookings.expire"
EVERY_NIGHT = "20 3 * * *"
EVERY_HOUR = "40 * * * *"
FORGET_FAILED = "jobs.forget_failed"
ASKED_AGAIN = (SEND_DUE, SEND_REMINDER, SEND_DIGEST, READ_ACCOUNT)
"""The tasks that the queue does not try again: a sweep asks for them anew."""
_KEEP_FAILED_HOURS = 30 * 24


def register_housekeeping(app: procrastinate.App, housekeeping: HousekeepingService) -> None:
    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="jobs.rescue_stalled", queueing_lock="jobs.rescue_stalled", pass_context=True)
    async def rescue_stalled(context: procrastinate.JobContext, timestamp: int) -> None:
        """Run again what a worker had begun when it was killed: the queue leaves such jobs `doing` for ever."""
        for job in await context.app.job_manager.get_stalled_jobs():
            if await _rescue(context.app.job_manager, job):
                log.warning("jobs.stalled_rescued", job_id=job.id, task=job.task_name, tick=timestamp)

    @app.periodic(cron=EVERY_NIGHT)
    @app.task(name="jobs.remove_old", queueing_lock="jobs.remove_old", pass_context=True)
    async def remove_old(context: procrastinate.JobContext, timestamp: int) -> None:
        await context.app.job_manager.delete_old_jobs(nb_hours=_KEEP_FAILED_HOURS, include_failed=True)
        log.info("jobs.old_removed", tick=timestamp)

    @app.periodic(cron=EVERY_HOUR)
    @app.task(name=FORGET_FAILED, queueing_lock=FORGET_FAILED)
    def forget_failed(timestamp: int) -> None:
        """Forget failures that nobody has to see to: they would be told as given up for a month."""
        count = housekeeping.forget_failed_jobs(ASKED_AGAIN)
        log.info("jobs.failures_forgotten", count=count, tick=timestamp)

    @app.periodic(cron=EVERY_NIGHT)
    @app.task(name="idempotency.remove_old_keys", queueing_lock="idempotency.remove_old_keys")
    def remove_old_keys(timestamp: int) -> None:
        count = housekeeping.remove_old_idempotency_keys()
        log.info("idempotency.old_keys_removed", count=count, tick=timestamp)

    @app.periodic(cron=EVERY_HOUR)
    @app.task(name="rates.remove_old", queueing_lock="rates.remove_old")
    def remove_old_rates(timestamp: int) -> None:
        count = housekeeping.remove_old_request_rates()
        log.info("rates.old_removed", count=count, tick=timestamp)

    @app.periodic(cron=EVERY_NIGHT)
    @app.task(name="slack.remove_old_requests", queueing_lock="slack.remove_old_requests")
    def remove_old_requests(timestamp: int) -> None:
        count = housekeeping.remove_old_slack_requests()
        log.info("slack.old_requests_removed", count=count, tick=timestamp)


def register_expiry(app: procrastinate.App, scheduling: SchedulingService) -> None:
    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name=EXPIRE_BOOKINGS, queueing_lock=EXPIRE_BOOKINGS)
    def expire(timestamp: int) -> None:
        """End the requests that nobody answered in time."""
        count = scheduling.expire_requests()
        if count:
            log.info("bookings.expired", count=count, tick=timestamp)


async def _rescue(manager: JobManager, job: Job) -> bool:
    """Put a job back, or let an equal one that waits already, perhaps for its lock, go on; false when it has ended."""
    try:
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, Status.ABORTED, delete_job=True)
    except ConnectorException as error:
        if isinstance(error.__cause__, psycopg.errors.RaiseException):  # a worker that was frozen woke up and ended it
            return False
        raise
    return True
