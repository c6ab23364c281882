"""Texts that may be longer than one field or block of Slack's takes: in parts that make the whole again."""

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

from creneau.bot import blocks, inputs
from creneau.bot.blocks import LONGEST_SECTION, Block, literal
from creneau.core.i18n.reader import Reader

_GAP = re.compile(r"\s+")
_LONGEST_GAP = 40
_PART = "-part-"


def fields(
    reader: Reader, label: str, block_id: str, *, longest: int, initial: str | None = None, hint: str | None = None
) -> list[Block]:
    """A field of several lines that may be left empty; what does not fit into it stands in fields below it.

    Each of those has in its id what stood between it and the one above.
    """
    first, *others = list(_parts(initial or "", inputs.LONGEST_TYPED))
    drawn = [inputs.text(label, block_id, longest=longest, initial=first[1], hint=hint, is_optional=True)]
    for number, (gap, part) in enumerate(others, start=2):
        again = reader.text("{label} ({number})", label=label, number=number)
        part_id = f"{block_id}{_PART}{number}-{gap.encode().hex()}"
        drawn.append(inputs.text(again, part_id, longest=longest, initial=part, is_optional=True))
    return drawn


def typed(view: Mapping[str, Any], block_id: str) -> str:
    """Return the whole text that stands in the fields of a text; empty for nothing. Raises: ValueError."""
    whole = inputs.typed(view, block_id) or ""
    for part_id in sorted(view["state"]["values"]):
        if part_id.startswith(block_id + _PART):
            gap = bytes.fromhex(part_id.rsplit("-", 1)[1]).decode()
            part = inputs.typed(view, part_id) or ""
            whole += gap + part if whole and part else part
    return whole


def sections(text: str) -> list[Block]:
    """A text that people typed, literal and whole: in as many sections as that takes."""
    shown = literal(text)
    if len(shown) <= LONGEST_SECTION:
        return [blocks.section(shown)]
    # Marks that are made literal take more room than they have in the text.
    return [block for _, part in _parts(text, len(text) * LONGEST_SECTION // len(shown)) for block in sections(part)]


def _parts(text: str, longest: int) -> Iterator[tuple[str, str]]:
    """Cut a text between words where that is possible. Each part comes with the space before it."""
    gap = ""
    while len(text) > (fits := _fitting(text, longest)):
        gaps = _GAP.finditer(text, 1, fits + _LONGEST_GAP + 1)
        found = [at.span() for at in gaps if at.start() <= fits and at.end() - at.start() <= _LONGEST_GAP]
        end, begin = found[-1] if found else (fits, fits)
        yield gap, text[:end]
        gap, text = text[end:begin], text[begin:]
    yield gap, text


def _fitting(text: str, longest: int) -> int:
    """How many characters Slack counts as `longest` at most: those beyond the first plane count twice."""
    sizes = accumulate(2 if character > "\uffff" else 1 for character in text)
    return max(next((place for place, size in enumerate(sizes) if size > longest), len(text)), 1)
