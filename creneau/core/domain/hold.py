"""A hold: the time that somebody has in hand while they fill in a form. Others are not offered it meanwhile.

It keeps a time out of sight and decides nothing: whose booking comes first, the database's constraint decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from creneau.core.domain.ids import BilanId, OrganizationId, SlotId, UserId
from creneau.core.domain.time import BookableTime

HELD_FOR = timedelta(minutes=5)
"""Long enough to read a form again, short enough that a forgotten one keeps nobody from booking."""


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A time to hold. `reference` names the form it is held for, so that closing another form does not free it."""

    bilan_id: BilanId
    consultant_id: UserId
    starts_at: datetime
    slot_id: SlotId | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """One a person: another replaces it. `held_until` is the end of the session and of the buffer after it."""

    organization_id: OrganizationId
    user_id: UserId
    time: BookableTime
    held_until: datetime
    expires_at: datetime
    reference: str | None = None
