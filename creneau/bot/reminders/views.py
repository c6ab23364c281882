"""What reminders say: a neutral sentence first; who it is with, and what can be done, below."""

from creneau.bot import blocks, buttons
from creneau.bot.answering import proposal_views
from creneau.bot.answering import views as answering
from creneau.bot.blocks import Block
from creneau.bot.message import Message
from creneau.bot.state_line import state_line
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.sentences import first_sentence


def reminder(recipient: User, purpose: Purpose, file: BookingFile) -> Message:
    """Draw a reminder; of a session that is no more as it was, it says so and offers what is left."""
    reader, booking = Reader.from_user(recipient), file.booking
    text = first_sentence(recipient, purpose, file)
    drawn = [blocks.section(text), answering.details(recipient, file)]
    if not file.is_agreed:
        drawn.append(state_line(reader, booking))
    drawn.append(blocks.actions(_buttons(recipient, file)))
    return Message(text, [*drawn, *answering.deadline_line(recipient, file)])


def chase(recipient: User, purpose: Purpose, file: BookingFile) -> Message:
    """Ask again for an answer: the consultant's to a request, the beneficiary's to proposed times."""
    if recipient.id == file.consultant.id:
        body = answering.request_body(recipient, file)
    else:
        body = proposal_views.proposal_body(recipient, file)
    text = first_sentence(recipient, purpose, file)
    return Message(text, [blocks.section(text), *body])


def after_session(recipient: User, file: BookingFile) -> Message:
    """Ask how a session was, and thank for the answer: the rating itself is not shown in the conversation."""
    reader, booking = Reader.from_user(recipient), file.booking
    when = reader.when(booking.span.starts_at)
    if file.is_rated:
        text = reader.text("Thank you for your answer about the appointment on {when}.", when=when)
        label, style = reader.text("Change my answer"), None
    else:
        text = reader.text("How did your appointment on {when} go?", when=when)
        label, style = reader.text("Give my opinion"), "primary"
    optional = reader.text(
        "Answering is optional. Your consultant and your centre can read it; it is not shown in this conversation."
    )
    drawn = [blocks.section(text), blocks.context(optional)]
    row = [buttons.details(reader, booking)]
    if file.can_rate(recipient):
        row.insert(0, buttons.rate(booking, label, style))
    return Message(text, [*drawn, blocks.actions(row)])


def _buttons(recipient: User, file: BookingFile) -> list[Block]:
    """Join, and for the beneficiary the ways out in the words of somebody who is reminded."""
    reader, booking = Reader.from_user(recipient), file.booking
    actions = file.actions_of(recipient)
    joining = buttons.join(reader, booking) if file.is_to_come else []
    if recipient.id != file.beneficiary.id:
        return [*joining, *buttons.of_booking(reader, booking, actions)]
    drawn = [*joining]
    if Action.RESCHEDULE in actions:
        drawn.append(buttons.reschedule(reader, booking))
    if Action.CANCEL in actions:
        drawn.append(buttons.cancel(booking, reader.text("I can’t come")))
    return [*drawn, buttons.details(reader, booking)]
