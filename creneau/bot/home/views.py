"""App Home: for a consultant what awaits an answer first, then what is coming; for a beneficiary what is coming."""

from collections.abc import Mapping, Sequence

from creneau.bot import blocks
from creneau.bot.answering.views import answer_buttons, book_button, cancel_button
from creneau.bot.blocks import Block, View
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.ids import UserId
from creneau.core.domain.people import Role, User
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import format_name, state_of

_MOST = 20  # sessions a list: three blocks each, of the hundred that a view may have


def home(user: User, coming: Sequence[Booking], people: Mapping[UserId, User]) -> View:
    """Draw the home of a person. `people` names the other side of each booking."""
    reader = Reader.from_user(user)
    pending = [booking for booking in coming if booking.status is Status.SCHEDULED]
    if user.role is Role.CONSULTANT:
        settled = [booking for booking in coming if booking.status is not Status.SCHEDULED]
        drawn = [
            *_list(reader, user, reader.text("Awaiting your answer"), pending, people),
            *_list(reader, user, reader.text("Coming sessions"), settled, people),
        ]
    else:
        drawn = _list(reader, user, reader.text("Your appointments"), coming, people)
        if user.role is Role.BENEFICIARY:
            drawn = [blocks.actions([book_button(reader)]), *drawn]
    drawn.append(blocks.context(reader.text("Times are in {zone}.", zone=reader.zone_name())))
    return {"type": "home", "blocks": drawn}


def stranger(sentence: str) -> View:
    return {"type": "home", "blocks": [blocks.section(blocks.literal(sentence))]}


def _list(
    reader: Reader, user: User, title: str, bookings: Sequence[Booking], people: Mapping[UserId, User]
) -> list[Block]:
    drawn = [blocks.header(title)]
    if not bookings:
        return [*drawn, blocks.section(reader.text("Nothing for now."))]
    for booking in bookings[:_MOST]:
        drawn += [_session(reader, user, booking, people), _buttons(reader, user, booking), blocks.divider()]
    if len(bookings) > _MOST:
        more = len(bookings) - _MOST
        drawn.append(blocks.context(reader.many("and {count} more", "and {count} more", more)))
    return drawn


def _session(reader: Reader, user: User, booking: Booking, people: Mapping[UserId, User]) -> Block:
    other = people.get(booking.beneficiary_id if user.id == booking.consultant_id else booking.consultant_id)
    line = reader.text(
        "{day} at {time}", day=reader.day_of(booking.span.starts_at), time=reader.time(booking.span.starts_at)
    )
    details = [
        state_of(reader, booking),
        reader.duration(booking.span.minutes),
        format_name(reader, booking.meeting_format),
        *([blocks.literal(other.name)] if other else []),
    ]
    return blocks.section(f"*{line}*\n{' · '.join(details)}")


def _buttons(reader: Reader, user: User, booking: Booking) -> Block:
    if booking.status is Status.SCHEDULED and user.id == booking.consultant_id:
        return answer_buttons(reader, booking)
    return blocks.actions([cancel_button(reader, booking)])
