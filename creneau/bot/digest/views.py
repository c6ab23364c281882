"""What a digest says: how many first, with nobody's name; who, below."""

from creneau.bot import blocks, buttons
from creneau.bot.blocks import Block
from creneau.bot.message import Message
from creneau.bot.preferences.views import open_button
from creneau.core.domain.diary import Diary, Page, Part
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import format_name, session_type_name

_MOST, _MOST_REQUESTS = 30, 10
"""How many sessions and requests are named: a message holds fifty blocks."""


def digest(diary: Diary) -> Message:
    """Draw the day of a diary's reader. A digest is sent for days that have something to tell."""
    reader = Reader.from_user(diary.reader)
    today, waiting = diary.parts[Part.TODAY], diary.parts[Part.TO_ANSWER]
    counts = []
    if today.total:
        counts.append(reader.many("{count} session", "{count} sessions", today.total))
    if waiting.total:
        counts.append(
            reader.many("{count} request awaiting your answer", "{count} requests awaiting your answer", waiting.total)
        )
    text = reader.text("Your day: {counts}.", counts=", ".join(counts))
    drawn = [blocks.section(text)]
    shown = today.bookings[:_MOST]
    for booking in shown:
        time = reader.text(
            "{start} – {end}", start=reader.time(booking.span.starts_at), end=reader.time(booking.span.ends_at)
        )
        facts = [
            *(blocks.literal(other.name) for other in diary.others(booking)),
            session_type_name(reader, booking.session_type),
            format_name(reader, booking.meeting_format),
        ]
        drawn.append(blocks.section(f"*{time}* · {' · '.join(facts)}"))
    more = today.total - len(shown)
    if more > 0:
        drawn.append(blocks.context(reader.many("and {count} more", "and {count} more", more)))
    drawn += _waiting(reader, diary, waiting)
    drawn.append(blocks.context(reader.text("Times are in {zone}.", zone=reader.zone_name())))
    return Message(text, [*drawn, blocks.actions([open_button(reader)])])


def _waiting(reader: Reader, diary: Diary, waiting: Page) -> list[Block]:
    """The requests, each with the way to its answer; Home has those that are not named."""
    if not waiting.total:
        return []
    shown = waiting.bookings[:_MOST_REQUESTS]
    drawn = [blocks.section(f"*{reader.text('Awaiting your answer')}*")]
    for booking in shown:
        whom = " · ".join(blocks.literal(other.name) for other in diary.others(booking))
        when = reader.text(
            "{day} at {time}", day=reader.day_of(booking.span.starts_at), time=reader.time(booking.span.starts_at)
        )
        drawn.append(blocks.beside(blocks.section(f"{reader.heading(when)}\n{whom}"), buttons.details(reader, booking)))
    more = waiting.total - len(shown)
    if more > 0:
        drawn.append(blocks.context(reader.text("All requests are at the top of this app’s Home.")))
    return drawn
