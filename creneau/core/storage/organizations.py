"""Queries on organizations, the tenants."""

from typing import Any

from sqlalchemy import RowMapping, select, text, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.errors import OrganizationNotFound, WorkspaceAlreadyLinked
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.people import Organization
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import organizations


def add(tx: Transaction, organization: Organization) -> None:
    """Insert an organization. The transaction must already be that organization's.

    Raises: `organization.workspace_already_linked`.
    """
    added = tx.execute(
        insert(organizations)
        .values(
            id=organization.id,
            name=organization.name,
            timezone=organization.timezone,
            locale=organization.locale,
            slack_team_id=organization.slack_team_id,
        )
        .on_conflict_do_nothing()
        .returning(organizations.c.id)
    )
    if added.first() is None:
        raise WorkspaceAlreadyLinked


def link_slack_team(tx: Transaction, organization_id: OrganizationId, team_id: str) -> None:
    """Give an organization its Slack workspace. Raises: `organization.workspace_already_linked`."""
    if find_id_by_slack_team(tx, team_id) not in (None, organization_id):
        raise WorkspaceAlreadyLinked
    tx.execute(update(organizations).where(organizations.c.id == organization_id).values(slack_team_id=team_id))


def get(tx: Transaction, organization_id: OrganizationId) -> Organization:
    """Raises: `organization.not_found`."""
    row = tx.execute(select(organizations).where(organizations.c.id == organization_id)).mappings().first()
    if row is None:
        raise OrganizationNotFound
    return _to_organization(row)


def find_id_by_slack_team(tx: Transaction, team_id: str) -> OrganizationId | None:
    """Find a tenant by its Slack workspace. Works without a tenant, through a function that tells only this."""
    found: Any = tx.scalar(text("select organization_of_slack_team(:team_id)"), {"team_id": team_id})
    return OrganizationId(found) if found else None


def _to_organization(row: RowMapping) -> Organization:
    return Organization(OrganizationId(row["id"]), row["name"], row["timezone"], row["locale"], row["slack_team_id"])
