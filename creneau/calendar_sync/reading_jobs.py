"""The jobs that read accounts: one each, so that a slow one holds up no other."""

from contextlib import suppress
from uuid import UUID

import structlog
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued

from creneau.calendar_sync.pull import Pull
from creneau.core.domain.ids import OrganizationId, UserId

QUEUE = "calendars"
READ_ACCOUNT = "calendar_sync.read_account"
READ_ACCOUNTS = "calendar_sync.read_accounts"
EVERY_THREE_MINUTES = "*/3 * * * *"

log = structlog.get_logger()


def register_reading(app: App, pull: Pull) -> None:
    """Declare the jobs on an app. They are not retried by the queue: the next round comes soon enough."""

    @app.task(name=READ_ACCOUNT, queue=QUEUE)
    def read_account(organization_id: str, consultant_id: str, asked_at: str = "") -> None:  # noqa: ARG001
        """Read one consultant's account. `asked_at` names the wish."""
        pull.read_account(OrganizationId(UUID(organization_id)), UserId(UUID(consultant_id)))

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
