"""A change of a rule: what is given replaces what the rule said, the rest stays."""

from dataclasses import dataclass, fields
from datetime import date, time

from creneau.core.domain.availability import AvailabilitySlot, SlotDraft


@dataclass(frozen=True, slots=True)
class SlotChange:
    """None leaves a value as it is. A day of the week takes the place of a date, and the other way round."""

    start_time: time | None = None
    end_time: time | None = None
    timezone: str | None = None
    day_of_week: int | None = None
    date_specific: date | None = None
    duration_minutes: int | None = None
    max_concurrent_bookings: int | None = None
    recurring_until: date | None = None
    is_available: bool | None = None
    recurs_forever: bool = False
    """Takes the last day away; nothing else could say so."""

    def to_draft(self, slot: AvailabilitySlot) -> SlotDraft:
        """Return the rule as it is changed."""
        values = {field.name: getattr(slot, field.name) for field in fields(SlotDraft)}
        if self.day_of_week is not None or self.date_specific is not None:
            values |= {"day_of_week": None, "date_specific": None}
        if self.recurs_forever or self.date_specific is not None:
            values["recurring_until"] = None
        values |= {name: getattr(self, name) for name in values if getattr(self, name) is not None}
        return SlotDraft(**values)
