"""Analytics: the numbers of a consultant's day, the sum of what each of its sessions counts for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import add, sub
from uuid import UUID

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.ids import UserId


@dataclass(frozen=True, slots=True)
class SessionNumbers:
    """Sums over sessions. `scheduled` counts every one, whatever became of it; minutes and ratings are of completed."""

    scheduled: int = 0
    completed: int = 0
    no_show: int = 0
    cancelled: int = 0
    minutes_completed: int = 0
    ratings: int = 0
    rating_total: int = 0

    def plus(self, other: "SessionNumbers") -> "SessionNumbers":
        return SessionNumbers(*map(add, self.sums, other.sums))

    def minus(self, other: "SessionNumbers") -> "SessionNumbers":
        return SessionNumbers(*map(sub, self.sums, other.sums))

    @property
    def sums(self) -> tuple[int, ...]:
        return (
            self.scheduled,
            self.completed,
            self.no_show,
            self.cancelled,
            self.minutes_completed,
            self.ratings,
            self.rating_total,
        )


@dataclass(frozen=True, slots=True)
class SessionAnalytics:
    """One day of a consultant: the date that its sessions bear on their own wall clock.

    `total_sessions_scheduled` counts every session put on that day, whatever became of it: the others are its parts.
    Ratings and hours are of completed sessions; `average_rating` is None while none is rated.
    """

    consultant_id: UserId
    session_date: date
    total_sessions_scheduled: int
    total_sessions_completed: int
    total_sessions_no_show: int
    total_sessions_cancelled: int
    average_rating: Decimal | None
    total_hours_completed: Decimal


@dataclass(frozen=True, slots=True)
class AnalyticsRow:
    """A day as it is kept."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    day: SessionAnalytics


def numbers_of(booking: Booking) -> SessionNumbers:
    """Return what one session counts for, as it is."""
    rating = booking.beneficiary_rating
    if booking.status is Status.COMPLETED:
        rated = rating is not None
        return SessionNumbers(
            1, completed=1, minutes_completed=booking.span.minutes, ratings=int(rated), rating_total=rating or 0
        )
    return SessionNumbers(
        1, no_show=int(booking.status is Status.NO_SHOW), cancelled=int(booking.status is Status.CANCELLED)
    )


def changed_days(before: Booking | None, after: Booking) -> dict[date, SessionNumbers]:
    """Return what a change of a booking adds to the numbers of days, in their order, without those it leaves alone."""
    changes: defaultdict[date, SessionNumbers] = defaultdict(SessionNumbers)
    if before is not None:
        changes[before.local.day] = changes[before.local.day].minus(numbers_of(before))
    changes[after.local.day] = changes[after.local.day].plus(numbers_of(after))
    return {day: change for day, change in sorted(changes.items()) if any(change.sums)}


def summarize(bookings: Iterable[Booking]) -> Mapping[date, SessionNumbers]:
    """Return the numbers of each day on which one consultant has sessions, in order."""
    days: defaultdict[date, SessionNumbers] = defaultdict(SessionNumbers)
    for booking in bookings:
        days[booking.local.day] = days[booking.local.day].plus(numbers_of(booking))
    return dict(sorted(days.items()))
