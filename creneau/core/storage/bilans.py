"""Queries on bilans."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, insert, or_, select, tuple_, update

from creneau.core.domain.bilan import CONSUMING, Bilan, BilanStatus, Phase
from creneau.core.domain.errors import BilanNotFound
from creneau.core.domain.ids import BilanId, OrganizationId, UserId
from creneau.core.domain.listing import BilansWanted, Page, Paging
from creneau.core.domain.people import User
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement
from creneau.core.storage.pages import read_page
from creneau.core.storage.tables import bilans
from creneau.core.storage.users import PERSON, to_person

_LOCK = (
    select(bilans)
    .where(
        bilans.c.organization_id == bindparam("organization_id"),
        bilans.c.id == bindparam("bilan_id"),
        bilans.c.deleted_at.is_(None),
    )
    .with_for_update(key_share=True)
)
_OF_BILAN = ("id", "organization_id", "beneficiary_id", "consultant_id", "status", "phase", "purchased_minutes")
"""Columns of the bilan itself, in front of those of its sides."""
_BILAN = ", ".join(f"bilan.{name}" for name in _OF_BILAN)
_CONSUMING = ", ".join(f"'{status.value}'" for status in sorted(CONSUMING))
_LOCK_WITH_SIDES = Statement(f"""
select {_BILAN},
  {", ".join(f"{who}.{name}" for who in ("beneficiary", "consultant") for name in PERSON)}
from bilans bilan
left join users beneficiary on beneficiary.organization_id = bilan.organization_id
  and beneficiary.id = bilan.beneficiary_id and beneficiary.deleted_at is null
left join users consultant on consultant.organization_id = bilan.organization_id
  and consultant.id = %(consultant_id)s and consultant.deleted_at is null
where bilan.organization_id = %(organization_id)s and bilan.id = %(bilan_id)s and bilan.deleted_at is null
for no key update of bilan
""")  # noqa: S608 - names of columns
USE = f"""
select coalesce(sum(duration_minutes) filter (where status in ({_CONSUMING})), 0) as minutes,
  bool_or(status <> 'CANCELLED') as has_sessions
from session_bookings
where organization_id = %(organization_id)s and bilan_id = %(bilan_id)s and deleted_at is null
"""  # noqa: S608 - names of states
_USE = Statement(USE)
_LIST_USED = Statement(f"""
select {_BILAN}, (
  select coalesce(sum(session.duration_minutes), 0) -- joined, it may be planned as reading all sessions that there are
  from session_bookings session
  where session.organization_id = bilan.organization_id and session.bilan_id = bilan.id
    and session.status in ({_CONSUMING}) and session.deleted_at is null
)
from bilans bilan
where bilan.organization_id = %(organization_id)s and bilan.id = any(%(ids)s)
""")  # noqa: S608 - names of columns and states


@dataclass(frozen=True, slots=True)
class Sides:
    """A bilan with its beneficiary, and somebody who may be its consultant; None: not, or no longer, there."""

    bilan: Bilan
    beneficiary: User | None
    consultant: User | None


@dataclass(frozen=True, slots=True)
class Use:
    """What was booked on a bilan: the minutes that use up its hours, and whether there is any session at all."""

    minutes: int
    has_sessions: bool


def add(tx: Transaction, bilan: Bilan) -> None:
    tx.execute(
        insert(bilans).values(
            organization_id=bilan.organization_id,
            id=bilan.id,
            beneficiary_id=bilan.beneficiary_id,
            consultant_id=bilan.consultant_id,
            status=bilan.status,
            phase=bilan.phase,
            purchased_minutes=bilan.purchased_minutes,
        )
    )


def get(tx: Transaction, organization_id: OrganizationId, bilan_id: BilanId) -> Bilan:
    """Raises: `bilan.not_found`."""
    row = tx.execute(_of(organization_id).where(bilans.c.id == bilan_id)).mappings().first()
    if row is None:
        raise BilanNotFound
    return _to_bilan(row)


def lock(tx: Transaction, organization_id: OrganizationId, bilan_id: BilanId) -> Bilan:
    """Read a bilan whose hours or state this transaction relies on: nobody books on it or changes it meanwhile.

    Raises: `bilan.not_found`.
    """
    row = tx.execute(_LOCK, {"organization_id": organization_id, "bilan_id": bilan_id}).mappings().first()
    if row is None:
        raise BilanNotFound
    return _to_bilan(row)


def save(tx: Transaction, bilan: Bilan) -> None:
    """Write what can change of a bilan: its state, phase and hours."""
    tx.execute(
        update(bilans)
        .where(bilans.c.organization_id == bilan.organization_id, bilans.c.id == bilan.id)
        .values(status=bilan.status, phase=bilan.phase, purchased_minutes=bilan.purchased_minutes)
    )


def lock_with_sides(
    tx: Transaction, organization_id: OrganizationId, bilan_id: BilanId, consultant_id: UserId
) -> Sides:
    """Do what `lock` does, and read in the same statement the people whom a session would be of.

    Raises: `bilan.not_found`.
    """
    values = {"organization_id": organization_id, "bilan_id": bilan_id, "consultant_id": consultant_id}
    row = driver.fetch_one(tx, _LOCK_WITH_SIDES, values)
    if row is None:
        raise BilanNotFound
    own, sides = row[: len(_OF_BILAN)], row[len(_OF_BILAN) :]
    beneficiary, consultant = (
        to_person(side) if side[0] else None for side in (sides[: len(PERSON)], sides[len(PERSON) :])
    )
    return Sides(_of_columns(own), beneficiary, consultant)


def read_use(tx: Transaction, organization_id: OrganizationId, bilan_id: BilanId) -> Use:
    """Count what was booked on a bilan. Holds until commit only under `lock`."""
    values = {"organization_id": organization_id, "bilan_id": bilan_id}
    row = driver.fetch_one(tx, _USE, values)
    assert row is not None  # noqa: S101 - an aggregate has a row
    return Use(int(row[0]), bool(row[1]))


def count_used_minutes(tx: Transaction, organization_id: OrganizationId, bilan_id: BilanId) -> int:
    """Sum the sessions that use up a bilan's hours. Holds until commit only under `lock`."""
    return read_use(tx, organization_id, bilan_id).minutes


def list_used_minutes(tx: Transaction, organization_id: OrganizationId, ids: Collection[BilanId]) -> dict[Bilan, int]:
    """Return bilans with the minutes that their sessions use up, in one statement."""
    rows = driver.fetch_all(tx, _LIST_USED, {"organization_id": organization_id, "ids": list(ids)})
    return {_of_columns(own): int(minutes) for *own, minutes in rows}


def list_page(
    tx: Transaction, organization_id: OrganizationId, wanted: BilansWanted, side: UserId | None, paging: Paging
) -> Page[Bilan]:
    """Return the bilans asked for, the newest first; with a side those of theirs alone."""
    query = _of(organization_id)
    for column, value in (
        (bilans.c.beneficiary_id, wanted.beneficiary_id),
        (bilans.c.consultant_id, wanted.consultant_id),
        (bilans.c.status, wanted.status),
    ):
        if value is not None:
            query = query.where(column == value)
    if side is not None:
        query = query.where((bilans.c.beneficiary_id == side) | (bilans.c.consultant_id == side))
    return read_page(tx, query, (bilans.c.id.desc(),), paging, _to_bilan)


def find_active_of_beneficiary(
    tx: Transaction, organization_id: OrganizationId, beneficiary_id: UserId
) -> Bilan | None:
    """Return the newest active bilan of a beneficiary."""
    row = (
        tx.execute(
            _of(organization_id)
            .where(bilans.c.beneficiary_id == beneficiary_id, bilans.c.status == BilanStatus.ACTIVE)
            .order_by(bilans.c.id.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    return _to_bilan(row) if row else None


def list_active(tx: Transaction, organization_id: OrganizationId, part_of: UserId | None = None) -> list[Bilan]:
    """Return the active bilans that somebody is a side of, or all of an organization, the newest first."""
    query = _of(organization_id).where(bilans.c.status == BilanStatus.ACTIVE).order_by(bilans.c.id.desc())
    if part_of is not None:
        query = query.where(or_(bilans.c.beneficiary_id == part_of, bilans.c.consultant_id == part_of))
    return [_to_bilan(row) for row in tx.execute(query).mappings()]


def has_together(tx: Transaction, organization_id: OrganizationId, one: UserId, other: UserId) -> bool:
    """Tell whether two people are the two sides of a bilan, open or not."""
    sides = tuple_(bilans.c.beneficiary_id, bilans.c.consultant_id)
    query = _of(organization_id).where(sides.in_([(one, other), (other, one)]))
    return tx.execute(query.limit(1)).first() is not None


def _of(organization_id: OrganizationId) -> Select[tuple[object, ...]]:
    return select(bilans).where(bilans.c.organization_id == organization_id, bilans.c.deleted_at.is_(None))


def _of_columns(columns: Sequence[Any]) -> Bilan:
    id_, organization_id, beneficiary_id, consultant_id, status, phase, minutes = columns
    return Bilan(id_, organization_id, beneficiary_id, consultant_id, BilanStatus(status), Phase(phase), minutes)


def _to_bilan(row: RowMapping) -> Bilan:
    return Bilan(
        BilanId(row["id"]),
        OrganizationId(row["organization_id"]),
        UserId(row["beneficiary_id"]),
        UserId(row["consultant_id"]),
        BilanStatus(row["status"]),
        Phase(row["phase"]),
        row["purchased_minutes"],
    )
