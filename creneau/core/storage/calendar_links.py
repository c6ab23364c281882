"""Queries on calendar links. Passwords come and go sealed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.credentials import CredentialKind
from creneau.core.domain.ids import CalendarLinkId, OrganizationId, UserId
from creneau.core.storage import driver, pushed_objects
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement
from creneau.core.storage.tables import calendar_links as links


@dataclass(frozen=True, slots=True)
class SealedLink:
    """A calendar link as it is stored."""

    id: CalendarLinkId
    organization_id: OrganizationId
    consultant_id: UserId
    calendar_url: str
    username: str
    password_sealed: bytes
    credential: CredentialKind = CredentialKind.PASSWORD
    server: ServerKind = ServerKind.UNKNOWN


def claim_id(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, fresh_id: CalendarLinkId, at: datetime
) -> CalendarLinkId:
    """Return the id of a consultant's link and lock its row, made with `fresh_id` if there is none.

    A new row says nothing yet: `save` must follow in the same transaction.
    """
    claim = insert(links).values(
        organization_id=organization_id,
        id=fresh_id,
        consultant_id=consultant_id,
        calendar_url="",
        username="",
        password_sealed=b"",
        created_at=at,
    )
    claim = claim.on_conflict_do_update(
        index_elements=[links.c.organization_id, links.c.consultant_id],
        set_={"consultant_id": claim.excluded.consultant_id},  # changes nothing: returns and locks the row there is
    )
    return CalendarLinkId(tx.execute(claim.returning(links.c.id)).scalar_one())


def save(tx: Transaction, link: SealedLink, at: datetime) -> None:
    """Write a link anew: nothing is known of its health yet, and it is not being left any more."""
    tx.execute(
        update(links)
        .where(links.c.organization_id == link.organization_id, links.c.id == link.id)
        .values(
            calendar_url=link.calendar_url,
            username=link.username,
            password_sealed=link.password_sealed,
            credential=link.credential,
            server=link.server,
            linked_at=at,
            pushed_at=None,
            failed_at=None,
            failure=None,
            push_failing_since=None,
            push_told_at=None,
            leaving_at=None,
            reading_since=None,
            read_next_at=None,
            read_failed_at=None,
            read_failure=None,
            read_failures=0,
            suspect_at=None,
            suspect_count=None,
            refusal_told_at=None,
        )
    )
    pushed_objects.forget_refusals(tx, link.organization_id, link.id)


def leave(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId, at: datetime) -> None:
    """Put nothing more through a link: what it put there is being removed, and may or may not be there from now on."""
    pushed_objects.doubt(tx, organization_id, link_id)
    tx.execute(
        update(links).where(links.c.organization_id == organization_id, links.c.id == link_id).values(leaving_at=at)
    )


def remove(tx: Transaction, organization_id: OrganizationId, link_id: CalendarLinkId) -> None:
    """Forget a link, its password, and what it put where."""
    pushed_objects.remove_of_link(tx, organization_id, link_id)
    tx.execute(delete(links).where(links.c.organization_id == organization_id, links.c.id == link_id))


def find(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, *, is_leaving: bool = False
) -> SealedLink | None:
    """Return the link that sessions are put through, or the one that is being left."""
    query = select(links).where(
        of_consultant(organization_id, consultant_id), links.c.leaving_at.is_not(None) == is_leaving
    )
    row = tx.execute(query).mappings().first()
    return None if row is None else _to_link(row)


def find_trusted(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> SealedLink | None:
    """Return the link that sessions are put through; None also where the account is mistrusted. Takes no lock."""
    values = {"organization_id": organization_id, "consultant_id": consultant_id}
    row = driver.fetch_one(tx, _FIND_TRUSTED, values)
    if row is None:
        return None
    link_id, url, username, sealed, credential, server = row
    return SealedLink(
        CalendarLinkId(link_id),
        organization_id,
        consultant_id,
        url,
        username,
        sealed,
        CredentialKind(credential),
        ServerKind(server),
    )


def list_linked(tx: Transaction, organization_id: OrganizationId) -> list[UserId]:
    """Return the consultants of an organization whose sessions go into a calendar of theirs."""
    query = select(links.c.consultant_id).where(
        links.c.organization_id == organization_id, links.c.leaving_at.is_(None)
    )
    return [UserId(consultant_id) for consultant_id in tx.scalars(query.order_by(links.c.consultant_id))]


def of_consultant(organization_id: OrganizationId, consultant_id: UserId) -> ColumnElement[bool]:
    return (links.c.organization_id == organization_id) & (links.c.consultant_id == consultant_id)


def _to_link(row: RowMapping) -> SealedLink:
    return SealedLink(
        CalendarLinkId(row["id"]),
        OrganizationId(row["organization_id"]),
        UserId(row["consultant_id"]),
        row["calendar_url"],
        row["username"],
        row["password_sealed"],
        CredentialKind(row["credential"]),
        ServerKind(row["server"]),
    )


_FIND_TRUSTED = Statement("""
select id, calendar_url, username, password_sealed, credential, server from calendar_links
where organization_id = %(organization_id)s and consultant_id = %(consultant_id)s
  and leaving_at is null and suspect_count is null
""")
