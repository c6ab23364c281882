"""Queries on what people chose for themselves."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.preferences import Preferences
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import user_preferences as preferences


def get(tx: Transaction, organization_id: OrganizationId, user_id: UserId) -> Preferences:
    """Return what somebody chose; who chose nothing has no row."""
    query = select(preferences.c.wants_digest, preferences.c.digest_at, preferences.c.video_link).where(
        preferences.c.organization_id == organization_id, preferences.c.user_id == user_id
    )
    row = tx.execute(query).first()
    return Preferences(*row) if row else Preferences()


def save(tx: Transaction, organization_id: OrganizationId, user_id: UserId, chosen: Preferences, at: datetime) -> None:
    values = {
        "wants_digest": chosen.wants_digest,
        "digest_at": chosen.digest_at,
        "video_link": chosen.video_link,
        "updated_at": at,
    }
    tx.execute(
        insert(preferences)
        .values(organization_id=organization_id, user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["organization_id", "user_id"], set_=values)
    )
