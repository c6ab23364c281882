"""Queries on the audit log. The runtime role may add and read lines; nobody changes or removes one."""

from sqlalchemy import RowMapping, Select, select

from creneau.core.domain.audit import AuditLine, AuditQuery
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.listing import Page, Paging
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement
from creneau.core.storage.pages import read_page
from creneau.core.storage.tables import audit_log

_ORDER = (audit_log.c.at.desc(), audit_log.c.id.desc())
_ADD = Statement("""
insert into audit_log (organization_id, id, at, actor_id, action, subject, subject_id)
values (current_setting('app.organization_id')::uuid, %(id)s, %(at)s, %(actor_id)s, %(action)s, %(subject)s,
  %(subject_id)s)
""")


def add(tx: Transaction, line: AuditLine) -> None:
    """Add a line to the log of the transaction's organization."""
    values = {
        "id": line.id,
        "at": line.at,
        "actor_id": line.actor_id,
        "action": line.action,
        "subject": line.subject,
        "subject_id": line.subject_id,
    }
    driver.run(tx, _ADD, values)


def list_lines(tx: Transaction, organization_id: OrganizationId, query: AuditQuery) -> list[AuditLine]:
    """Return the lines a query asks for, the newest first."""
    rows = tx.execute(_wanted(organization_id, query).order_by(*_ORDER).limit(query.most).offset(query.skipped))
    return [_to_line(row) for row in rows.mappings()]


def list_page(tx: Transaction, organization_id: OrganizationId, query: AuditQuery, paging: Paging) -> Page[AuditLine]:
    """Return part of the lines a query asks for, the newest first, and how many there are."""
    return read_page(tx, _wanted(organization_id, query), _ORDER, paging, _to_line)


def _wanted(organization_id: OrganizationId, query: AuditQuery) -> Select[tuple[object, ...]]:
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
    return select(audit_log).where(audit_log.c.organization_id == organization_id, *wanted)


def _to_line(row: RowMapping) -> AuditLine:
    return AuditLine(
        row["id"],
        row["at"],
        UserId(row["actor_id"]) if row["actor_id"] else None,
        row["action"],
        row["subject"],
        row["subject_id"],
    )
