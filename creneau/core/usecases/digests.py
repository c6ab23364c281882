"""Daily digests: the next one is written when the last is done with, or when somebody changes their mind."""

from datetime import datetime

from creneau.core.domain.diary import Diary, Part
from creneau.core.domain.people import Role, User
from creneau.core.domain.preferences import DigestLease, has_something_to_tell, is_too_late, next_digest
from creneau.core.storage import digests, preferences, users
from creneau.core.storage.database import Transaction
from creneau.core.storage.digests import DigestState
from creneau.core.usecases import diary

MOST_SESSIONS = 12
MOST_REQUESTS = 5
_SIZES = dict.fromkeys(Part, 1) | {Part.TODAY: MOST_SESSIONS, Part.TO_ANSWER: MOST_REQUESTS}


def plan_next(tx: Transaction, user: User, now: datetime) -> None:
    """Write the next digest of a person as they want it now, in place of what was written and not begun."""
    digests.drop_unclaimed(tx, user.organization_id, user.id)
    if user.role is not Role.CONSULTANT:
        return
    chosen = preferences.get(tx, user.organization_id, user.id)
    last = digests.find_last_day(tx, user.organization_id, user.id)
    planned = next_digest(chosen, user.timezone, now, last)
    if planned is not None:
        digests.plan(tx, user.organization_id, user.id, *planned, now)


def find_due(tx: Transaction, lease: DigestLease, now: datetime) -> Diary | None:
    """Return what a leased digest tells, or None when there is nothing to send; then it is recorded why."""
    if not digests.is_held(tx, lease):
        return None
    user = users.find(tx, lease.organization_id, lease.user_id)
    if user is None or user.role is not Role.CONSULTANT:
        digests.finish(tx, lease, DigestState.SKIPPED, now, "not_a_consultant")
        return None
    told = diary.read(tx, user, {}, _SIZES, now)
    if user.slack_left_at is not None:
        reason = "recipient_left"
    elif not preferences.get(tx, user.organization_id, user.id).wants_digest:
        reason = "not_wanted"
    elif is_too_late(lease.day, user.timezone, now):
        reason = "too_late"
    elif not has_something_to_tell(told):
        reason = "quiet_day"
    else:
        return told
    conclude(tx, lease, DigestState.SKIPPED, now, reason)
    return None


def conclude(tx: Transaction, lease: DigestLease, state: DigestState, now: datetime, error: str | None = None) -> None:
    """Record what came of a digest and write the next."""
    if not digests.finish(tx, lease, state, now, error):
        return
    user = users.find(tx, lease.organization_id, lease.user_id)
    if user is not None:
        plan_next(tx, user, now)
