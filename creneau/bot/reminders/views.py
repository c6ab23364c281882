"""What reminders say: a neutral sentence first; who it is with, and the way out, below."""

from creneau.bot import blocks
from creneau.bot.answering.views import cancel_button, details, state_line
from creneau.bot.message import Message
from creneau.core.domain.booking import Status
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader
from creneau.core.services.slack import BookingFile


def reminder(recipient: User, purpose: Purpose, file: BookingFile) -> Message:
    """Draw a reminder; of a session that was cancelled since, it says so and offers nothing."""
    reader, booking = Reader.from_user(recipient), file.booking
    if purpose is Purpose.REMINDER_1H:
        text = reader.text(
            "Appointment in one hour, at {time} ({zone}).",
            time=reader.time(booking.span.starts_at),
            zone=reader.zone_name(),
        )
    else:
        text = reader.text("Reminder: appointment on {when}.", when=reader.when(booking.span.starts_at))
    drawn = [blocks.section(text), details(reader, recipient, file)]
    if booking.status is Status.CONFIRMED:
        drawn.append(blocks.actions([cancel_button(reader, booking)]))
    else:
        drawn.append(state_line(reader, booking))
    return Message(text, drawn)


def after_session(recipient: User, file: BookingFile) -> Message:
    reader = Reader.from_user(recipient)
    text = reader.text("How did your appointment on {when} go?", when=reader.when(file.booking.span.starts_at))
    return Message(text, [blocks.section(text)])
