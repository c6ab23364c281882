"""The question about a session that was changed in its consultant's own calendar, and about many that vanished."""

from datetime import time
from zoneinfo import ZoneInfo

from creneau.bot import blocks, buttons
from creneau.bot.answering.proposal_views import awaiting
from creneau.bot.blocks import Block
from creneau.bot.calendar_changes.ids import CALENDAR_PUT_ALL_BACK, CHANGE_ASK, CHANGE_PUT_BACK
from creneau.bot.calendars.ids import CALENDAR_OPEN
from creneau.bot.ids import booking_value
from creneau.bot.message import Message
from creneau.bot.refusals import sentence
from creneau.bot.state_line import state_line
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.calendar_change import CalendarQuestion, ChangeKind
from creneau.core.domain.errors import Refusal, SameTime
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.people import User
from creneau.core.domain.time import Span
from creneau.core.i18n.reader import Reader


def question(recipient: User, file: BookingFile) -> Message:
    """To the consultant: what became of an event, and what to do about it; once that is settled, where things stand."""
    reader, asked = Reader.from_user(recipient), file.question
    if asked is None:
        return _settled(reader, file)
    text = _what(reader, file, asked)
    with_whom = blocks.fields((reader.text("With"), file.other(recipient).name))
    return Message(text, [blocks.section(text), with_whom, *_meaning(reader, asked), _answers(recipient, file, asked)])


def emptied(recipient: User, count: int) -> Message:
    """To the consultant: many sessions vanished at once. Nothing comes of it until they answer."""
    reader = Reader.from_user(recipient)
    text = reader.text("Many sessions vanished from your calendar at once.")
    stopped = reader.many("{count} session is no longer there.", "{count} sessions are no longer there.", count)
    return Message(
        text,
        [
            blocks.section(text),
            blocks.section(stopped),
            blocks.context(reader.text("Nothing was cancelled. Until you answer, the calendar is left alone.")),
            blocks.actions(
                [
                    blocks.button(reader.text("Put them all back"), CALENDAR_PUT_ALL_BACK, "v1", "primary"),
                    blocks.button(reader.text("My calendars"), CALENDAR_OPEN, "v1"),
                ]
            ),
        ],
    )


def emptied_before(recipient: User, came_of_it: str) -> Message:
    """The same once it is answered: what came of it, and no way to answer again."""
    reader = Reader.from_user(recipient)
    text = reader.text("Many sessions had vanished from your calendar at once.")
    way_on = blocks.button(reader.text("My calendars"), CALENDAR_OPEN, "v1")
    return Message(text, [blocks.section(text), blocks.context(blocks.literal(came_of_it)), blocks.actions([way_on])])


def _what(reader: Reader, file: BookingFile, asked: CalendarQuestion) -> str:
    said = {"reference": file.booking.reference, "when": reader.when(file.booking.span.starts_at)}
    match asked.change.kind:
        case ChangeKind.MOVED if asked.change.span is not None:
            span = asked.change.span
            if span.starts_at == file.booking.span.starts_at:
                takes = reader.duration(span.minutes)
                return reader.text("In your calendar, {reference} of {when} now takes {takes}.", **said, takes=takes)
            if _is_whole_days(reader, span):
                day = reader.day_of(span.starts_at)
                return reader.text("In your calendar, {reference} of {when} now takes all of {day}.", **said, day=day)
            new = reader.when(span.starts_at)
            return reader.text("In your calendar, {reference} was moved from {when} to {new}.", **said, new=new)
        case ChangeKind.MOVED:
            return reader.text("In your calendar, {reference} of {when} no longer has a length.", **said)
        case ChangeKind.REPEATED:
            return reader.text("In your calendar, {reference} of {when} now recurs.", **said)
        case ChangeKind.DECLINED:
            return reader.text("In your calendar, {reference} of {when} was declined or cancelled.", **said)
        case ChangeKind.GONE:
            return reader.text("The appointment {reference} of {when} is no longer in your calendar.", **said)


def _meaning(reader: Reader, asked: CalendarQuestion) -> list[Block]:
    lines = [reader.text("Nothing was changed: the appointment stands as agreed.")]
    if asked.change.kind is ChangeKind.MOVED:
        if asked.refusal is not None:
            why = _why_not(reader, asked.refusal)
            lines.append(reader.text("The new time cannot be asked for. {why}", why=why))
        else:
            lines.append(reader.text("If you ask for the new time, it holds once it is accepted."))
    return [blocks.context(blocks.literal(" ".join(lines)))]


def _is_whole_days(reader: Reader, span: Span) -> bool:
    zone = ZoneInfo(reader.timezone)
    return all(end.astimezone(zone).time() == time() for end in (span.starts_at, span.ends_at))


def _why_not(reader: Reader, refusal: Refusal) -> str:
    if isinstance(refusal, SameTime):
        return reader.text("Only another start can be.")
    return sentence(reader, refusal)


def _answers(recipient: User, file: BookingFile, asked: CalendarQuestion) -> Block:
    reader, booking = Reader.from_user(recipient), file.booking
    value, drawn = booking_value(booking.id), []
    can_propose = Action.PROPOSE in file.actions_of(recipient)
    if asked.change.kind is ChangeKind.MOVED and asked.refusal is None and can_propose:
        drawn.append(blocks.button(reader.text("Ask for the new time"), CHANGE_ASK, value, "primary"))
    drawn.append(blocks.button(reader.text("Put it back"), CHANGE_PUT_BACK, value))
    if asked.change.kind in (ChangeKind.GONE, ChangeKind.DECLINED) and Action.CANCEL in file.actions_of(recipient):
        drawn.append(buttons.cancel(booking, reader.text("Cancel")))
    return blocks.actions([*drawn, buttons.details(reader, booking)])


def _settled(reader: Reader, file: BookingFile) -> Message:
    booking = file.booking
    said = {"reference": booking.reference, "when": reader.when(booking.span.starts_at)}
    if file.proposals and file.is_live:
        text = reader.text("{reference} stays at {when} until another time is accepted.", **said)
    else:
        text = reader.text("Your calendar and Creneau agree about {reference}: {when}.", **said)
    state = [*awaiting(reader, file), state_line(reader, booking)]
    return Message(text, [blocks.section(text), *state, blocks.actions([buttons.details(reader, booking)])])
