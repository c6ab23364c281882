"""The window that asks where one session takes place, and how its place reads."""

from creneau.bot import blocks
from creneau.bot.blocks import Block, View
from creneau.bot.ids import booking_value
from creneau.core.domain.booking import Booking, MeetingFormat
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.meeting_place import LONGEST_LOCATION
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader

PLACE_VIEW = "place_session"
LINK_BLOCK = "meeting_link"
LOCATION_BLOCK = "meeting_location"


def where(person: User, file: BookingFile) -> tuple[str, str]:
    """Return the label and the place of a session, or who says it while nobody has."""
    reader, booking = Reader.from_user(person), file.booking
    known = blocks.Link(booking.meeting_link) if booking.meeting_link else booking.meeting_location
    if known is None and person.id == file.beneficiary.id:
        known = reader.text("To be given by {name}", name=file.consultant.name)
    return reader.text("Where"), known or reader.text("Not given yet")


def place(person: User, file: BookingFile) -> View:
    reader, booking = Reader.from_user(person), file.booking
    when = reader.heading(reader.when(booking.span.starts_at))
    return blocks.modal(
        reader.text("Where it takes place"),
        reader.text("Back"),
        [
            blocks.section(f"*{blocks.literal(file.beneficiary.name)}*\n{when}"),
            *_fields(reader, booking),
            blocks.context(reader.text("It stands in the messages about the session, and in its reminders.")),
        ],
        callback_id=PLACE_VIEW,
        submit=blocks.plain(reader.text("Save")),
        private_metadata=booking_value(booking.id),
    )


def _fields(reader: Reader, booking: Booking) -> list[Block]:
    location = _input("plain_text_input", LOCATION_BLOCK, booking.meeting_location) | {"max_length": LONGEST_LOCATION}
    if booking.meeting_format is MeetingFormat.VIDEO:
        link = _input("url_text_input", LINK_BLOCK, booking.meeting_link)
        return [blocks.field(reader.text("Video link (https://…)"), LINK_BLOCK, link, optional=True)]
    in_person = booking.meeting_format is MeetingFormat.IN_PERSON
    label = reader.text("Place") if in_person else reader.text("Number to call")
    return [blocks.field(label, LOCATION_BLOCK, location, optional=True)]


def _input(kind: str, action_id: str, initial: str | None) -> Block:
    element: Block = {"type": kind, "action_id": action_id}
    return element | ({"initial_value": initial} if initial else {})
