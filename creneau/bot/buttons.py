"""The buttons of a booking, and the names by which they come back: which of them there are, the core says.

For messages, App Home, lists and the details of a session alike.
"""

from collections.abc import Collection

from creneau.bot import blocks
from creneau.bot.blocks import Block
from creneau.bot.ids import ANSWER_CONFIRM, ANSWER_DECLINE, BOOK_OPEN, SESSION_CANCEL, booking_value
from creneau.core.domain.booking import Booking
from creneau.core.domain.lifecycle import Action
from creneau.core.i18n.reader import Reader

ANSWER_PROPOSE = "answer_propose"
SESSION_RESCHEDULE = "session_reschedule"
SESSION_DETAILS = "session_details"
SESSION_START = "session_start"
SESSION_COMPLETE = "session_complete"
SESSION_NO_SHOW = "session_no_show"
SESSION_JOIN = "session_join"
SESSION_RATE = "session_rate"
SESSION_NOTES = "session_notes"
SESSION_PLACE = "session_place"


def of_booking(reader: Reader, booking: Booking, actions: Collection[Action]) -> list[Block]:
    """Draw a button for each thing its reader may do now (`lifecycle.possible_actions`), and one for the details."""
    return [*of_actions(reader, booking, actions), details(reader, booking)]


def of_actions(reader: Reader, booking: Booking, actions: Collection[Action]) -> list[Block]:
    """Draw a button for each thing its reader may do now. Answers to proposed times stand beside those."""
    return [
        *_record(reader, booking, actions),
        *_answer(reader, booking, actions),
        *_change(reader, booking, actions),
    ]


def _answer(reader: Reader, booking: Booking, actions: Collection[Action]) -> list[Block]:
    value, drawn = booking_value(booking.id), []
    if Action.CONFIRM in actions:
        drawn.append(blocks.button(reader.text("Confirm"), ANSWER_CONFIRM, value, "primary"))
    if Action.PROPOSE in actions:
        drawn.append(blocks.button(reader.text("Propose another time"), ANSWER_PROPOSE, value))
    if Action.DECLINE in actions:
        drawn.append(blocks.button(reader.text("Decline"), ANSWER_DECLINE, value, "danger"))
    return drawn


def _record(reader: Reader, booking: Booking, actions: Collection[Action]) -> list[Block]:
    value, drawn = booking_value(booking.id), []
    if Action.START in actions:
        drawn.append(blocks.button(reader.text("Start"), SESSION_START, value, "primary"))
    if Action.COMPLETE in actions:
        drawn.append(blocks.button(reader.text("It took place"), SESSION_COMPLETE, value))
    if Action.NO_SHOW in actions:
        drawn.append(blocks.button(reader.text("Report absence"), SESSION_NO_SHOW, value))
    return drawn


def _change(reader: Reader, booking: Booking, actions: Collection[Action]) -> list[Block]:
    drawn = []
    if Action.RESCHEDULE in actions:
        drawn.append(reschedule(reader, booking))
    if Action.CANCEL in actions and Action.DECLINE not in actions:
        drawn.append(cancel(booking, reader.text("Cancel")))
    return drawn


def reschedule(reader: Reader, booking: Booking) -> Block:
    return blocks.button(reader.text("Reschedule"), SESSION_RESCHEDULE, booking_value(booking.id))


def cancel(booking: Booking, label: str) -> Block:
    """The way out. What it says of the deadline, and asks, stands in the modal that it opens."""
    return blocks.button(label, SESSION_CANCEL, booking_value(booking.id), "danger")


def details(reader: Reader, booking: Booking) -> Block:
    return blocks.button(reader.text("See details"), SESSION_DETAILS, booking_value(booking.id))


def rate(booking: Booking, label: str, style: str | None) -> Block:
    return blocks.button(label, SESSION_RATE, booking_value(booking.id), style)


def notes(reader: Reader, booking: Booking) -> Block:
    return blocks.button(reader.text("Notes"), SESSION_NOTES, booking_value(booking.id))


def place(reader: Reader, booking: Booking) -> Block:
    return blocks.button(reader.text("Place or link"), SESSION_PLACE, booking_value(booking.id))


def join(reader: Reader, booking: Booking) -> list[Block]:
    """A link to the meeting, where one is known."""
    if booking.meeting_link is None:
        return []
    return [blocks.link_button(reader.text("Join"), SESSION_JOIN, booking.meeting_link)]


def book(reader: Reader) -> Block:
    return blocks.button(reader.text("Choose a time"), BOOK_OPEN, "v1", "primary")
