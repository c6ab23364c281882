"""What a consultant is told when something is wrong with their calendars, and when it is over."""

from creneau.bot import blocks
from creneau.bot.calendars.ids import CALENDAR_OPEN
from creneau.bot.calendars.views import failure_sentence, refused_sentence
from creneau.bot.message import Message
from creneau.core.domain.calendar import CalendarHealth, PushFailure
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader


def unread(recipient: User, health: CalendarHealth, *, closes_times: bool) -> Message:
    """What is wrong, since when, and what that means for those who book."""
    reader = Reader.from_user(recipient)
    text = reader.text("Your calendar cannot be read at the moment.")
    meaning = (
        reader.text("Until it is read again, none of your times are offered.")
        if closes_times
        else reader.text("Times are offered by what was read last: something new in your calendar does not close them.")
    )
    drawn = [blocks.section(text)]
    if health.read_failure is not None:
        drawn.append(blocks.section(blocks.literal(failure_sentence(reader, health.read_failure))))
    if health.read_at is not None:
        drawn.append(blocks.context(reader.text("Last read {when}.", when=reader.when(health.read_at))))
    drawn += [blocks.context(meaning), _open(reader)]
    return Message(text, drawn)


def read_again(recipient: User) -> Message:
    reader = Reader.from_user(recipient)
    text = reader.text("Your calendar is read again.")
    return Message(text, [blocks.section(text)])


def unpushed(recipient: User, failure: PushFailure) -> Message:
    """That sessions are missing in the calendar, and what can be done."""
    reader = Reader.from_user(recipient)
    text = reader.text("Your sessions do not get into your calendar at the moment.")
    meaning = reader.text("In Creneau nothing is lost. What is missing there is sent when the calendar is well again.")
    return _trouble(reader, text, failure_sentence(reader, failure), meaning=meaning)


def refused(recipient: User, count: int) -> Message:
    """That the server does not take some sessions, and what that may be."""
    reader = Reader.from_user(recipient)
    text = reader.text("Your calendar's server does not take everything that is sent to it.")
    return _trouble(reader, text, refused_sentence(reader, count), failure_sentence(reader, PushFailure.REFUSED))


def hours_unpublished(recipient: User, failure: PushFailure) -> Message:
    reader = Reader.from_user(recipient)
    text = reader.text("Your bookable hours do not get into your calendar at the moment.")
    meaning = reader.text("What can be booked in Creneau is not affected.")
    return _trouble(reader, text, failure_sentence(reader, failure), meaning=meaning)


def hours_again(recipient: User) -> Message:
    reader = Reader.from_user(recipient)
    text = reader.text("Your bookable hours in your calendar are up to date again.")
    return Message(text, [blocks.section(text)])


def pushed_again(recipient: User) -> Message:
    reader = Reader.from_user(recipient)
    text = reader.text("Your sessions get into your calendar again.")
    return Message(text, [blocks.section(text)])


def _trouble(reader: Reader, text: str, *said: str, meaning: str | None = None) -> Message:
    """What is wrong, in plain sentences, what that means, and the way to one's calendars."""
    drawn = [blocks.section(text), *(blocks.section(blocks.literal(sentence)) for sentence in said)]
    if meaning is not None:
        drawn.append(blocks.context(meaning))
    return Message(text, [*drawn, _open(reader)])


def _open(reader: Reader) -> blocks.Block:
    return blocks.actions([blocks.button(reader.text("My calendars"), CALENDAR_OPEN, "v1")])
