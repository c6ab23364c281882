"""Hours, days and time off in the words of the person whose they are."""

from creneau.bot.blocks import literal
from creneau.core.domain.availability import AvailabilitySlot, SlotDraft
from creneau.core.domain.time_off import ExceptionKind, TimeOff, TimeOffDraft
from creneau.core.i18n.reader import Reader


def hours(reader: Reader, slot: AvailabilitySlot | SlotDraft) -> str:
    """`09:00 – 12:00`, with the zone where it is not the reader's."""
    span = f"{reader.wall(slot.start_time)} – {reader.wall(slot.end_time)}"
    if slot.timezone == reader.timezone:
        return span
    return f"{span} ({Reader(reader.locale, slot.timezone).zone_name()})"


def day(reader: Reader, slot: AvailabilitySlot | SlotDraft) -> str:
    """`lundi`, or the date of a rule for one day."""
    if slot.date_specific is not None:
        return reader.day(slot.date_specific)
    return reader.weekday(slot.day_of_week or 0)


def details(reader: Reader, slot: AvailabilitySlot) -> str:
    """What else there is to say of a rule: `séances de 1 h · 3 places · jusqu’au …`."""
    said = [reader.text("sessions of {duration}", duration=reader.duration(slot.duration_minutes))]
    if slot.max_concurrent_bookings > 1:
        said.append(reader.many("{count} seat", "{count} seats", slot.max_concurrent_bookings))
    if slot.recurring_until is not None:
        said.append(reader.text("until {day}", day=reader.day(slot.recurring_until)))
    return " · ".join(said)


def time_off(reader: Reader, absence: TimeOff | TimeOffDraft) -> str:
    """`du lundi … au vendredi …`, and what it is."""
    days = reader.day(absence.first_date)
    if absence.last_date != absence.first_date:
        days = reader.text("{first} to {last}", first=days, last=reader.day(absence.last_date))
    match absence.kind:
        case ExceptionKind.CLOSED:
            return reader.text("{days}: other hours than the week’s", days=days)
        case ExceptionKind.OPEN_HOLIDAY:
            return reader.text("{days}: worked although it is a public holiday", days=days)
    if absence.start_time is None or absence.end_time is None:
        return reader.text("{days}: all day", days=days)
    span = f"{reader.wall(absence.start_time)} – {reader.wall(absence.end_time)}"
    return reader.text("{days}: {hours}", days=days, hours=span)


def emphasized(text: str) -> str:
    """Bold, with nothing in it that would end the bold."""
    return f"*{literal(text)}*"
