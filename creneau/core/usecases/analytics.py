"""Analytics: a consultant's days brought up to date after each change of a booking, or all made anew."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from creneau.core.domain.analytics import SessionAnalytics, session_day, summarize
from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import InvalidTimeRange, NotAllowed
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.time import to_span_of_days
from creneau.core.storage import analytics
from creneau.core.storage.database import Transaction
from creneau.core.usecases.availability import get_consultant

LONGEST_LISTING = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from one to another, both included."""

    first: date
    last: date


def refresh(
    tx: Transaction, booking: Booking, now: datetime, new_id: Callable[[], UUID], moved_from: datetime | None = None
) -> None:
    """Bring the day of a booking up to date, and the day it left; the last step of a change, for the locks it takes."""
    zone = analytics.get_zone(tx, booking.organization_id, booking.consultant_id)
    instants = {booking.span.starts_at, moved_from or booking.span.starts_at}
    for day in sorted({session_day(instant, zone) for instant in instants}):
        analytics.lock_day(tx, booking.organization_id, booking.consultant_id, day)
        outcomes = analytics.list_outcomes(
            tx, booking.organization_id, booking.consultant_id, to_span_of_days(day, day, zone)
        )
        for row in summarize(booking.consultant_id, zone, outcomes):
            analytics.save(tx, booking.organization_id, row, now, new_id)
        if not outcomes:
            analytics.remove_days(tx, booking.organization_id, booking.consultant_id, [day])


def rebuild(tx: Transaction, organization_id: OrganizationId, now: datetime, new_id: Callable[[], UUID]) -> None:
    """Make all of an organization's rows anew from its bookings. A row that was right stays untouched."""
    analytics.lock_organization(tx, organization_id)
    for consultant_id in analytics.list_consultants(tx, organization_id):
        zone = analytics.get_zone(tx, organization_id, consultant_id)
        rows = summarize(consultant_id, zone, analytics.list_outcomes(tx, organization_id, consultant_id))
        for row in rows:
            analytics.save(tx, organization_id, row, now, new_id)
        gone = set(analytics.list_days(tx, organization_id, consultant_id)) - {row.session_date for row in rows}
        analytics.remove_days(tx, organization_id, consultant_id, sorted(gone))


def list_days(tx: Transaction, actor: Actor, consultant_id: UserId, period: Period) -> list[SessionAnalytics]:
    """List a consultant's days that have sessions: one's own, or anybody's for an administrator.

    Raises: `user.not_found`, `actor.not_allowed`, `time.invalid_range` (backwards, or more than a year at once).
    """
    if not timedelta() <= period.last - period.first <= LONGEST_LISTING:
        raise InvalidTimeRange
    get_consultant(tx, actor.organization_id, consultant_id)
    if actor.role is not Role.ORG_ADMIN and actor.user_id != consultant_id:
        raise NotAllowed
    return analytics.list_rows(tx, actor.organization_id, consultant_id, period.first, period.last)
