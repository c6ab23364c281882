"""Every message about a booking, drawn as the booking is now: to be posted, and to be brought up to date in place."""

from creneau.bot.answering import views as answering
from creneau.bot.message import Message
from creneau.bot.reminders import views as reminders
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import User
from creneau.core.services.slack import BookingFile


def draw(recipient: User, purpose: Purpose, file: BookingFile) -> Message:
    """Draw a message; buttons that no longer apply are gone."""
    match purpose:
        case Purpose.REMINDER_3D | Purpose.REMINDER_24H | Purpose.REMINDER_1H:
            return reminders.reminder(recipient, purpose, file)
        case Purpose.AFTER_SESSION:
            return reminders.after_session(recipient, file)
    return answering.draw(recipient, purpose, file)
