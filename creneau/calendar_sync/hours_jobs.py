"""The jobs that show bookable hours: when they change, and every night, because years and holidays come unasked."""

from uuid import UUID

import structlog
from procrastinate import App, BaseRetryStrategy

from creneau.calendar_sync.calendar import AccountBusy
from creneau.calendar_sync.failures import failure_of
from creneau.calendar_sync.lanes import Lanes
from creneau.calendar_sync.publishing import Publishing
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.services.calendars import CalendarService

QUEUE = "calendars"
PUBLISH_HOURS = "calendar_sync.publish_hours"
PUBLISH_ALL_HOURS = "calendar_sync.publish_all_hours"
EVERY_NIGHT = "10 2 * * *"

log = structlog.get_logger()


def register_hours(
    app: App, publishing: Publishing, calendars: CalendarService, retry: BaseRetryStrategy, lanes: Lanes
) -> None:
    """Declare the jobs on an app."""

    @app.task(name=PUBLISH_HOURS, queue=QUEUE, retry=retry)
    def publish_hours(organization_id: str, consultant_id: str, asked_at: str = "") -> None:  # noqa: ARG001
        """Bring one consultant's hours in line. `asked_at` names the wish."""
        tenant, consultant = OrganizationId(UUID(organization_id)), UserId(UUID(consultant_id))
        try:
            link = calendars.find_link(tenant, consultant)
            if link is not None:
                with lanes.take(link):
                    publishing.bring_in_line(link, tenant, consultant)
        except AccountBusy:
            raise
        except Exception as error:
            failure = failure_of(error)
            if failure is not None:
                publishing.hours.record_failure(tenant, consultant, failure)
                log.warning("calendar.hours_failed", consultant_id=consultant_id, reason=type(error).__name__)
            raise

    @app.periodic(cron=EVERY_NIGHT)
    @app.task(name=PUBLISH_ALL_HOURS, queue=QUEUE, queueing_lock=PUBLISH_ALL_HOURS)
    def publish_all_hours(timestamp: int) -> None:
        shown = publishing.hours.list_published()
        for organization_id, consultant_id in shown:
            publish_hours.configure(lock=f"{PUBLISH_HOURS} {organization_id} {consultant_id}").defer(
                organization_id=str(organization_id), consultant_id=str(consultant_id)
            )
        log.info("calendar.hours_asked", count=len(shown), tick=timestamp)
