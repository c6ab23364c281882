"""Queries on availability slots, the consultants' rules."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Date, RowMapping, Select, func, insert, literal, select, update

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.errors import SlotNotFound
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.listing import Days, Page, Paging, SlotsWanted
from creneau.core.storage.database import Transaction
from creneau.core.storage.pages import read_page
from creneau.core.storage.tables import availability_slots as slots

_FIXED = frozenset({"organization_id", "id", "consultant_id"})
_STAMPS = frozenset({"created_at", "updated_at"})
_ORDER = (slots.c.day_of_week.nulls_last(), slots.c.date_specific, slots.c.start_time, slots.c.id)
_FAR_PAST, _FAR_FUTURE = date(1900, 1, 1), date(9999, 12, 31)


def add(tx: Transaction, slot: AvailabilitySlot) -> AvailabilitySlot:
    """Insert a rule and return it with its timestamps."""
    values = {name: value for name, value in asdict(slot).items() if name not in _STAMPS}
    added = tx.execute(insert(slots).values(**values).returning(slots.c.created_at, slots.c.updated_at)).one()
    return replace(slot, created_at=added.created_at, updated_at=added.updated_at)


def get(tx: Transaction, organization_id: OrganizationId, slot_id: SlotId) -> AvailabilitySlot:
    """Raises: `slot.not_found`."""
    return _one(tx, select(slots).where(_is(organization_id, slot_id)))


def lock(tx: Transaction, organization_id: OrganizationId, slot_id: SlotId) -> AvailabilitySlot:
    """Read a rule that this transaction will change. Raises: `slot.not_found`."""
    return _one(tx, select(slots).where(_is(organization_id, slot_id)).with_for_update(key_share=True))


def save(tx: Transaction, slot: AvailabilitySlot, at: datetime) -> None:
    """Write everything that can change of a rule."""
    values = {name: value for name, value in asdict(slot).items() if name not in _FIXED | _STAMPS}
    tx.execute(update(slots).where(_is(slot.organization_id, slot.id)).values(**values, updated_at=at))


def delete(tx: Transaction, organization_id: OrganizationId, slot_id: SlotId, at: datetime) -> None:
    """Take a rule out of sight; bookings made of it keep pointing to it."""
    tx.execute(update(slots).where(_is(organization_id, slot_id)).values(deleted_at=at, updated_at=at))


def list_made(tx: Transaction, organization_id: OrganizationId, ids: Sequence[UUID]) -> list[AvailabilitySlot]:
    """Return rules by id, in that order, also those that were taken away since."""
    query = select(slots).where(slots.c.organization_id == organization_id, slots.c.id.in_(ids))
    return sorted((_to_slot(row) for row in tx.execute(query).mappings()), key=lambda slot: ids.index(slot.id))


def list_page(
    tx: Transaction, organization_id: OrganizationId, wanted: SlotsWanted, paging: Paging
) -> Page[AvailabilitySlot]:
    """Return the rules asked for: weekly ones by day, then one-off ones by date."""
    query = select(slots).where(slots.c.organization_id == organization_id, slots.c.deleted_at.is_(None))
    if wanted.consultant_id is not None:
        query = query.where(slots.c.consultant_id == wanted.consultant_id)
    if wanted.day_of_week is not None:
        query = query.where(slots.c.day_of_week == wanted.day_of_week)
    if not wanted.days.is_unbounded:
        query = query.where(_holds_within(wanted.days))
    return read_page(tx, query, _ORDER, paging, _to_slot)


def _holds_within(days: Days) -> ColumnElement[bool]:
    """Tell whether a rule has a day among some days. A weekly rule: its first day from their first on is in time."""
    first, last = days.first or _FAR_PAST, days.last or _FAR_FUTURE
    passed = func.mod(slots.c.day_of_week - first.isoweekday() % 7 + 7, 7)
    first_day = literal(first, Date) + passed
    is_weekly = slots.c.day_of_week.is_not(None) & (first_day <= func.least(last, slots.c.recurring_until))
    return slots.c.date_specific.between(first, last) | is_weekly


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
        .order_by(*_ORDER)
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
        row["created_at"],
        row["updated_at"],
    )
