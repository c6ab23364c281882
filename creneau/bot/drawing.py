"""Every message about a booking, drawn as the booking is now: to be posted, and to be brought up to date in place."""

from creneau.bot import blocks, buttons, discretion
from creneau.bot.answering import views as answering
from creneau.bot.calendar_changes import views as calendar_changes
from creneau.bot.message import Message
from creneau.bot.presence.views import unreachable
from creneau.bot.recording import views as recording
from creneau.bot.reminders import views as reminders
from creneau.bot.state_line import state_line
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.messages import PostedMessage, Purpose
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import session_type_name

_REMINDERS = frozenset({Purpose.REMINDER_3D, Purpose.REMINDER_24H, Purpose.REMINDER_1H})


def draw(recipient: User, purpose: Purpose, file: BookingFile) -> Message:
    """Draw a message; buttons that no longer apply are gone, and its first line is as discreet as the centre wants."""
    return _discreet(recipient, file, _draw(recipient, purpose, file))


def _draw(recipient: User, purpose: Purpose, file: BookingFile) -> Message:
    match purpose:
        case Purpose.REMINDER_3D | Purpose.REMINDER_24H | Purpose.REMINDER_1H:
            return reminders.reminder(recipient, purpose, file)
        case Purpose.AFTER_SESSION:
            return reminders.after_session(recipient, file)
        case Purpose.CHASE | Purpose.LAST_CHASE:
            return reminders.chase(recipient, purpose, file)
        case Purpose.OUTCOME:
            return recording.outcome(recipient, file)
        case Purpose.CALENDAR_CHANGE:
            return calendar_changes.question(recipient, file)
        case Purpose.UNREACHABLE:
            return unreachable(recipient, file)
    return answering.draw(recipient, purpose, file)


def redraw(posted: PostedMessage, file: BookingFile) -> Message:
    """Draw a message that is out, as it must read by now: one that spoke of another time says what became of it."""
    recipient = file.party(posted.recipient_id)
    is_overtaken = any(posted.is_older_than(other) for other in file.messages)
    is_of_another_time = posted.starts_at not in (None, file.booking.span.starts_at)
    if posted.starts_at is not None and (is_overtaken or (is_of_another_time and posted.purpose in _REMINDERS)):
        return _discreet(recipient, file, _overtaken(recipient, posted, file))
    return draw(recipient, posted.purpose, file)


def _discreet(recipient: User, file: BookingFile, message: Message) -> Message:
    reader = Reader.from_user(recipient)
    session, name = session_type_name(reader, file.booking.session_type), file.other(recipient).name
    detail = reader.text("{session}, with {name}.", session=session, name=name)
    return discretion.apply(reader, message, file.policy.discretion, detail)


def _overtaken(recipient: User, posted: PostedMessage, file: BookingFile) -> Message:
    reader, booking = Reader.from_user(recipient), file.booking
    when = reader.when(booking.span.starts_at)
    if posted.starts_at == booking.span.starts_at or posted.starts_at is None:
        text = reader.text("The appointment on {when}: see the newer message.", when=when)
    else:
        before = reader.when(posted.starts_at)
        text = reader.text("The appointment on {before} was moved to {when}.", before=before, when=when)
    state = state_line(reader, booking)
    return Message(text, [blocks.section(text), state, blocks.actions([buttons.details(reader, booking)])])
