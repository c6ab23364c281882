"""A session as a row of a list: when it is, how it stands, with whom, and what its reader can do about it."""

from datetime import date

from creneau.bot import blocks, buttons
from creneau.bot.blocks import Block
from creneau.core.domain.booking import Booking
from creneau.core.domain.diary import Diary, Page, Part
from creneau.core.domain.people import Role
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import format_name, session_type_name, state_of

MOST_BLOCKS_A_ROW = 3
"""A heading of the day, the row, its buttons."""


def rows(reader: Reader, diary: Diary, part: Part, page: Page) -> list[Block]:
    """Draw a page of a part: what is coming under a heading a day, what is past without its buttons."""
    drawn: list[Block] = []
    heading: date | None = None
    for booking in page.bookings:
        day = reader.local_day(booking.span.starts_at)
        if part is Part.COMING and diary.reader.role is not Role.BENEFICIARY and day != heading:
            heading = day
            drawn.append(blocks.section(f"*{reader.heading(reader.day(day))}*"))
        drawn += _row(reader, diary, part, booking)
    return drawn


def _row(reader: Reader, diary: Diary, part: Part, booking: Booking) -> list[Block]:
    is_of_known_day = part is Part.TODAY or (part is Part.COMING and diary.reader.role is not Role.BENEFICIARY)
    time = (
        reader.text("{start} – {end}", start=reader.time(booking.span.starts_at), end=reader.time(booking.span.ends_at))
        if is_of_known_day
        else reader.text(
            "{day} at {time}", day=reader.day_of(booking.span.starts_at), time=reader.time(booking.span.starts_at)
        )
    )
    row = blocks.section(f"*{reader.heading(time)}*\n{' · '.join(_facts(reader, diary, booking))}")
    if not booking.is_live or diary.reader.role is Role.ORG_ADMIN:
        return [blocks.beside(row, buttons.details(reader, booking))]
    join = buttons.join(reader, booking) if part is Part.TODAY else []
    return [row, blocks.actions([*join, *buttons.of_booking(reader, booking, diary.actions[booking.id])])]


def _facts(reader: Reader, diary: Diary, booking: Booking) -> list[str]:
    facts = [
        _state(reader, diary, booking),
        reader.duration(booking.span.minutes),
        session_type_name(reader, booking.session_type),
        format_name(reader, booking.meeting_format),
        *(blocks.literal(other.name) for other in diary.others(booking)),
    ]
    if booking.beneficiary_rating is not None:
        facts.append(reader.text("rated {rating} out of 5", rating=booking.beneficiary_rating))
    return facts


def _state(reader: Reader, diary: Diary, booking: Booking) -> str:
    if booking.is_live and booking.id in diary.proposed:
        return reader.text("New time proposed")
    return state_of(reader, booking)
