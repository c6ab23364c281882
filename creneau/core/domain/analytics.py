"""Analytics: the numbers of a consultant's day, made from its sessions and from nothing else."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from creneau.core.domain.booking import Status
from creneau.core.domain.ids import UserId

_HUNDREDTH = Decimal("0.01")
_MINUTES_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class SessionOutcome:
    """What the numbers need to know of a session."""

    starts_at: datetime
    duration_minutes: int
    status: Status
    rating: int | None


@dataclass(frozen=True, slots=True)
class SessionAnalytics:
    """One day of a consultant, on the consultant's own wall clock.

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


def summarize(consultant_id: UserId, zone: ZoneInfo, sessions: Iterable[SessionOutcome]) -> list[SessionAnalytics]:
    """Return a row for each day that has sessions, in order."""
    days: defaultdict[date, list[SessionOutcome]] = defaultdict(list)
    for session in sessions:
        days[session_day(session.starts_at, zone)].append(session)
    return [_summarize_day(consultant_id, day, days[day]) for day in sorted(days)]


def session_day(starts_at: datetime, zone: ZoneInfo) -> date:
    return starts_at.astimezone(zone).date()


def _summarize_day(consultant_id: UserId, day: date, sessions: list[SessionOutcome]) -> SessionAnalytics:
    completed = [session for session in sessions if session.status is Status.COMPLETED]
    ratings = [session.rating for session in completed if session.rating is not None]
    minutes = sum(session.duration_minutes for session in completed)
    return SessionAnalytics(
        consultant_id=consultant_id,
        session_date=day,
        total_sessions_scheduled=len(sessions),
        total_sessions_completed=len(completed),
        total_sessions_no_show=sum(session.status is Status.NO_SHOW for session in sessions),
        total_sessions_cancelled=sum(session.status is Status.CANCELLED for session in sessions),
        average_rating=_rounded(Decimal(sum(ratings)) / len(ratings)) if ratings else None,
        total_hours_completed=_rounded(Decimal(minutes) / _MINUTES_AN_HOUR),
    )


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_HUNDREDTH, ROUND_HALF_UP)
