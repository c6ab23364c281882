"""From the wall clock of a posted booking to the instants it means, together with what else the body says of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from creneau.core.domain.availability import resolve_local
from creneau.core.domain.errors import SlotOutsideRules
from creneau.web.api.requests import BookingBody


@dataclass(frozen=True, slots=True)
class PostedTime:
    """The start asked for, and its end if the body gave one in any of its ways."""

    starts_at: datetime
    ends_at: datetime | None


def read_posted_time(body: BookingBody, timezone: str) -> PostedTime:
    """Read the wall clock in a zone.

    Raises: `time.unknown_zone`, `time.does_not_exist`; `slot.outside_rules` when the body contradicts itself.
    """
    starts_at = resolve_local(body.scheduled_date, body.scheduled_start_time, timezone)
    ends: set[datetime] = set()
    if body.ends_at is not None:
        ends.add(body.ends_at)
    if body.duration_minutes is not None:
        ends.add(starts_at + timedelta(minutes=body.duration_minutes))
    if body.scheduled_end_time is not None:
        ends.add(resolve_local(body.scheduled_date, body.scheduled_end_time, timezone))
    if body.starts_at not in (None, starts_at) or len(ends) > 1:
        raise SlotOutsideRules
    return PostedTime(starts_at, next(iter(ends), None))
