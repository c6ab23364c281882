"""Queries on request rates: one statement counts a request against its token and its organization, or refuses it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.rates import RateLimits
from creneau.core.storage.database import Transaction

_CHARGE = text("""
  with token as (
    insert into request_rates as r (organization_id, subject, paid_at)
    values (:organization_id, :token, :now + :token_cost)
    on conflict (organization_id, subject) do update
      set paid_at = greatest(r.paid_at, :now) + :token_cost
      where greatest(r.paid_at, :now) + :token_cost <= :now + :token_burst
    returning paid_at),
  organization as (
    insert into request_rates as r (organization_id, subject, paid_at)
    select :organization_id, 'organization', :now + :organization_cost from token
    on conflict (organization_id, subject) do update
      set paid_at = greatest(r.paid_at, :now) + :organization_cost
      where greatest(r.paid_at, :now) + :organization_cost <= :now + :organization_burst
    returning paid_at)
  select (select paid_at from token) as token, (select paid_at from organization) as organization
""")

_READ = text("select paid_at from request_rates where organization_id = :organization_id and subject = :subject")


@dataclass(frozen=True, slots=True)
class Charge:
    """When the token, and the organization, will have paid off what they asked; None where the request is too much."""

    token: datetime | None
    organization: datetime | None


def charge(
    tx: Transaction, organization_id: OrganizationId, token_hash: str, limits: RateLimits, now: datetime
) -> Charge:
    """Count a request. Exact however many count at once: a row waits for whoever changes it, and is judged then.

    The token comes first, so that one that asks too much uses nothing of its organization's.
    """
    row = tx.execute(
        _CHARGE,
        {
            "organization_id": organization_id,
            "token": _subject(token_hash),
            "now": now,
            "token_cost": limits.token.cost,
            "token_burst": limits.token.burst,
            "organization_cost": limits.organization.cost,
            "organization_burst": limits.organization.burst,
        },
    ).one()
    return Charge(row.token, row.organization)


def read(tx: Transaction, organization_id: OrganizationId, token_hash: str | None) -> datetime:
    """Return when a token, or without one the organization, will have paid off. Only after a refusal: it is there."""
    subject = "organization" if token_hash is None else _subject(token_hash)
    paid_at: datetime = tx.execute(_READ, {"organization_id": organization_id, "subject": subject}).scalar_one()
    return paid_at


def remove_old(tx: Transaction, before: datetime) -> int:
    """Remove what was paid off before an instant, of all organizations. Needs no tenant."""
    return int(tx.scalar(text("select remove_old_request_rates(:before)"), {"before": before}) or 0)


def _subject(token_hash: str) -> str:
    return f"token:{token_hash}"
