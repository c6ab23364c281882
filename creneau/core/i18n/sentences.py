"""The sentence that says what a message about a booking is about, in Slack and by e-mail: true of it as it is now."""

from collections.abc import Callable, Mapping

from creneau.core.domain.booking import CancellationCode
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader

_Say = Callable[[Reader, User, BookingFile, str], str]


def first_sentence(recipient: User, purpose: Purpose, file: BookingFile) -> str:
    """Return it in the reader's language and zone. It names nobody: a locked screen may show it."""
    reader = Reader.from_user(recipient)
    return _SENTENCES[purpose](reader, recipient, file, reader.when(file.booking.span.starts_at))


def _request(reader: Reader, recipient: User, file: BookingFile, when: str) -> str:
    if file.waits_for(recipient):
        return reader.text("New request {reference}: {when}.", reference=file.booking.reference, when=when)
    return reader.text("Request {reference}: {when}.", reference=file.booking.reference, when=when)


def _receipt(reader: Reader, _: User, file: BookingFile, when: str) -> str:
    if not file.is_asked:
        return reader.text("Request for an appointment on {when}.", when=when)
    return reader.text("Request sent: appointment on {when}.", when=when)


def _confirmed(reader: Reader, _: User, file: BookingFile, when: str) -> str:
    if not file.is_agreed:
        return reader.text("Appointment on {when}.", when=when)
    duration = reader.duration(file.booking.span.minutes)
    return reader.text("Confirmed: appointment on {when}, {duration}.", when=when, duration=duration)


def _declined(reader: Reader, _: User, file: BookingFile, when: str) -> str:
    if file.booking.cancellation_code is CancellationCode.EXPIRED:
        return reader.text("Your request for {when} has expired: it was not answered in time.", when=when)
    return reader.text("The time {when} is not available after all.", when=when)


def _cancelled(reader: Reader, _: User, file: BookingFile, when: str) -> str:
    if file.booking.cancellation_code is CancellationCode.EXPIRED:
        return reader.text("The request for {when} has expired: it was not answered in time.", when=when)
    return reader.text("The appointment on {when} was cancelled.", when=when)


def _moved(reader: Reader, _: User, file: BookingFile, when: str) -> str:
    reference = file.booking.reference
    if file.is_agreed:
        return reader.text("The appointment {reference} is now on {when}.", reference=reference, when=when)
    return reader.text("The appointment {reference}: {when}.", reference=reference, when=when)


def _refused(reader: Reader, _: User, file: BookingFile, when: str) -> str:
    reference = file.booking.reference
    if not file.is_live:
        return reader.text("The times proposed for the appointment {reference} do not suit.", reference=reference)
    return reader.text(
        "The times proposed for the appointment {reference} do not suit. It stands on {when}.",
        reference=reference,
        when=when,
    )


def _proposal(reader: Reader, recipient: User, file: BookingFile, when: str) -> str:
    if not file.waits_for(recipient):
        return reader.text("Another time was proposed for your appointment of {when}.", when=when)
    if len(file.proposals) > 1:
        return reader.text("Other times are proposed for your appointment on {when}.", when=when)
    return reader.text("Another time is proposed for your appointment on {when}.", when=when)


def _chase(reader: Reader, recipient: User, file: BookingFile, when: str) -> str:
    waits = file.waits_for(recipient)
    if recipient.id == file.consultant.id:
        if waits:
            return reader.text("A request is waiting for your answer: {when}.", when=when)
        return _request(reader, recipient, file, when)
    if not waits:
        return _proposal(reader, recipient, file, when)
    return reader.text("The times proposed for your appointment on {when} are waiting for your answer.", when=when)


def _last_chase(reader: Reader, recipient: User, file: BookingFile, when: str) -> str:
    if not file.waits_for(recipient):
        return _chase(reader, recipient, file, when)
    if recipient.id == file.consultant.id:
        return reader.text("A request will expire soon without your answer: {when}.", when=when)
    return reader.text("The times proposed for your appointment on {when} will not wait much longer.", when=when)


def _reminder(reader: Reader, _: User, __: BookingFile, when: str) -> str:
    return reader.text("Reminder: appointment on {when}.", when=when)


def _soon(reader: Reader, recipient: User, file: BookingFile, when: str) -> str:
    if not file.is_agreed:
        return _reminder(reader, recipient, file, when)
    time = reader.time(file.booking.span.starts_at)
    return reader.text("Appointment soon, at {time} ({zone}).", time=time, zone=reader.zone_name())


_SENTENCES: Mapping[Purpose, _Say] = {
    Purpose.REQUEST: _request,
    Purpose.RECEIPT: _receipt,
    Purpose.CONFIRMED: _confirmed,
    Purpose.DECLINED: _declined,
    Purpose.CANCELLED: _cancelled,
    Purpose.MOVED: _moved,
    Purpose.REFUSED: _refused,
    Purpose.PROPOSAL: _proposal,
    Purpose.CHASE: _chase,
    Purpose.LAST_CHASE: _last_chase,
    Purpose.REMINDER_3D: _reminder,
    Purpose.REMINDER_24H: _reminder,
    Purpose.REMINDER_1H: _soon,
}
