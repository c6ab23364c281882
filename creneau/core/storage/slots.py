"""Queries on availability slots, the consultants' rules."""

from datetime import date

from sqlalchemy import RowMapping, insert, or_, select

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import availability_slots as slots


def add(tx: Transaction, slot: AvailabilitySlot) -> None:
    tx.execute(
        insert(slots).values(
            organization_id=slot.organization_id,
            id=slot.id,
            consultant_id=slot.consultant_id,
            day_of_week=slot.day_of_week,
            date_specific=slot.date_specific,
            start_time=slot.start_time,
            end_time=slot.end_time,
            duration_minutes=slot.duration_minutes,
            max_concurrent_bookings=slot.max_concurrent_bookings,
            timezone=slot.timezone,
            recurring_until=slot.recurring_until,
            is_available=slot.is_available,
        )
    )


def list_in_force(
    tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, first: date, last: date
) -> list[AvailabilitySlot]:
    """Return a consultant's available rules that may offer times on the days from `first` to `last`."""
    query = select(slots).where(
        slots.c.organization_id == organization_id,
        slots.c.consultant_id == consultant_id,
        slots.c.deleted_at.is_(None),
        slots.c.is_available,
        or_(slots.c.date_specific.is_(None), slots.c.date_specific.between(first, last)),
        or_(slots.c.recurring_until.is_(None), slots.c.recurring_until >= first),
    )
    return [_to_slot(row) for row in tx.execute(query).mappings()]


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
