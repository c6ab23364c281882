"""Bilans: opening and closing them, and the hours that sessions use up."""

from collections.abc import Collection
from dataclasses import replace

from creneau.core.domain.bilan import (
    Bilan,
    BilanHours,
    BilanStatus,
    Phase,
    count_hours,
    require_active,
    require_hours,
    require_lawful_hours,
)
from creneau.core.domain.errors import BilanNotFound, NotAllowed
from creneau.core.domain.ids import BilanId, OrganizationId
from creneau.core.domain.people import Actor, Role
from creneau.core.storage import bilans
from creneau.core.storage.database import Transaction


def open_bilan(tx: Transaction, bilan: Bilan, actor: Actor | None = None) -> None:
    """Raises: `actor.not_allowed` but for an administrator or the command line (None), `bilan.too_many_hours`."""
    if actor is not None and (actor.role is not Role.ORG_ADMIN or actor.organization_id != bilan.organization_id):
        raise NotAllowed
    require_lawful_hours(bilan.purchased_minutes)
    bilans.add(tx, bilan)


def close(tx: Transaction, actor: Actor | None, organization_id: OrganizationId, bilan_id: BilanId) -> Bilan:
    """End a bilan: no session is booked on it any more, those that are booked stay.

    Raises: `bilan.not_found`, `actor.not_allowed`, `bilan.not_active` when it has ended already.
    """
    bilan = _lock(tx, actor, organization_id, bilan_id)
    require_active(bilan)
    return _save(tx, replace(bilan, status=BilanStatus.COMPLETED))


def set_hours(
    tx: Transaction, actor: Actor | None, organization_id: OrganizationId, bilan_id: BilanId, minutes: int | None
) -> Bilan:
    """Say how much was bought; None leaves only the legal limit. Sessions that are booked stay, whatever the number.

    Raises: `bilan.not_found`, `actor.not_allowed`, `bilan.too_many_hours`.
    """
    require_lawful_hours(minutes)
    return _save(tx, replace(_lock(tx, actor, organization_id, bilan_id), purchased_minutes=minutes))


def change(tx: Transaction, actor: Actor, bilan_id: BilanId, minutes: int | None, phase: Phase) -> Bilan:
    """Say how much of an open bilan was bought, and which phase it is in. Sessions that are booked stay.

    Raises: `bilan.not_found`, `actor.not_allowed`, `bilan.not_active`, `bilan.too_many_hours`.
    """
    require_lawful_hours(minutes)
    bilan = _lock(tx, actor, actor.organization_id, bilan_id)
    require_active(bilan)
    return _save(tx, replace(bilan, purchased_minutes=minutes, phase=phase))


def spend_hours(tx: Transaction, bilan: Bilan, minutes: int) -> None:
    """Raise `bilan.hours_exhausted` unless a session of that length may be booked on a bilan.

    The bilan must have been read by `storage.bilans.lock`: of two requests for the last hours one comes after the
    other. A session moved at the same length spends nothing and has no need to ask.
    """
    require_hours(get_hours(tx, bilan), minutes)


def get_hours(tx: Transaction, bilan: Bilan) -> BilanHours:
    return count_hours(bilan, bilans.count_used_minutes(tx, bilan.organization_id, bilan.id))


def list_hours(tx: Transaction, organization_id: OrganizationId, ids: Collection[BilanId]) -> dict[BilanId, BilanHours]:
    """Return the hours of some bilans, in one statement."""
    used = bilans.list_used_minutes(tx, organization_id, ids)
    return {bilan.id: count_hours(bilan, minutes) for bilan, minutes in used.items()}


def require_part(bilan: Bilan, actor: Actor) -> None:
    """Raise `bilan.not_found` unless the actor is a side of the bilan or administers the organization."""
    if actor.role is not Role.ORG_ADMIN and actor.user_id not in (bilan.beneficiary_id, bilan.consultant_id):
        raise BilanNotFound


def _lock(tx: Transaction, actor: Actor | None, organization_id: OrganizationId, bilan_id: BilanId) -> Bilan:
    if actor is not None and actor.organization_id != organization_id:
        raise BilanNotFound
    bilan = bilans.lock(tx, organization_id, bilan_id)
    if actor is not None:
        require_part(bilan, actor)
        if actor.role is not Role.ORG_ADMIN:
            raise NotAllowed
    return bilan


def _save(tx: Transaction, bilan: Bilan) -> Bilan:
    bilans.save(tx, bilan)
    return bilan
