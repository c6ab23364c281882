"""Queries on e-mails about bookings: each is written before it is sent, so that nobody sends it a second time."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.emails import Email, EmailKey, EmailState
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.messages import Purpose
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import backup_log
from creneau.core.storage.tables import booking_emails as emails


def claim(tx: Transaction, key: EmailKey, slack_problem: str, at: datetime) -> Email:
    """Return a message that is to go by e-mail, for this transaction alone to change; written if it is new."""
    values = {"state": EmailState.WAITING, "slack_problem": slack_problem, "created_at": at, "updated_at": at}
    written = insert(emails).values(**_columns(key), **values)
    kept = written.on_conflict_do_update(index_elements=list(_columns(key)), set_={"state": emails.c.state})
    return _to_email(tx.execute(kept.returning(emails)).mappings().one())


def find(tx: Transaction, key: EmailKey) -> Email | None:
    row = tx.execute(select(emails).where(_is(key))).mappings().first()
    return _to_email(row) if row else None


def change(
    tx: Transaction,
    key: EmailKey,
    before: Collection[EmailState],
    state: EmailState,
    at: datetime,
    reason: str | None = None,
) -> Email | None:
    """Bring a message from one of some states to another; None when it was in none of them."""
    sent_at = at if state is EmailState.SENT else None
    row = tx.execute(
        update(emails)
        .where(_is(key), emails.c.state.in_(sorted(before)))
        .values(state=state, reason=reason, sent_at=sent_at, updated_at=at)
        .returning(emails)
    )
    changed = row.mappings().first()
    return _to_email(changed) if changed else None


def list_of_booking(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> list[Email]:
    query = (
        select(emails)
        .where(emails.c.organization_id == organization_id, emails.c.booking_id == booking_id)
        .order_by(emails.c.created_at, emails.c.purpose)
    )
    return [_to_email(row) for row in tx.execute(query).mappings()]


def last_restored_at(tx: Transaction) -> datetime | None:
    """Return when a backup was last restored over this database."""
    restored: datetime | None = tx.scalar(select(func.max(backup_log.c.at)).where(backup_log.c.kind == "RESTORE"))
    return restored


def _columns(key: EmailKey) -> dict[str, object]:
    return {
        "organization_id": key.organization_id,
        "booking_id": key.booking_id,
        "recipient_id": key.recipient_id,
        "purpose": key.purpose,
        "booking_version": key.booking_version,
    }


def _is(key: EmailKey) -> ColumnElement[bool]:
    return and_(*(emails.c[name] == value for name, value in _columns(key).items()))


def _to_email(row: RowMapping) -> Email:
    key = EmailKey(
        OrganizationId(row["organization_id"]),
        BookingId(row["booking_id"]),
        UserId(row["recipient_id"]),
        Purpose(row["purpose"]),
        row["booking_version"],
    )
    return Email(key, EmailState(row["state"]), row["slack_problem"], row["reason"], row["sent_at"], row["updated_at"])
