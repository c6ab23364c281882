"""Queries on holds. What they close is read with what sessions hold: see `storage.agenda`."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.hold import Hold
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.time import Span
from creneau.core.storage.database import Transaction, driver_connection
from creneau.core.storage.tables import slot_holds as holds


def lock(tx: Transaction, consultant_id: UserId) -> None:
    """Let holds on one consultant's time pass one after the other until this transaction ends."""
    driver_connection(tx).execute("select pg_advisory_xact_lock(hashtextextended(%s, 2))", (str(consultant_id),))


def save(tx: Transaction, hold: Hold) -> None:
    """Hold a time in place of the one that the person held before."""
    values = {
        "consultant_id": hold.time.consultant_id,
        "availability_slot_id": hold.time.slot_id,
        "starts_at": hold.time.span.starts_at,
        "ends_at": hold.time.span.ends_at,
        "held_until": hold.held_until,
        "expires_at": hold.expires_at,
        "reference": hold.reference,
    }
    tx.execute(
        insert(holds)
        .values(organization_id=hold.organization_id, user_id=hold.user_id, **values)
        .on_conflict_do_update(index_elements=["organization_id", "user_id"], set_=values)
    )


def is_held(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, span: Span, at: datetime) -> bool:
    """Tell whether somebody has a part of a consultant's time in hand."""
    query = select(holds.c.user_id).where(
        holds.c.organization_id == organization_id,
        holds.c.consultant_id == consultant_id,
        holds.c.starts_at < span.ends_at,
        holds.c.ends_at > span.starts_at,
        holds.c.expires_at > at,
    )
    return tx.execute(query.limit(1)).first() is not None


def remove(tx: Transaction, organization_id: OrganizationId, user_id: UserId, reference: str | None) -> None:
    """Free what a person holds; with a reference only if it is held for that."""
    query = delete(holds).where(holds.c.organization_id == organization_id, holds.c.user_id == user_id)
    tx.execute(query.where(holds.c.reference == reference) if reference else query)
