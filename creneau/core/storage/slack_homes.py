"""Queries on the homes that are published: what stands in each, and Slack's own name for that state of it."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.messages import PublishedHome
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import slack_homes as homes


def find(tx: Transaction, organization_id: OrganizationId, user_id: UserId) -> PublishedHome | None:
    row = (
        tx.execute(select(homes).where(homes.c.organization_id == organization_id, homes.c.user_id == user_id))
        .mappings()
        .first()
    )
    return PublishedHome(row["fingerprint"], row["hash"], row["metadata"]) if row else None


def replace(
    tx: Transaction,
    organization_id: OrganizationId,
    user_id: UserId,
    known: PublishedHome | None,
    home: PublishedHome,
    at: datetime,
) -> None:
    """Remember a home in the place of the one it was published over; of two at once, the one that came first."""
    values = {"fingerprint": home.fingerprint, "hash": home.hash, "metadata": home.metadata, "published_at": at}
    if known is None:
        tx.execute(
            insert(homes).values(organization_id=organization_id, user_id=user_id, **values).on_conflict_do_nothing()
        )
        return
    tx.execute(
        update(homes)
        .where(homes.c.organization_id == organization_id, homes.c.user_id == user_id, homes.c.hash == known.hash)
        .values(**values)
    )
