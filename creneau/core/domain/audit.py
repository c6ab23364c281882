"""The audit log: who did or read what, and when. Never what was written or read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from creneau.core.domain.ids import UserId
from creneau.core.domain.time import Span


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act. `action` is in the past tense, `subject` the noun it was done to; no actor: the system."""

    id: UUID
    at: datetime
    actor_id: UserId | None
    action: str
    subject: str
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which lines to list, the newest first. None asks for any."""

    subject: str | None = None
    subject_id: UUID | None = None
    actor_id: UserId | None = None
    span: Span | None = None
    most: int = 100
    skipped: int = 0
