"""Time off, days with other hours, and worked holidays of a consultant."""

from dataclasses import fields
from datetime import date, datetime
from uuid import UUID

from creneau.core.domain.ids import ExceptionId, UserId
from creneau.core.domain.people import Actor
from creneau.core.domain.time_off import TimeOff, TimeOffDraft, validate_time_off
from creneau.core.storage import agenda, time_off
from creneau.core.storage.database import Transaction
from creneau.core.usecases.slots import require_own


def add_time_off(
    tx: Transaction, actor: Actor, consultant_id: UserId, draft: TimeOffDraft, new_id: UUID, now: datetime
) -> TimeOff:
    """Keep an exception to a consultant's rules. Sessions that are booked stay as they are.

    Raises: `user.not_found`, `actor.not_allowed`, and what `validate_time_off` refuses.
    """
    require_own(tx, actor, consultant_id)
    validate_time_off(draft)
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    added = TimeOff(
        id=ExceptionId(new_id), organization_id=actor.organization_id, consultant_id=consultant_id, **values
    )
    time_off.add(tx, added, now)
    return added


def remove_time_off(tx: Transaction, actor: Actor, exception_id: ExceptionId, now: datetime) -> None:
    """Raises: `time_off.not_found`, `actor.not_allowed`."""
    found = time_off.get(tx, actor.organization_id, exception_id)
    require_own(tx, actor, found.consultant_id)
    time_off.delete(tx, actor.organization_id, exception_id, now)


def list_time_off(tx: Transaction, actor: Actor, consultant_id: UserId, first: date, last: date) -> list[TimeOff]:
    """List the exceptions that touch some days, in their order. Raises: `user.not_found`, `actor.not_allowed`."""
    require_own(tx, actor, consultant_id)
    return agenda.list_time_off(tx, actor.organization_id, [consultant_id], first, last)
