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
    if recipient.id == file.consultant.id:
        said = reader.text(
            "{name} has no Slack account here any more. Please write to {email}.",
            name=f"*{blocks.literal(other.name)}*",
            email=blocks.literal(other.email),
        )
    else:
        said = reader.text(
            "{name} has no Slack account here any more. Please contact your centre.",
            name=f"*{blocks.literal(other.name)}*",
        )
    return Message(
        text, [blocks.section(text), blocks.section(said), blocks.actions([buttons.details(reader, booking)])]
    )
