"""Whether a session took place: the question at the end of the day, and the window that records it with notes."""

from creneau.bot import blocks, buttons, long_text
from creneau.bot.answering.views import details
from creneau.bot.blocks import View
from creneau.bot.message import Message
from creneau.bot.recording.ids import MATERIALS_BLOCK, NOTES_BLOCK, RECORD_VIEW, Record, record_value
from creneau.bot.state_line import state_line
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.notes import LONGEST_NOTES, SessionNotes
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader


def outcome(recipient: User, file: BookingFile) -> Message:
    """To the consultant at the end of the day: did it take place?"""
    reader, booking = Reader.from_user(recipient), file.booking
    when = reader.when(booking.span.starts_at)
    actions = file.actions_of(recipient) - {Action.CANCEL}  # offered in the details: here it is asked what happened
    drawn = [details(recipient, file)]
    if Action.COMPLETE in actions:
        text = reader.text("Did the appointment on {when} take place?", when=when)
    else:
        text = reader.text("Appointment on {when}.", when=when)
        drawn.append(state_line(reader, file.booking))
    return Message(text, [blocks.section(text), *drawn, blocks.actions(buttons.of_booking(reader, booking, actions))])


def record(person: User, file: BookingFile, what: Record, notes: SessionNotes) -> View:
    """Notes on a session, and what is recorded of it with them. What was written before stands in the fields."""
    reader, name = Reader.from_user(person), blocks.literal(file.other(person).name)
    title, submit, explained = {
        Record.HELD: (
            reader.text("It took place"),
            reader.text("Record"),
            reader.text("{name} is asked afterwards how it was.", name=name),
        ),
        Record.MISSED: (
            reader.text("Report absence"),
            reader.text("Record"),
            reader.text("{name} did not come: this is kept with the session.", name=name),
        ),
        Record.NOTES: (reader.text("Notes"), reader.text("Save"), ""),
    }[what]
    about = [blocks.section(f"*{name}*\n{reader.heading(reader.when(file.booking.span.starts_at))}")]
    if explained:
        about.append(blocks.context(explained))
    return blocks.modal(
        title,
        reader.text("Back"),
        [
            *about,
            *long_text.fields(
                reader,
                reader.text("Your notes"),
                NOTES_BLOCK,
                longest=LONGEST_NOTES,
                initial=notes.consultant_notes,
                hint=reader.text("For you alone: nobody else reads them."),
            ),
            *long_text.fields(
                reader,
                reader.text("To prepare for the next session"),
                MATERIALS_BLOCK,
                longest=LONGEST_NOTES,
                initial=notes.preparation_materials,
                hint=reader.text("The other person reads this in the details of the session."),
            ),
        ],
        callback_id=RECORD_VIEW,
        submit=blocks.plain(submit),
        private_metadata=record_value(file.booking.id, what),
    )
