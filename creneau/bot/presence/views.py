"""What is said when somebody has left Slack: to administrators, and to whom a message could not be passed on for."""

from creneau.bot import blocks, buttons
from creneau.bot.administration.fields import role_name
from creneau.bot.administration.ids import PEOPLE_OPEN
from creneau.bot.message import Message
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.people import Departure, User
from creneau.core.i18n.reader import Reader


def departure(recipient: User, gone: Departure) -> Message:
    """To an administrator: a person's account is closed; what becomes of their sessions is to be decided."""
    reader = Reader.from_user(recipient)
    text = reader.text("Somebody’s Slack account was closed: messages do not reach them any more.")
    who = (
        f"*{blocks.literal(gone.user.name)}* · {role_name(reader, gone.user.role)} · {blocks.literal(gone.user.email)}"
    )
    coming = reader.many("{count} session to come stands.", "{count} sessions to come stand.", gone.coming)
    what = reader.text("Nothing was cancelled. If they do not come back, deactivate them in the list of people.")
    open_people = blocks.button(reader.text("People"), PEOPLE_OPEN, "v1")
    return Message(
        text, [blocks.section(text), blocks.section(f"{who}\n{coming} {what}"), blocks.actions([open_people])]
    )


def unreachable(recipient: User, file: BookingFile) -> Message:
    """To one side of a booking: the other one has left Slack, and was not told what they should have been."""
    reader, booking, other = Reader.from_user(recipient), file.booking, file.other(recipient)
    when = reader.when(booking.span.starts_at)
    text = reader.text("A message about the appointment on {when} could not be delivered.", when=when)
    name = f"*{blocks.literal(other.name)}*"
    if not other.slack_left_at and recipient.id == file.consultant.id:
        said = reader.text(
            "{name} cannot be reached in Slack. Please write to {email}.", name=name, email=blocks.literal(other.email)
        )
    elif not other.slack_left_at:
        said = reader.text("{name} cannot be reached in Slack. Please contact your centre.", name=name)
    elif recipient.id == file.consultant.id:
        said = reader.text(
            "{name} has no Slack account here any more. Please write to {email}.",
            name=name,
            email=blocks.literal(other.email),
        )
    else:
        said = reader.text(
            "{name} has no Slack account here any more. Please contact your centre.",
            name=name,
        )
    return Message(
        text, [blocks.section(text), blocks.section(said), blocks.actions([buttons.details(reader, booking)])]
    )


def undelivered(recipient: User, file: BookingFile, missed: User) -> Message:
    """To an administrator: neither Slack nor an e-mail reached one side of a booking, and what can be done about it."""
    reader = Reader.from_user(recipient)
    text = reader.text("A message about an appointment could not be delivered.")
    who = f"*{blocks.literal(missed.name)}* · {role_name(reader, missed.role)} · {blocks.literal(missed.email)}"
    what = reader.text(
        "Slack does not reach them and no e-mail could be sent. Link their Slack account in the list of people, check"
        " their address, or have e-mail set up by whoever runs this service."
    )
    reference = reader.text("Reference {reference}", reference=file.booking.reference)
    open_people = blocks.button(reader.text("People"), PEOPLE_OPEN, "v1")
    drawn = [blocks.section(text), blocks.section(f"{who}\n{what}"), blocks.context(reference)]
    return Message(text, [*drawn, blocks.actions([open_people])])
