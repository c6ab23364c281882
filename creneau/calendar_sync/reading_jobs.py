"""The jobs that read accounts: one each, so that a slow one holds up no other."""

from contextlib import suppress
from uuid import UUID

import structlog
from procrastinate import App, JobContext, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued

from creneau.calendar_sync.calendar import AccountBusy
from creneau.calendar_sync.lanes import COME_BACK
from creneau.calendar_sync.pull import Pull
from creneau.core.domain.ids import OrganizationId, UserId

QUEUE = "calendars"
READ_ACCOUNT = "calendar_sync.read_account"
READ_ACCOUNTS = "calendar_sync.read_accounts"
EVERY_THREE_MINUTES = "*/3 * * * *"
_TRIES = 12

log = structlog.get_logger()


def register_reading(app: App, pull: Pull) -> None:
    """Declare the jobs on an app. What fails is not retried by the queue: the next round comes soon enough.

    An account that was just linked gets its sessions at the same time: its first reading waits for a lane.
    """
    give_way = RetryStrategy(
        max_attempts=_TRIES, wait=int(COME_BACK.total_seconds()), retry_exceptions=frozenset({AccountBusy})
    )

    @app.task(name=READ_ACCOUNT, queue=QUEUE, retry=give_way, pass_context=True)
    def read_account(
        context: JobContext,
        organization_id: str,
        consultant_id: str,
        asked_at: str = "",  # noqa: ARG001
    ) -> None:
        """Read one consultant's account. `asked_at` names the wish."""
        try:
            pull.read_account(OrganizationId(UUID(organization_id)), UserId(UUID(consultant_id)))
        except AccountBusy:
            if context.job.attempts < _TRIES:
                raise
            log.info("calendar.reading_gave_way", consultant_id=consultant_id)

    @app.periodic(cron=EVERY_THREE_MINUTES)
    @app.task(name=READ_ACCOUNTS, queue=QUEUE, queueing_lock=READ_ACCOUNTS)
    def read_accounts(timestamp: int) -> None:
        """Ask for every account that is due, unless it is in the queue already."""
        due = pull.readings.list_due()
        for organization_id, consultant_id in due:
            name = f"{READ_ACCOUNT} {organization_id} {consultant_id}"
            with suppress(AlreadyEnqueued):
                read_account.configure(lock=name, queueing_lock=name).defer(
                    organization_id=str(organization_id), consultant_id=str(consultant_id)
                )
        log.info("calendar.readings_asked", count=len(due), tick=timestamp)
