"""Queries on the audit log. The runtime role may add and read lines; nobody changes or removes one."""

from sqlalchemy import Uuid, cast, func, insert, select

from creneau.core.domain.audit import AuditLine, AuditQuery
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import audit_log

_TENANT = cast(func.current_setting("app.organization_id"), Uuid)
_ADD = insert(audit_log).values(organization_id=_TENANT)


def add(tx: Transaction, line: AuditLine) -> None:
    """Add a line to the log of the transaction's organization."""
    tx.execute(
        _ADD,
        {
            "id": line.id,
            "at": line.at,
            "actor_id": line.actor_id,
            "action": line.action,
            "subject": line.subject,
            "subject_id": line.subject_id,
        },
    )


def list_lines(tx: Transaction, organization_id: OrganizationId, query: AuditQuery) -> list[AuditLine]:
    """Return the lines a query asks for, the newest first."""
    wanted = [
        column == value
        for column, value in (
            (audit_log.c.actor_id, query.actor_id),
            (audit_log.c.subject, query.subject),
            (audit_log.c.subject_id, query.subject_id),
        )
        if value is not None
    ]
    if query.span is not None:
        wanted += [audit_log.c.at >= query.span.starts_at, audit_log.c.at < query.span.ends_at]
    rows = tx.execute(
        select(audit_log)
        .where(audit_log.c.organization_id == organization_id, *wanted)
        .order_by(audit_log.c.at.desc(), audit_log.c.id.desc())
        .limit(query.most)
        .offset(query.skipped)
    )
    return [
        AuditLine(
            row["id"],
            row["at"],
            UserId(row["actor_id"]) if row["actor_id"] else None,
            row["action"],
            row["subject"],
            row["subject_id"],
        )
        for row in rows.mappings()
    ]
