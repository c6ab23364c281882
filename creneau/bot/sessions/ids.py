"""The names that the list of sessions sends back to us, and what rides in its view."""

import json
from dataclasses import dataclass, field
from enum import StrEnum

from creneau.bot.ids import UnreadableValue, read_page_number, reading
from creneau.core.domain.diary import Part

SESSIONS_COMMAND = "/sessions"
SESSIONS_VIEW = "sessions"
SESSIONS_FILTER = "sessions_filter"
SESSIONS_PREVIOUS = "sessions_page_previous"
SESSIONS_NEXT = "sessions_page_next"
SESSIONS_OPEN = "sessions_open"


class Filter(StrEnum):
    COMING = "COMING"
    AWAITING = "AWAITING"
    TO_RECORD = "TO_RECORD"
    PAST = "PAST"


def read_filter(value: str) -> Filter:
    """Raises: UnreadableValue."""
    try:
        return Filter(value)
    except ValueError as error:
        raise UnreadableValue(value) from error


PARTS = {
    Filter.COMING: (Part.TODAY, Part.COMING),
    Filter.AWAITING: (Part.TO_ANSWER,),
    Filter.TO_RECORD: (Part.TO_RECORD,),
    Filter.PAST: (Part.PAST,),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the list shows: by which filter, and which page of each part."""

    filter: Filter = Filter.COMING
    pages: dict[Part, int] = field(default_factory=dict)

    def to_metadata(self) -> str:
        return json.dumps({"filter": self.filter, "pages": self.pages})

    @classmethod
    @reading()
    def from_metadata(cls, metadata: str) -> "Shown":
        """Raises: UnreadableValue."""
        read = json.loads(metadata)
        pages = {Part(part): read_page_number(str(number)) for part, number in read["pages"].items()}
        return cls(Filter(read["filter"]), pages)
