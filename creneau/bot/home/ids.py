"""The names that App Home sends back to us, and what rides in its paging buttons."""

import json

from creneau.bot.ids import UnreadableValue, read_page_number
from creneau.core.domain.diary import Part

HOME_PREVIOUS = "home_page_previous"
HOME_NEXT = "home_page_next"

_VERSION = "v1"


def page_value(part: Part, number: int) -> str:
    return f"{_VERSION}|{part}|{number}"


def read_page_value(value: str) -> tuple[Part, int]:
    """Return the part and the number of a page. Raises: UnreadableValue."""
    match value.split("|"):
        case [version, part, number] if version == _VERSION and part in set(Part):
            return Part(part), read_page_number(number)
    raise UnreadableValue(value)


def pages_metadata(pages: dict[Part, int]) -> str:
    return json.dumps({part.value: number for part, number in pages.items() if number})


def read_pages(metadata: str) -> dict[Part, int]:
    """Return which page of each part is shown; nothing where it cannot be told, as in a view of another version."""
    try:
        known = json.loads(metadata)
        return {Part(part): read_page_number(str(number)) for part, number in known.items()}
    except (ValueError, AttributeError, TypeError, UnreadableValue):
        return {}
