"""The history of bookings: appended to with the act itself (`storage.acts`), never changed."""

from datetime import datetime

from sqlalchemy import select

from creneau.core.domain.booking import Status
from creneau.core.domain.history import HistoryEntry
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import booking_history as history

ADD = """
insert into booking_history (organization_id, booking_id, version, action, status_before, status_after, actor_id,
  reason, at, starts_at, is_override)
select %(organization_id)s, %(booking_id)s, %(version)s, %(action)s, %(status_before)s, %(status_after)s, %(actor_id)s,
  %(reason)s, %(at)s, %(starts_at)s, %(is_override)s
"""


def values(entry: HistoryEntry) -> dict[str, object]:
    """Return what `ADD` is told of an act, beside whose it is."""
    return {
        "version": entry.version,
        "action": entry.action,
        "status_before": entry.status_before,
        "status_after": entry.status_after,
        "actor_id": entry.actor_id,
        "reason": entry.reason,
        "at": entry.at,
        "starts_at": entry.starts_at,
        "is_override": entry.is_override,
    }


def find_start(
    tx: Transaction, organization_id: OrganizationId, booking_id: BookingId, version: int
) -> datetime | None:
    """Return where a session stood after the act that made a version of its booking."""
    start: datetime | None = tx.scalar(
        select(history.c.starts_at).where(
            history.c.organization_id == organization_id,
            history.c.booking_id == booking_id,
            history.c.version == version,
        )
    )
    return start


def list_of_booking(tx: Transaction, organization_id: OrganizationId, booking_id: BookingId) -> list[HistoryEntry]:
    """Return what was done to a booking, in order."""
    query = (
        select(history)
        .where(history.c.organization_id == organization_id, history.c.booking_id == booking_id)
        .order_by(history.c.version)
    )
    return [
        HistoryEntry(
            row["version"],
            row["action"],
            Status(row["status_before"]) if row["status_before"] else None,
            Status(row["status_after"]),
            UserId(row["actor_id"]) if row["actor_id"] else None,
            row["reason"],
            row["at"],
            row["starts_at"],
            row["is_override"],
        )
        for row in tx.execute(query).mappings()
    ]
