"""The line under a list that is longer than its page."""

from creneau.bot import blocks
from creneau.bot.blocks import Block
from creneau.bot.home.ids import page_value
from creneau.core.domain.diary import Page, Part
from creneau.core.i18n.reader import Reader

MOST_BLOCKS = 2


def paging(reader: Reader, part: Part, page: Page, previous: str, next_: str) -> list[Block]:
    """Draw where the reader is and the buttons to the pages beside; nothing for a list of one page."""
    if page.count == 1:
        return []
    buttons = []
    if page.number > 0:
        buttons.append(blocks.button(reader.text("Previous"), previous, page_value(part, page.number - 1)))
    if page.number + 1 < page.count:
        buttons.append(blocks.button(reader.text("Next"), next_, page_value(part, page.number + 1)))
    place = reader.text("Page {number} of {count}", number=page.number + 1, count=page.count)
    return [blocks.context(place), blocks.actions(buttons)]
