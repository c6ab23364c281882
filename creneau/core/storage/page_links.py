"""Queries on links to our own pages."""

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.ids import OrganizationId, PageLinkId, UserId
from creneau.core.domain.page_links import PageLink, PagePurpose
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import page_links as links


def save(tx: Transaction, link: PageLink, at: datetime) -> None:
    """Give a person a link for a purpose, in the place of the one before."""
    values = {"id": link.id, "created_at": at, "expires_at": link.expires_at, "used_at": None, "tries": 0}
    tx.execute(
        insert(links)
        .values(organization_id=link.organization_id, user_id=link.user_id, purpose=link.purpose, **values)
        .on_conflict_do_update(index_elements=[links.c.organization_id, links.c.user_id, links.c.purpose], set_=values)
    )


def find(
    tx: Transaction, organization_id: OrganizationId, user_id: UserId, purpose: PagePurpose, link_id: PageLinkId
) -> PageLink | None:
    """Return a link unless another is in its place."""
    query = select(links).where(
        links.c.organization_id == organization_id,
        links.c.user_id == user_id,
        links.c.purpose == purpose,
        links.c.id == link_id,
    )
    row = tx.execute(query).mappings().first()
    if row is None:
        return None
    return PageLink(organization_id, user_id, purpose, link_id, row["expires_at"], row["used_at"], row["tries"])


def count_try(tx: Transaction, link: PageLink) -> None:
    tx.execute(update(links).where(_is(link)).values(tries=links.c.tries + 1))


def use(tx: Transaction, link: PageLink, at: datetime) -> bool:
    """Use a link up; False if somebody else has, or if it is over. Of two at once one waits for the other."""
    is_open = links.c.used_at.is_(None) & (links.c.expires_at > at)
    return tx.execute(update(links).where(_is(link), is_open).values(used_at=at)).rowcount == 1


def _is(link: PageLink) -> ColumnElement[bool]:
    return (
        (links.c.organization_id == link.organization_id)
        & (links.c.user_id == link.user_id)
        & (links.c.purpose == link.purpose)
        & (links.c.id == link.id)
    )
