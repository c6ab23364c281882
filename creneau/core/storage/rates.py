"""Queries on request rates: one statement counts a request against its token and its organization, or refuses it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.rates import RateLimits
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement

_CHARGE = Statement("""
  with token as (
    insert into request_rates as r (organization_id, subject, paid_at)
    values (%(organization_id)s, %(token)s, %(now)s + %(token_cost)s)
    on conflict (organization_id, subject) do update
      set paid_at = greatest(r.paid_at, %(now)s) + %(token_cost)s
      where greatest(r.paid_at, %(now)s) + %(token_cost)s <= %(now)s + %(token_burst)s
    returning paid_at),
  organization as (
    insert into request_rates as r (organization_id, subject, paid_at)
    select %(organization_id)s, 'organization', %(now)s + %(organization_cost)s from token
    on conflict (organization_id, subject) do update
      set paid_at = greatest(r.paid_at, %(now)s) + %(organization_cost)s
      where greatest(r.paid_at, %(now)s) + %(organization_cost)s <= %(now)s + %(organization_burst)s
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
    values = {
        "organization_id": organization_id,
        "token": _subject(token_hash),
        "now": now,
        "token_cost": limits.token.cost,
        "token_burst": limits.token.burst,
        "organization_cost": limits.organization.cost,
        "organization_burst": limits.organization.burst,
    }
    row = driver.fetch_one(tx, _CHARGE, values)
    assert row is not None  # noqa: S101 - it selects two values
    return Charge(*row)


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
