"""How much the first line of a message tells: it is what a locked screen shows, whoever looks at it.

Notifications on a desktop take the first text of the blocks, those on a phone the text beside them: both are changed.
https://docs.slack.dev/changelog/2026/07/13/notification-changes
"""

from creneau.bot import blocks
from creneau.bot.message import Message
from creneau.core.domain.policy import Discretion
from creneau.core.i18n.reader import Reader


def apply(reader: Reader, message: Message, discretion: Discretion, detail: str = "") -> Message:
    """Return a message whose first line tells as much as a centre allows. `detail` is for those that tell all."""
    if discretion is Discretion.STRICT:
        neutral = reader.text("You have an update about an appointment.")
        return Message(neutral, [blocks.section(neutral), *message.blocks])
    if discretion is Discretion.DETAILED and detail:
        told = f"{message.text} {blocks.literal(detail)}"
        return Message(told, [blocks.section(told), *message.blocks[1:]])
    return message
