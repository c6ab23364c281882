"""A consultant's rules, as they are added, changed and taken away, and the sessions a change would leave outside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from uuid import UUID

from creneau.core.domain.availability import AvailabilitySlot, SlotDraft, validate_draft
from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import NotAllowed
from creneau.core.domain.grid import Consultant, lay_out
from creneau.core.domain.ids import BookingId, SlotId, UserId
from creneau.core.domain.midnights import to_minute
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.slot_change import SlotChange
from creneau.core.storage import bookings, policies, slots
from creneau.core.storage.database import Transaction
from creneau.core.usecases.availability import get_consultant

_A_DAY = timedelta(days=1)


def add_slot(
    tx: Transaction, actor: Actor, consultant_id: UserId, draft: SlotDraft, slot_id: SlotId
) -> AvailabilitySlot:
    """Add a rule to a consultant's week.

    Raises: `user.not_found`, `actor.not_allowed` (not one's own and not an administrator), and what
    `validate_draft` refuses.
    """
    require_own(tx, actor, consultant_id)
    validate_draft(draft)
    return slots.add(tx, _to_slot(actor, consultant_id, draft, slot_id))


def add_slots(
    tx: Transaction, actor: Actor, consultant_id: UserId, drafts: Sequence[SlotDraft], new_id: Callable[[], UUID]
) -> list[AvailabilitySlot]:
    """Add rules to a consultant's week, all of them or, when one is refused, none. Raises: as `add_slot`."""
    return [add_slot(tx, actor, consultant_id, draft, SlotId(new_id())) for draft in drafts]


def to_request(consultant_id: UserId, drafts: Sequence[SlotDraft]) -> Mapping[str, object]:
    """Return what tells one request for rules from another."""
    return {"consultant_id": consultant_id, "drafts": [asdict(draft) for draft in drafts]}


def update_slot(
    tx: Transaction, actor: Actor, slot_id: SlotId, change: SlotDraft | SlotChange, now: datetime
) -> AvailabilitySlot:
    """Put another rule in the place of one, or change what is given. Sessions that are booked stay as they are.

    Raises: `slot.not_found`, and as `add_slot`.
    """
    slot = slots.lock(tx, actor.organization_id, slot_id)
    require_own(tx, actor, slot.consultant_id)
    draft = _to_draft(slot, change)
    validate_draft(draft)
    updated = _to_slot(actor, slot.consultant_id, draft, slot_id)
    slots.save(tx, updated, now)
    return replace(updated, created_at=slot.created_at, updated_at=now)


def delete_slot(tx: Transaction, actor: Actor, slot_id: SlotId, now: datetime) -> AvailabilitySlot:
    """Take a rule away and return it; sessions that are booked stay. Raises: `slot.not_found`, `actor.not_allowed`."""
    slot = slots.lock(tx, actor.organization_id, slot_id)
    require_own(tx, actor, slot.consultant_id)
    slots.delete(tx, actor.organization_id, slot_id, now)
    return slot


def list_slots(tx: Transaction, actor: Actor, consultant_id: UserId) -> list[AvailabilitySlot]:
    """List a consultant's rules: weekly ones by day of the week, then one-off ones. Raises: `user.not_found`."""
    get_consultant(tx, actor.organization_id, consultant_id)
    return slots.list_of_consultant(tx, actor.organization_id, consultant_id)


def list_left_outside(
    tx: Transaction, actor: Actor, slot_id: SlotId, change: SlotDraft | SlotChange | None, now: datetime
) -> list[BookingId]:
    """List the coming sessions of a rule that it would not offer any more: as changed, or (None) taken away.

    Raises: `slot.not_found`, `actor.not_allowed`, and what `validate_draft` refuses.
    """
    slot = slots.get(tx, actor.organization_id, slot_id)
    require_own(tx, actor, slot.consultant_id)
    booked = bookings.list_live_of_slot(tx, actor.organization_id, slot_id, now)
    draft = _to_draft(slot, change) if change else None
    if draft is None or not draft.is_available or not booked:
        return [booking.id for booking in booked]
    validate_draft(draft)
    user = get_consultant(tx, actor.organization_id, slot.consultant_id)
    consultant = Consultant(user.id, user.timezone, policies.get(tx, actor.organization_id, user.id))
    offered = _offered(_to_slot(actor, slot.consultant_id, draft, slot_id), consultant, booked)
    return [
        booking.id for booking in booked if (to_minute(booking.span.starts_at), booking.span.minutes) not in offered
    ]


def require_own(tx: Transaction, actor: Actor, consultant_id: UserId) -> None:
    """Raise `user.not_found` or `actor.not_allowed` unless the consultant is the actor, or an administrator asks."""
    get_consultant(tx, actor.organization_id, consultant_id)
    if actor.role is not Role.ORG_ADMIN and actor.user_id != consultant_id:
        raise NotAllowed


def _to_draft(slot: AvailabilitySlot, change: SlotDraft | SlotChange) -> SlotDraft:
    return change.to_draft(slot) if isinstance(change, SlotChange) else change


def _offered(slot: AvailabilitySlot, consultant: Consultant, booked: list[Booking]) -> set[tuple[int, int]]:
    first, last = booked[0].span.starts_at.date() - _A_DAY, booked[-1].span.starts_at.date() + _A_DAY
    grid = lay_out([slot], [consultant], first, last)
    return set(zip(grid.start.tolist(), grid.length.tolist(), strict=True))


def _to_slot(actor: Actor, consultant_id: UserId, draft: SlotDraft, slot_id: SlotId) -> AvailabilitySlot:
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    return AvailabilitySlot(slot_id, actor.organization_id, consultant_id, **values)
