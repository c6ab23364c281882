"""What a reminder says."""

from creneau.bot import blocks
from creneau.bot.answering.views import Message, cancel_button
from creneau.core.domain.reminders import ReminderType
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import format_name
from creneau.core.services.reminders import DueReminder


def reminder(due: DueReminder) -> Message:
    """A neutral sentence with day, hour and zone; the way out (Cancel) is one click away as long as there is one."""
    reader, booking = Reader.from_user(due.recipient), due.booking
    if due.reminder.type is ReminderType.BENEFICIARY_POST_SESSION:
        text = reader.text("How did your appointment on {when} go?", when=reader.when(booking.span.starts_at))
        return Message(text, [blocks.section(text)])
    if due.reminder.type in (ReminderType.BENEFICIARY_1H, ReminderType.CONSULTANT_1H):
        text = reader.text(
            "Appointment in one hour, at {time} ({zone}).",
            time=reader.time(booking.span.starts_at),
            zone=reader.zone_name(),
        )
    else:
        text = reader.text("Reminder: appointment on {when}.", when=reader.when(booking.span.starts_at))
    details = f"{reader.duration(booking.span.minutes)} · {format_name(reader, booking.meeting_format)}"
    return Message(
        text, [blocks.section(text), blocks.context(details), blocks.actions([cancel_button(reader, booking)])]
    )
