"""Queries on feed tokens. Only their hashes are stored, so that a copy of the database opens no feed."""

from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.feeds import FeedAddress, FeedKind
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import feed_tokens as tokens


def save_token(tx: Transaction, address: FeedAddress, token_hash: bytes, at: datetime) -> None:
    """Give a feed its token: the one it had opens nothing any more."""
    tx.execute(
        insert(tokens)
        .values(
            organization_id=address.organization_id,
            user_id=address.user_id,
            kind=address.kind,
            token_hash=token_hash,
            created_at=at,
        )
        .on_conflict_do_update(
            index_elements=[tokens.c.organization_id, tokens.c.user_id, tokens.c.kind],
            set_={"token_hash": token_hash, "created_at": at},
        )
    )


def remove_token(tx: Transaction, address: FeedAddress) -> None:
    tx.execute(
        delete(tokens).where(
            tokens.c.organization_id == address.organization_id,
            tokens.c.user_id == address.user_id,
            tokens.c.kind == address.kind,
        )
    )


def list_issued(tx: Transaction, organization_id: OrganizationId, user_id: UserId) -> dict[FeedKind, datetime]:
    """Return the feeds of a person that have a token, and when it was given."""
    query = select(tokens.c.kind, tokens.c.created_at).where(
        tokens.c.organization_id == organization_id, tokens.c.user_id == user_id
    )
    return {FeedKind(kind): created_at for kind, created_at in tx.execute(query)}


def find_address(tx: Transaction, token_hash: bytes) -> FeedAddress | None:
    """Find what a token opens. Works without a tenant, through a function that tells only this."""
    query = text("select organization_id, user_id, kind from owner_of_feed(:token_hash)")
    row = tx.execute(query, {"token_hash": token_hash}).first()
    if row is None:
        return None
    organization_id, user_id, kind = row
    return FeedAddress(OrganizationId(organization_id), UserId(user_id), FeedKind(kind))
