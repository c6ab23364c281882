"""The audit log: every service method that writes, or reads notes, adds its line in its own transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from creneau.core.domain.audit import AuditLine, AuditQuery
from creneau.core.domain.errors import NotAllowed, RequestRepeated
from creneau.core.domain.people import Actor, Role
from creneau.core.storage import audit, slack_inbox
from creneau.core.storage.database import Transaction

MOST_LINES = 1000


def record(
    tx: Transaction,
    actor: Actor | None,
    action: str,
    subject: str,
    subject_id: UUID,
    now: datetime,
    new_id: Callable[[], UUID],
) -> None:
    """Add a line to the log of the transaction's organization. No actor is the system or the command line.

    `action` is in the past tense and `subject` the noun it was done to: ("confirmed", "booking").

    Raises: `request.repeated` when another arrival of the actor's request has acted; nothing of this one is kept.
    """
    require_first(tx, actor, now)
    audit.add(tx, AuditLine(new_id(), now, actor.user_id if actor else None, action, subject, subject_id))


def require_first(tx: Transaction, actor: Actor | None, now: datetime) -> None:
    """Raise `request.repeated` when another arrival of the actor's request has acted; else this one does."""
    if actor and actor.arrival and not slack_inbox.claim(tx, actor.organization_id, actor.arrival, now):
        raise RequestRepeated


def list_lines(tx: Transaction, actor: Actor, query: AuditQuery) -> list[AuditLine]:
    """List at most a thousand lines, the newest first. Raises: `actor.not_allowed` but for an administrator."""
    if actor.role is not Role.ORG_ADMIN:
        raise NotAllowed
    return audit.list_lines(tx, actor.organization_id, replace(query, most=min(query.most, MOST_LINES)))
