"""Analytics: the numbers of days, as they are listed, or made anew. Acts on bookings add to them: `usecases.acts`."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from creneau.core.domain.analytics import SessionAnalytics, summarize
from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import InvalidTimeRange, NotAllowed
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.people import Actor, Role
from creneau.core.storage import analytics, bookings
from creneau.core.storage.database import Transaction
from creneau.core.usecases.availability import get_consultant

LONGEST_LISTING = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from one to another, both included."""

    first: date
    last: date


def rebuild(tx: Transaction, organization_id: OrganizationId, now: datetime) -> None:
    """Make all of an organization's rows anew from its bookings."""
    analytics.remove_all(tx, organization_id)
    of_consultant: defaultdict[UserId, list[Booking]] = defaultdict(list)
    for booking in bookings.list_all(tx, organization_id):
        of_consultant[booking.consultant_id].append(booking)
    for consultant_id, booked in of_consultant.items():
        for day, numbers in summarize(booked).items():
            analytics.add_to_day(tx, organization_id, consultant_id, day, numbers, now)


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
