"""The jobs that push sessions: a calendar server that is slow or down delays them, and nothing and nobody else."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from procrastinate import App, BaseRetryStrategy
from procrastinate.tasks import Task

from creneau.calendar_sync.calendar import (
    AuthenticationFailed,
    CalendarRefused,
    ForeignObject,
    HostNotAllowed,
    OpenCalendar,
)
from creneau.calendar_sync.push import push_session
from creneau.core.domain.errors import NotFound
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.secrets import SecretUnreadable
from creneau.core.services.calendars import CalendarService

QUEUE = "calendars"
PUSH_SESSION = "calendar_sync.push_session"
PUSH_MISSED_SESSIONS = "calendar_sync.push_missed_sessions"

HOPELESS = (AuthenticationFailed, ForeignObject, HostNotAllowed, NotFound, SecretUnreadable)
"""What does not get better by itself. Linking the calendar again sends what was missed."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CalendarTasks:
    """To be deferred with `organization_id` and `booking_id`, or `consultant_id`, as strings."""

    push_session: Task[Any, None, Any]
    push_missed_sessions: Task[Any, None, Any]


def register(
    app: App,
    service: CalendarService,
    open_calendar: OpenCalendar,
    domain: str,
    retry: BaseRetryStrategy,
) -> CalendarTasks:
    """Declare the jobs on an app and return them. `domain` is what session UIDs end in: the same one for ever."""

    @app.task(name=PUSH_SESSION, queue=QUEUE, retry=retry)
    def push_session_task(organization_id: str, booking_id: str) -> None:
        """Bring one session's event in line with its booking."""
        try:
            push_session(
                service, open_calendar, domain, OrganizationId(UUID(organization_id)), BookingId(UUID(booking_id))
            )
        except Exception as error:
            log.warning(
                "calendar.push_failed",
                organization_id=organization_id,
                booking_id=booking_id,
                reason=type(error).__name__,
                status=error.status if isinstance(error, CalendarRefused) else None,
            )
            raise

    @app.task(name=PUSH_MISSED_SESSIONS, queue=QUEUE, retry=retry)
    def push_missed_sessions(organization_id: str, consultant_id: str) -> None:
        """Bring a calendar in line that was linked, or given a new password, just now."""
        tenant = OrganizationId(UUID(organization_id))
        for booking_id in service.list_to_push(tenant, UserId(UUID(consultant_id))):
            try:
                push_session(service, open_calendar, domain, tenant, booking_id)
            except (CalendarRefused, ForeignObject) as error:  # this session's own trouble: go on with the others
                log.warning(
                    "calendar.push_failed",
                    organization_id=organization_id,
                    booking_id=str(booking_id),
                    reason=type(error).__name__,
                )

    return CalendarTasks(push_session_task, push_missed_sessions)
