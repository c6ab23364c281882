"""Queries on availability slots, the consultants' rules."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, Select, insert, select, update

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.errors import SlotNotFound
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import availability_slots as slots

_FIXED = frozenset({"organization_id", "id", "consultant_id"})


def add(tx: Transaction, slot: AvailabilitySlot) -> None:
    tx.execute(insert(slots).values(**asdict(slot)))


def get(tx: Transaction, organization_id: OrganizationId, slot_id: SlotId) -> AvailabilitySlot:
    """Raises: `slot.not_found`."""
    return _one(tx, select(slots).where(_is(organization_id, slot_id)))


def lock(tx: Transaction, organization_id: OrganizationId, slot_id: SlotId) -> AvailabilitySlot:
    """Read a rule that this transaction will change. Raises: `slot.not_found`."""
    return _one(tx, select(slots).where(_is(organization_id, slot_id)).with_for_update(key_share=True))


def save(tx: Transaction, slot: AvailabilitySlot, at: datetime) -> None:
    """Write everything that can change of a rule."""
    values = {name: value for name, value in asdict(slot).items() if name not in _FIXED}
    tx.execute(update(slots).where(_is(slot.organization_id, slot.id)).values(**values, updated_at=at))


def delete(tx: Transaction, organization_id: OrganizationId, slot_id: SlotId, at: datetime) -> None:
    """Take a rule out of sight; bookings made of it keep pointing to it."""
    tx.execute(update(slots).where(_is(organization_id, slot_id)).values(deleted_at=at, updated_at=at))


def list_of_consultant(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId
) -> list[AvailabilitySlot]:
    """Return all rules of a consultant: weekly ones by day, then one-off ones by date."""
    query = (
        select(slots)
        .where(
            slots.c.organization_id == organization_id,
            slots.c.consultant_id == consultant_id,
            slots.c.deleted_at.is_(None),
        )
        .order_by(slots.c.day_of_week.nulls_last(), slots.c.date_specific, slots.c.start_time, slots.c.id)
    )
    return [_to_slot(row) for row in tx.execute(query).mappings()]


def _is(organization_id: OrganizationId, slot_id: SlotId) -> ColumnElement[bool]:
    return (slots.c.organization_id == organization_id) & (slots.c.id == slot_id) & slots.c.deleted_at.is_(None)


def _one(tx: Transaction, query: Select[tuple[object, ...]]) -> AvailabilitySlot:
    row = tx.execute(query).mappings().first()
    if row is None:
        raise SlotNotFound
    return _to_slot(row)


def _to_slot(row: RowMapping) -> AvailabilitySlot:
    return AvailabilitySlot(
        SlotId(row["id"]),
        OrganizationId(row["organization_id"]),
        UserId(row["consultant_id"]),
        row["start_time"],
        row["end_time"],
        row["timezone"],
        row["day_of_week"],
        row["date_specific"],
        row["duration_minutes"],
        row["max_concurrent_bookings"],
        row["recurring_until"],
        row["is_available"],
    )
