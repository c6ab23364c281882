"""The messages about a booking: the consultant's request, the beneficiary's receipt, and what came of it.

The first block and the notification text are neutral: a name stands only below, where a locked screen does not show
it. https://docs.slack.dev/changelog/2026/07/13/notification-changes
"""

from collections.abc import Sequence

from creneau.bot import blocks, buttons
from creneau.bot.answering import proposal_views
from creneau.bot.blocks import Block
from creneau.bot.message import Message
from creneau.bot.placing.views import where
from creneau.bot.state_line import state_line
from creneau.core.domain.booking import Booking, MeetingFormat
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.sentences import first_sentence
from creneau.core.i18n.vocabulary import format_name, session_type_name


def draw(recipient: User, purpose: Purpose, file: BookingFile) -> Message:
    """Draw a message about a booking as it is now; buttons that no longer apply are gone."""
    return {
        Purpose.REQUEST: request,
        Purpose.RECEIPT: receipt,
        Purpose.CONFIRMED: confirmed,
        Purpose.DECLINED: declined,
        Purpose.CANCELLED: cancelled,
        Purpose.MOVED: moved,
        Purpose.REFUSED: refused,
        Purpose.PROPOSAL: proposal_views.proposal,
    }[purpose](recipient, file)


def request(recipient: User, file: BookingFile) -> Message:
    """To the consultant: somebody asks for a session."""
    return _said(recipient, Purpose.REQUEST, file, request_body(recipient, file))


def request_body(recipient: User, file: BookingFile) -> list[Block]:
    """Who asks for what, where the request stands, and how it can be answered."""
    reader, booking = Reader.from_user(recipient), file.booking
    actions = file.actions_of(recipient)
    drawn = [
        blocks.fields(
            (reader.text("With"), file.other(recipient).name),
            (reader.text("Session"), session_type_name(reader, booking.session_type)),
            (reader.text("Duration"), reader.duration(booking.span.minutes)),
            (reader.text("Format"), format_name(reader, booking.meeting_format)),
            *(_hours_left(reader, file) if Action.CONFIRM in actions else []),
        )
    ]
    drawn += _moved_from(recipient, file)
    if Action.CONFIRM not in actions:
        drawn.append(state_line(reader, booking))
    drawn += proposal_views.awaiting(reader, file)
    if Action.CONFIRM in actions and booking.answer_by:
        until = reader.text("Without an answer the request expires on {when}.", when=reader.when(booking.answer_by))
        drawn.append(blocks.context(until))
    return [*drawn, blocks.actions(buttons.of_booking(reader, booking, actions))]


def receipt(recipient: User, file: BookingFile) -> Message:
    """To the beneficiary: the request is on its way."""
    reader, booking = Reader.from_user(recipient), file.booking
    if file.is_asked and booking.answer_by:
        until = reader.when(booking.answer_by)
        line = blocks.context(reader.text("Without an answer by {when}, your request expires.", when=until))
    else:
        line = state_line(reader, booking)
    return _said(recipient, Purpose.RECEIPT, file, [line, *_buttons(recipient, file)])


def confirmed(recipient: User, file: BookingFile) -> Message:
    """To the beneficiary: it is agreed."""
    return _said(recipient, Purpose.CONFIRMED, file, session_body(recipient, file))


def moved(recipient: User, file: BookingFile) -> Message:
    """To the consultant: a proposed time was accepted, or an administrator moved the session."""
    return _said(recipient, Purpose.MOVED, file, session_body(recipient, file))


def refused(recipient: User, file: BookingFile) -> Message:
    """To the consultant: none of the proposed times suits."""
    return _said(recipient, Purpose.REFUSED, file, request_body(recipient, file))


def declined(recipient: User, file: BookingFile) -> Message:
    """To the beneficiary: the consultant said no, or nothing in time."""
    reader, booking = Reader.from_user(recipient), file.booking
    row = blocks.actions([buttons.book(reader), buttons.details(reader, booking)])
    return _said(recipient, Purpose.DECLINED, file, [row])


def cancelled(recipient: User, file: BookingFile) -> Message:
    """To the side that did not cancel; to the consultant too when a request expired."""
    reader, booking = Reader.from_user(recipient), file.booking
    row = [buttons.details(reader, booking)]
    if recipient.id == file.beneficiary.id:
        row.insert(0, buttons.book(reader))
    reference = blocks.context(reader.text("Reference {reference}", reference=booking.reference))
    return _said(recipient, Purpose.CANCELLED, file, [reference, blocks.actions(row)])


def session_body(recipient: User, file: BookingFile) -> list[Block]:
    """With whom and where, the state where it is no more the agreed one, and what can be done."""
    reader, booking = Reader.from_user(recipient), file.booking
    drawn = [details(recipient, file)]
    if not file.is_agreed:
        drawn.append(state_line(reader, booking))
    drawn += proposal_views.awaiting(reader, file)
    return [*drawn, *_buttons(recipient, file), *deadline_line(recipient, file)]


def details(recipient: User, file: BookingFile) -> Block:
    """With whom, how and where, to one of the two; the reference ties it to the event in a calendar."""
    reader, booking = Reader.from_user(recipient), file.booking
    is_asked_where = file.is_to_come and booking.meeting_format is not MeetingFormat.PHONE
    is_known = bool(booking.meeting_link or booking.meeting_location)
    return blocks.fields(
        (reader.text("With"), file.other(recipient).name),
        (reader.text("Duration"), reader.duration(booking.span.minutes)),
        (reader.text("Format"), format_name(reader, booking.meeting_format)),
        (reader.text("Reference"), booking.reference),
        *([where(recipient, file)] if is_known or is_asked_where else []),
    )


def deadline_line(recipient: User, file: BookingFile) -> list[Block]:
    """Until when a beneficiary may cancel alone, or whom to ask once that has passed; nothing without a deadline."""
    reader = Reader.from_user(recipient)
    if recipient.id != file.beneficiary.id or not file.is_live or not file.policy.cancellation_deadline_minutes:
        return []
    if Action.CANCEL in file.actions_of(recipient):
        until = reader.when(file.free_until(Action.CANCEL))
        return [blocks.context(reader.text("You can cancel by yourself until {when}.", when=until))]
    name = blocks.literal(file.consultant.name)
    return [blocks.context(reader.text("To cancel this appointment, please contact {name}.", name=name))]


def _said(recipient: User, purpose: Purpose, file: BookingFile, body: Sequence[Block]) -> Message:
    text = first_sentence(recipient, purpose, file)
    return Message(text, [blocks.section(text), *body])


def _buttons(recipient: User, file: BookingFile) -> list[Block]:
    reader = Reader.from_user(recipient)
    return [blocks.actions(buttons.of_booking(reader, file.booking, file.actions_of(recipient)))]


def _moved_from(recipient: User, file: BookingFile) -> list[Block]:
    """Which time a request is in place of, where the consultant was told of another one before."""
    reader, before = Reader.from_user(recipient), file.told_before(recipient)
    if before is None:
        return []
    return [blocks.context(reader.text("In place of {when}.", when=reader.when(before)))]


def _hours_left(reader: Reader, file: BookingFile) -> list[tuple[str, str]]:
    if file.hours.purchased_minutes is None:
        return []
    return [(reader.text("Hours left"), reader.duration(file.hours.remaining_minutes))]


def _about(recipient: User, file: BookingFile) -> tuple[Reader, Booking, str]:
    reader = Reader.from_user(recipient)
    return reader, file.booking, reader.when(file.booking.span.starts_at)
