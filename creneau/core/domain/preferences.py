"""Preferences: what a person chooses for themselves, and when a day's digest is due by them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from creneau.core.domain.diary import Diary, Part
from creneau.core.domain.errors import InvalidPreferences
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.time import to_instant

LATEST_DIGEST = time(12)
"""A morning's message is of no use after noon: one that could not be sent by then is left out."""
_A_DAY = timedelta(days=1)
_MOST_DAYS = 3  # a day whose time is in the gap of a clock change is left out; two never follow one another


@dataclass(frozen=True, slots=True)
class Preferences:
    wants_digest: bool = False
    digest_at: time = time(8)
    """On the person's own wall clock."""
    video_link: str | None = None
    """A consultant's own video room, for the sessions that they confirm."""


@dataclass(frozen=True, slots=True)
class DigestLease:
    """A digest that is ours to send until the lease runs out. `attempt` tells a late sender that it is not."""

    organization_id: OrganizationId
    user_id: UserId
    day: date
    attempt: int


def require_valid(preferences: Preferences) -> None:
    """Raise `preferences.invalid` for a digest that would come after the morning."""
    if preferences.digest_at >= LATEST_DIGEST:
        raise InvalidPreferences(field="digest_at")


def next_digest(
    preferences: Preferences, timezone: str, now: datetime, after: date | None
) -> tuple[date, datetime] | None:
    """Return the next day to send a digest on, which comes after `after`, and when on it. None: no digest is wanted."""
    if not preferences.wants_digest:
        return None
    zone = ZoneInfo(timezone)
    first = now.astimezone(zone).date()
    if after is not None:
        first = max(first, after + _A_DAY)
    for day in (first + number * _A_DAY for number in range(_MOST_DAYS)):
        at = to_instant(day, preferences.digest_at, zone)
        if at is not None and at > now:
            return day, at
    return None


def is_too_late(day: date, timezone: str, now: datetime) -> bool:
    """Tell whether the morning of a digest's day is over on its reader's clock."""
    local = now.astimezone(ZoneInfo(timezone))
    return local.date() != day or local.time() >= LATEST_DIGEST


def has_something_to_tell(diary: Diary) -> bool:
    """Tell whether a day is worth a message: it has sessions, or something waits for its reader."""
    return any(diary.parts[part].total for part in (Part.TODAY, Part.TO_ANSWER) if part in diary.parts)
