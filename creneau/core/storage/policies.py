"""Queries on scheduling policies: an organization's choices, and those of single consultants."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.policy import DEFAULT_POLICY, Discretion, Policy, PolicyChoices, decide
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Query
from creneau.core.storage.tables import scheduling_policies as policies

CHOICES = [field.name for field in fields(PolicyChoices)]


def get(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> Policy:
    """Return the policy in force for a consultant."""
    return list_in_force(tx, organization_id, (consultant_id,))[consultant_id]


def list_in_force(
    tx: Transaction, organization_id: OrganizationId, consultant_ids: Collection[UserId]
) -> dict[UserId, Policy]:
    """Return the policies in force for some consultants: of each their own choices, over those of the organization."""
    values = {"organization_id": organization_id, "consultant_ids": list(consultant_ids)}
    chosen = {row["consultant_id"]: to_choices(row) for row in driver.fetch_mappings(tx, _IN_FORCE, values)}
    return {
        one: decide(DEFAULT_POLICY, *(chosen[whose] for whose in (None, one) if whose in chosen))
        for one in consultant_ids
    }


def get_of_organization(tx: Transaction, organization_id: OrganizationId) -> Policy:
    """Return the policy in force for those consultants of an organization who chose nothing."""
    query = select(policies).where(policies.c.organization_id == organization_id, policies.c.consultant_id.is_(None))
    return decide(DEFAULT_POLICY, *(to_choices(row) for row in tx.execute(query).mappings()))


def get_choices(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId | None) -> PolicyChoices:
    """Return what a consultant chose, or (None) the organization; nothing chosen is no row, and the same."""
    row = (
        tx.execute(
            select(policies).where(
                policies.c.organization_id == organization_id,
                policies.c.consultant_id.is_not_distinct_from(consultant_id),
            )
        )
        .mappings()
        .first()
    )
    return to_choices(row) if row else PolicyChoices()


def save(
    tx: Transaction,
    organization_id: OrganizationId,
    policy_id: UUID,
    consultant_id: UserId | None,
    choices: PolicyChoices,
    at: datetime,
) -> None:
    """Replace the choices of an organization, or of one of its consultants."""
    values = {**asdict(choices), "updated_at": at}
    tx.execute(
        insert(policies)
        .values(organization_id=organization_id, id=policy_id, consultant_id=consultant_id, **values)
        .on_conflict_do_update(index_elements=["organization_id", "consultant_id"], set_=values)
    )


_IN_FORCE = Query(
    select(policies).where(
        policies.c.organization_id == bindparam("organization_id"),
        or_(policies.c.consultant_id.is_(None), driver.is_one_of(policies.c.consultant_id, "consultant_ids")),
    )
)


def to_choices(chosen: Mapping[Any, Any]) -> PolicyChoices:
    """Return choices by the names of their fields, as a row has them."""
    values = {name: chosen[name] for name in CHOICES}
    if values["discretion"] is not None:
        values["discretion"] = Discretion(values["discretion"])
    if values["calendar_detail"] is not None:
        values["calendar_detail"] = CalendarDetail(values["calendar_detail"])
    return PolicyChoices(**values)
