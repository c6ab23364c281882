"""The audit log: every service method that writes, or reads notes, adds its line in its own transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from creneau.core.domain.audit import AuditLine, AuditQuery
from creneau.core.domain.errors import NotAllowed
from creneau.core.domain.people import Actor, Role
from creneau.core.storage import audit
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
    """
    audit.add(tx, AuditLine(new_id(), now, actor.user_id if actor else None, action, subject, subject_id))


def list_lines(tx: Transaction, actor: Actor, query: AuditQuery) -> list[AuditLine]:
    """List at most a thousand lines, the newest first. Raises: `actor.not_allowed` but for an administrator."""
    if actor.role is not Role.ORG_ADMIN:
        raise NotAllowed
    return audit.list_lines(tx, actor.organization_id, replace(query, most=min(query.most, MOST_LINES)))
