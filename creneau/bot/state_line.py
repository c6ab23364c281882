"""Where a booking stands, as the line that messages and windows share."""

from creneau.bot import blocks
from creneau.bot.blocks import Block
from creneau.core.domain.booking import Booking
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import state_of


def state_line(reader: Reader, booking: Booking) -> Block:
    return blocks.context(reader.text("Session: {state}", state=f"*{state_of(reader, booking)}*"))
