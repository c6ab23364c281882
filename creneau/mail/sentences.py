"""The sentence that says what an e-mail is about: the same as in Slack, and true of the booking as it is now."""

from collections.abc import Callable, Mapping

from creneau.core.domain.booking import CancellationCode
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader

_Say = Callable[[Reader, User, BookingFile, str], str]


def first_sentence(recipient: User, purpose: Purpose, file: BookingFile) -> str:
    reader = Reader.from_user(recipient)
    return _SENTENCES[purpose](reader, recipient, file, reader.when(file.booking.span.starts_at))


def _request(reader: Reader, _: User, file: BookingFile, when: str) -> str:
    if file.is_asked:
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
    return reader.text("The appointment {reference} is now on {when}.", reference=file.booking.reference, when=when)


def _refused(reader: Reader, _: User, file: BookingFile, when: str) -> str:
    return reader.text(
        "The times proposed for the appointment {reference} do not suit. It stands on {when}.",
        reference=file.booking.reference,
        when=when,
    )


def _proposal(reader: Reader, recipient: User, file: BookingFile, when: str) -> str:
    if not file.waits_for(recipient):
        return reader.text("Appointment on {when}.", when=when)
    if len(file.proposals) > 1:
        return reader.text("Other times are proposed for your appointment on {when}.", when=when)
    return reader.text("Another time is proposed for your appointment on {when}.", when=when)


def _chase(reader: Reader, recipient: User, file: BookingFile, when: str) -> str:
    if recipient.id == file.beneficiary.id:
        return _proposal(reader, recipient, file, when)
    if file.waits_for(recipient):
        return reader.text("A request is waiting for your answer: {when}.", when=when)
    return reader.text("Appointment on {when}.", when=when)


def _reminder(reader: Reader, _: User, __: BookingFile, when: str) -> str:
    return reader.text("Reminder: appointment on {when}.", when=when)


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
    Purpose.LAST_CHASE: _chase,
    Purpose.REMINDER_3D: _reminder,
    Purpose.REMINDER_24H: _reminder,
    Purpose.REMINDER_1H: _reminder,
}
