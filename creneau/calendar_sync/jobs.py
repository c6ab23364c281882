"""The jobs that push sessions: a calendar server that is slow or down delays them, and nothing and nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from procrastinate import App, BaseRetryStrategy
from procrastinate.tasks import Task

from creneau.calendar_sync.calendar import (
    AccountBusy,
    AuthenticationFailed,
    CalendarRefused,
    ForeignObject,
    HostNotAllowed,
    OpenCalendar,
)
from creneau.calendar_sync.catching_up import push_all
from creneau.calendar_sync.failures import failure_of
from creneau.calendar_sync.lanes import Lanes
from creneau.calendar_sync.own_object import remove_object
from creneau.calendar_sync.publishing import Publishing
from creneau.calendar_sync.push import push_session
from creneau.calendar_sync.vevent import uid_of
from creneau.core.domain.calendar import CalendarLink, PushedObject
from creneau.core.domain.errors import NotFound
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.secrets import SecretUnreadable
from creneau.core.services.calendars import CalendarService

QUEUE = "calendars"
PUSH_SESSION = "calendar_sync.push_session"
PUSH_MISSED_SESSIONS = "calendar_sync.push_missed_sessions"
REMOVE_SESSIONS = "calendar_sync.remove_sessions"

HOPELESS = (AuthenticationFailed, ForeignObject, HostNotAllowed, NotFound, SecretUnreadable)
"""What does not get better by itself. Linking the calendar again sends what was missed."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CalendarTasks:
    """To be deferred with `organization_id` and `booking_id`, or `consultant_id`, as strings."""

    push_session: Task[Any, None, Any]
    push_missed_sessions: Task[Any, None, Any]
    remove_sessions: Task[Any, None, Any]


def register(
    app: App,
    service: CalendarService,
    open_calendar: OpenCalendar,
    domain: str,
    retry: BaseRetryStrategy,
    lanes: Lanes,
    publishing: Publishing | None = None,
) -> CalendarTasks:
    """Declare the jobs on an app and return them. `domain` is what session UIDs end in: the same one for ever.

    Without `publishing` no hours are shown in calendars, and none are taken back.
    """
    open_calendar = lanes.around(open_calendar)

    @app.task(name=PUSH_SESSION, queue=QUEUE, retry=retry)
    def push_session_task(organization_id: str, booking_id: str) -> None:
        """Bring one session's event in line with its booking."""
        tenant, booking = OrganizationId(UUID(organization_id)), BookingId(UUID(booking_id))
        try:
            push_session(service, open_calendar, domain, tenant, booking)
        except Exception as error:
            _note(service, tenant, booking, error)
            raise

    @app.task(name=PUSH_MISSED_SESSIONS, queue=QUEUE, retry=retry)
    def push_missed_sessions(organization_id: str, consultant_id: str, asked_at: str = "") -> None:  # noqa: ARG001
        """Bring a calendar in line that was linked, or given a new password, just now. `asked_at` names the wish."""
        tenant = OrganizationId(UUID(organization_id))
        missed = service.list_to_push(tenant, UserId(UUID(consultant_id)))
        push_all(service, open_calendar, domain, tenant, missed, partial(_note, service, tenant))

    @app.task(name=REMOVE_SESSIONS, queue=QUEUE, retry=retry)
    def remove_sessions(organization_id: str, consultant_id: str, asked_at: str = "") -> None:  # noqa: ARG001
        """Take what was put there out of a calendar that was disconnected, and forget it. What cannot go stays."""
        tenant, consultant = OrganizationId(UUID(organization_id)), UserId(UUID(consultant_id))
        try:
            leaving = service.find_leaving(tenant, consultant)
            if leaving is None:  # linked again before anything was taken out
                return
            _take_out(service, open_calendar, domain, *leaving)
            if publishing is not None:
                with lanes.take(leaving[0]):
                    publishing.bring_in_line(leaving[0], tenant, consultant)
        except HOPELESS as error:
            log.warning("calendar.removal_failed", organization_id=organization_id, reason=type(error).__name__)
        service.finish_leaving(tenant, consultant)

    return CalendarTasks(push_session_task, push_missed_sessions, remove_sessions)


def _take_out(
    service: CalendarService,
    open_calendar: OpenCalendar,
    domain: str,
    link: CalendarLink,
    pushed: Sequence[tuple[BookingId, PushedObject]],
) -> None:
    """Take out what was put there, for as long as nobody wants it back."""
    with open_calendar(link) as calendar:
        for booking_id, made in pushed:
            if not service.is_leaving(link):
                return
            if not made.href.startswith(link.origin):  # of a server linked before, with other credentials
                continue
            try:
                remove_object(calendar, made.href, made.etag, uid_of(booking_id, domain))
            except CalendarRefused as error:  # this session's own trouble: go on with the others
                log.warning("calendar.removal_failed", booking_id=str(booking_id), reason=type(error).__name__)


def _note(service: CalendarService, tenant: OrganizationId, booking_id: BookingId, error: Exception) -> None:
    """Log a failure, and record what the consultant can read of it; a defect of ours is not theirs to read."""
    if isinstance(error, AccountBusy):
        return
    log.warning(
        "calendar.push_failed",
        organization_id=str(tenant),
        booking_id=str(booking_id),
        reason=type(error).__name__,
        status=error.status if isinstance(error, CalendarRefused) else None,
    )
    failure = failure_of(error)
    if failure is not None:
        service.record_failure(tenant, booking_id, failure)
