"""AuditService: who did or read what, for administrators. The lines are written by the services that act."""

from creneau.core.domain.audit import AuditLine, AuditQuery
from creneau.core.domain.people import Actor
from creneau.core.storage.database import Database
from creneau.core.usecases import audit


class AuditService:
    def __init__(self, database: Database) -> None:
        self._database = database

    def list_audit(self, actor: Actor, query: AuditQuery | None = None) -> list[AuditLine]:
        """List lines of the audit log, the newest first. Raises: `actor.not_allowed` but for an administrator."""
        with self._database.transaction(actor.organization_id) as tx:
            return audit.list_lines(tx, actor, query or AuditQuery())
