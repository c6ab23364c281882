"""The windows that move and cancel a session: until when one may act alone, and what follows, above the button."""

from collections.abc import Sequence
from datetime import date

from creneau.bot import blocks, chooser, inputs
from creneau.bot.blocks import Block, View
from creneau.bot.ids import booking_value
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.people import User
from creneau.core.domain.time import BookableTime
from creneau.core.i18n.reader import Reader
from creneau.core.usecases.cancellations import LONGEST_REASON

CANCEL_VIEW = "cancel_session"
RESCHEDULE_VIEW = "reschedule_session"
REASON_BLOCK = "reason"
MOVE_DAY = "move_day"
MOVE_TIME = "move_time"


def cancel(person: User, file: BookingFile) -> View:
    reader = Reader.from_user(person)
    name = blocks.literal(file.other(person).name)
    return blocks.modal(
        reader.text("Cancel"),
        reader.text("Back"),
        [
            _who_and_when(person, file),
            *_deadline(person, file, Action.CANCEL),
            *_reason(person, file, Action.CANCEL),
            blocks.context(reader.text("The time becomes free again and {name} is told.", name=name)),
        ],
        callback_id=CANCEL_VIEW,
        submit=blocks.plain(reader.text("Cancel the appointment")),
        private_metadata=booking_value(file.booking.id),
    )


def reschedule(person: User, file: BookingFile, times: Sequence[BookableTime], chosen_day: date | None = None) -> View:
    """The free times of one day, with the other days that have some to switch to."""
    reader = Reader.from_user(person)
    title, close = reader.text("Reschedule"), reader.text("Back")
    above = [_who_and_when(person, file), *_deadline(person, file, Action.RESCHEDULE)]
    choice = chooser.draw(reader, times, chosen_day, MOVE_DAY, MOVE_TIME)
    if not choice:
        nothing = reader.text("No time is free for now. Your consultant can open more.")
        return blocks.modal(title, close, [*above, blocks.section(nothing)])
    return blocks.modal(
        title,
        close,
        [
            *above,
            blocks.context(reader.text("Times are in {zone}.", zone=reader.zone_name())),
            *choice,
            *_reason(person, file, Action.RESCHEDULE),
            blocks.context(_what_follows(person, file)),
        ],
        callback_id=RESCHEDULE_VIEW,
        submit=blocks.plain(reader.text("Send request")),
        private_metadata=booking_value(file.booking.id),
    )


def too_late(person: User, file: BookingFile, action: Action) -> View:
    """Since when it has been too late, and who can still do it."""
    reader = Reader.from_user(person)
    title = {Action.CANCEL: reader.text("Cancel"), Action.RESCHEDULE: reader.text("Reschedule")}[action]
    name, until = blocks.literal(file.consultant.name), reader.when(file.free_until(action))
    sentences = {
        Action.CANCEL: reader.text("You could cancel by yourself until {when}.", when=until),
        Action.RESCHEDULE: reader.text("You could reschedule by yourself until {when}.", when=until),
    }
    ask = reader.text("Please contact {name}, who can still do it.", name=name)
    return blocks.modal(
        title, reader.text("Close"), [_who_and_when(person, file), blocks.section(f"{sentences[action]} {ask}")]
    )


def _who_and_when(person: User, file: BookingFile) -> Block:
    name = blocks.literal(file.other(person).name)
    reader = Reader.from_user(person)
    return blocks.section(f"*{reader.heading(reader.when(file.booking.span.starts_at))}*\n{name}")


def _deadline(person: User, file: BookingFile, action: Action) -> list[Block]:
    """Until when its beneficiary may act alone, and who is to be asked after that; nothing where no deadline is set."""
    reader, until = Reader.from_user(person), file.free_until(action)
    if not file.has_deadline(action):
        return []
    when, name = reader.when(until), blocks.literal(file.consultant.name)
    if person.id == file.beneficiary.id:
        sentence = {
            Action.CANCEL: reader.text("You can cancel by yourself until {when}.", when=when),
            Action.RESCHEDULE: reader.text("You can reschedule by yourself until {when}.", when=when),
        }[action]
        return [blocks.section(f"{sentence} {reader.text('After that, please contact {name}.', name=name)}")]
    if file.needs_reason(person, action):
        return [blocks.section(reader.text("The deadline was {when}: a reason is kept with the session.", when=when))]
    return [blocks.section(reader.text("The deadline is {when}; after it a reason is asked for.", when=when))]


def _reason(person: User, file: BookingFile, action: Action) -> list[Block]:
    if not file.needs_reason(person, action):
        return []
    reader = Reader.from_user(person)
    hint = reader.text("Shown only in the details of the session, never in a message.")
    return [inputs.text(reader.text("Reason"), REASON_BLOCK, longest=LONGEST_REASON, hint=hint)]


def _what_follows(person: User, file: BookingFile) -> str:
    reader, name = Reader.from_user(person), blocks.literal(file.consultant.name)
    if person.id != file.beneficiary.id:
        return reader.text("Both sides are told of the new time.")
    return reader.text("The old time is given up at once; {name} will have to confirm the new one.", name=name)
