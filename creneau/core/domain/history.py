"""The history of a booking: one entry an act, appended with it and never changed."""

from dataclasses import dataclass
from datetime import datetime

from creneau.core.domain.booking import Status
from creneau.core.domain.ids import UserId


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What was done to a booking. `starts_at` is when the session stood after the act; no actor: the clock acted.

    `is_override`: done past a deadline, by somebody who may, for the reason given.
    """

    version: int
    action: str
    status_before: Status | None
    status_after: Status
    actor_id: UserId | None
    reason: str | None
    at: datetime
    starts_at: datetime | None
    is_override: bool
