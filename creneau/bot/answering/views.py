"""The messages about a booking: the consultant's request, the beneficiary's receipt, and what came of it.

The first block and the notification text are neutral: a name stands only below, where a locked screen does not show
it. https://docs.slack.dev/changelog/2026/07/13/notification-changes
"""

from creneau.bot import blocks
from creneau.bot.blocks import Block
from creneau.bot.ids import ANSWER_CONFIRM, ANSWER_DECLINE, BOOK_OPEN, SESSION_CANCEL, booking_value
from creneau.bot.message import Message
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import format_name, session_type_name, state_of
from creneau.core.services.slack import BookingFile


def draw(recipient: User, purpose: Purpose, file: BookingFile) -> Message:
    """Draw a message about a booking as it is now; buttons that no longer apply are gone."""
    reader = Reader.from_user(recipient)
    if purpose is Purpose.CANCELLED:
        return cancelled(reader, file, is_beneficiary=recipient.id == file.beneficiary.id)
    return {
        Purpose.REQUEST: request,
        Purpose.RECEIPT: receipt,
        Purpose.CONFIRMED: confirmed,
        Purpose.DECLINED: declined,
    }[purpose](reader, file)


def request(reader: Reader, file: BookingFile) -> Message:
    """To the consultant: somebody asks for a session."""
    booking = file.booking
    if booking.status is Status.SCHEDULED:
        text = reader.text("New request {reference}: {when}.", reference=booking.reference, when=_when(reader, booking))
    else:
        text = reader.text("Request {reference}: {when}.", reference=booking.reference, when=_when(reader, booking))
    drawn = [
        blocks.section(text),
        blocks.fields(
            (reader.text("With"), file.beneficiary.name),
            (reader.text("Session"), session_type_name(reader, booking.session_type)),
            (reader.text("Duration"), reader.duration(booking.span.minutes)),
            (reader.text("Format"), format_name(reader, booking.meeting_format)),
            *_hours_left(reader, file),
        ),
    ]
    if booking.status is Status.SCHEDULED:
        drawn.append(answer_buttons(reader, booking))
    elif booking.status is Status.CONFIRMED:
        drawn += [state_line(reader, booking), blocks.actions([cancel_button(reader, booking)])]
    else:
        drawn.append(state_line(reader, booking))
    return Message(text, drawn)


def receipt(reader: Reader, file: BookingFile) -> Message:
    """To the beneficiary: the request is on its way."""
    booking = file.booking
    text = reader.text("Your request for {when} has been sent.", when=_when(reader, booking))
    if booking.status is Status.SCHEDULED:
        below = [
            blocks.context(reader.text("You will get a message when your consultant has answered.")),
            blocks.actions([cancel_button(reader, booking)]),
        ]
    else:
        below = [state_line(reader, booking)]
    return Message(text, [blocks.section(text), *below])


def confirmed(reader: Reader, file: BookingFile) -> Message:
    """To the beneficiary: the consultant said yes."""
    booking = file.booking
    text = reader.text(
        "Confirmed: appointment on {when}, {duration}.",
        when=_when(reader, booking),
        duration=reader.duration(booking.span.minutes),
    )
    drawn = [blocks.section(text), details(reader, file.beneficiary, file)]
    if booking.is_live:
        return Message(text, [*drawn, blocks.actions([cancel_button(reader, booking)])])
    return Message(text, [*drawn, state_line(reader, booking)])


def declined(reader: Reader, file: BookingFile) -> Message:
    """To the beneficiary: the consultant said no."""
    text = reader.text("The time {when} is not available after all.", when=_when(reader, file.booking))
    return Message(text, [blocks.section(text), blocks.actions([book_button(reader)])])


def cancelled(reader: Reader, file: BookingFile, *, is_beneficiary: bool) -> Message:
    """To the side that did not cancel."""
    booking = file.booking
    text = reader.text("The appointment on {when} was cancelled.", when=_when(reader, booking))
    drawn = [blocks.section(text), blocks.context(reader.text("Reference {reference}", reference=booking.reference))]
    if is_beneficiary:
        drawn.append(blocks.actions([book_button(reader)]))
    return Message(text, drawn)


def details(reader: Reader, recipient: User, file: BookingFile) -> Block:
    """With whom, how and where, to one of the two; the reference ties it to the event in a calendar."""
    booking = file.booking
    other = file.beneficiary if recipient.id == file.consultant.id else file.consultant
    where = booking.meeting_link or booking.meeting_location
    return blocks.fields(
        (reader.text("With"), other.name),
        (reader.text("Duration"), reader.duration(booking.span.minutes)),
        (reader.text("Format"), format_name(reader, booking.meeting_format)),
        (reader.text("Reference"), booking.reference),
        *([(reader.text("Where"), where)] if where else []),
    )


def answer_buttons(reader: Reader, booking: Booking) -> Block:
    """Confirm and Decline, for the consultant of a request."""
    decline = blocks.button(
        reader.text("Decline"),
        ANSWER_DECLINE,
        booking_value(booking.id),
        "danger",
        blocks.confirm(
            reader.text("Decline this request?"),
            reader.text("The time becomes free again and the person is told."),
            reader.text("Decline"),
            reader.text("Back"),
        ),
    )
    confirm = blocks.button(reader.text("Confirm"), ANSWER_CONFIRM, booking_value(booking.id), "primary")
    return blocks.actions([confirm, decline])


def cancel_button(reader: Reader, booking: Booking) -> Block:
    return blocks.button(
        reader.text("Cancel"),
        SESSION_CANCEL,
        booking_value(booking.id),
        "danger",
        blocks.confirm(
            reader.text("Cancel this appointment?"),
            reader.text("{when}. The other person is told.", when=_when(reader, booking)),
            reader.text("Cancel the appointment"),
            reader.text("Back"),
        ),
    )


def book_button(reader: Reader) -> Block:
    return blocks.button(reader.text("Choose a time"), BOOK_OPEN, "v1", "primary")


def _hours_left(reader: Reader, file: BookingFile) -> list[tuple[str, str]]:
    if file.hours.purchased_minutes is None:
        return []
    return [(reader.text("Hours left"), reader.duration(file.hours.remaining_minutes))]


def _when(reader: Reader, booking: Booking) -> str:
    return reader.when(booking.span.starts_at)


def state_line(reader: Reader, booking: Booking) -> Block:
    return blocks.context(f"*{state_of(reader, booking)}*")
