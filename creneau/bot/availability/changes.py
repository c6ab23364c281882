"""A change that awaits a yes: it rides in the confirmation's metadata, and is judged again when it is carried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from creneau.bot.ids import reading
from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.ids import BookingId, SlotId
from creneau.core.domain.people import Actor
from creneau.core.domain.time_off import OtherHours, TimeOffDraft
from creneau.core.services.availability import AvailabilityService


@dataclass(frozen=True, slots=True)
class AddHours:
    drafts: tuple[SlotDraft, ...]
    kind: Literal["add"] = "add"


@dataclass(frozen=True, slots=True)
class ChangeHours:
    """Other hours in the place of some; also how a pause begins and ends."""

    slot_id: SlotId
    draft: SlotDraft
    kind: Literal["change"] = "change"


@dataclass(frozen=True, slots=True)
class DeleteHours:
    slot_id: SlotId
    kind: Literal["delete"] = "delete"


@dataclass(frozen=True, slots=True)
class TakeTimeOff:
    draft: TimeOffDraft
    kind: Literal["time_off"] = "time_off"


@dataclass(frozen=True, slots=True)
class SetOtherHours:
    hours: OtherHours
    kind: Literal["other_hours"] = "other_hours"


Change = AddHours | ChangeHours | DeleteHours | TakeTimeOff | SetOtherHours

_CHANGES: TypeAdapter[Change] = TypeAdapter(Change)


def to_metadata(change: Change) -> str:
    return _CHANGES.dump_json(change, exclude_defaults=False, exclude_none=True).decode()


@reading()
def read_change(view: Mapping[str, Any]) -> Change:
    """Raises: UnreadableValue."""
    return _CHANGES.validate_json(view["private_metadata"])


def preview(availability: AvailabilityService, actor: Actor, change: Change) -> list[BookingId]:
    """List the sessions that stay booked but would lie outside what is offered. Raises: Refusal."""
    match change:
        case AddHours():
            return []
        case ChangeHours(slot_id, draft):
            return availability.preview_slot_change(actor, slot_id, draft)
        case DeleteHours(slot_id):
            return availability.preview_slot_change(actor, slot_id, None)
        case TakeTimeOff(draft):
            return availability.preview_time_off(actor, actor.user_id, draft)
        case SetOtherHours(hours):
            return availability.preview_other_hours(actor, actor.user_id, hours)


def carry_out(availability: AvailabilityService, actor: Actor, change: Change) -> None:
    """Raises: Refusal."""
    match change:
        case AddHours(drafts):
            availability.create_availability_slots(actor, actor.user_id, drafts)
        case ChangeHours(slot_id, draft):
            availability.update_availability_slot(actor, slot_id, draft)
        case DeleteHours(slot_id):
            availability.delete_availability_slot(actor, slot_id)
        case TakeTimeOff(draft):
            availability.add_time_off(actor, actor.user_id, draft)
        case SetOtherHours(hours):
            availability.set_other_hours(actor, actor.user_id, hours)
