"""What a session may say of itself in calendars and feeds, as far as its centre lets it."""

from enum import StrEnum
from typing import NamedTuple

from creneau.core.domain.booking import SessionType


class CalendarDetail(StrEnum):
    """How much an event tells whoever looks at a calendar: at a screen, or because it is shared."""

    NEUTRAL = "NEUTRAL"
    """That there is an appointment, and its reference."""
    NAMED = "NAMED"
    """With whom, too."""
    DETAILED = "DETAILED"
    """With whom and what for."""


class Told(NamedTuple):
    """What may be said: the other person's name, and the kind of session; None: it may not, or is not known."""

    name: str | None = None
    session_type: SessionType | None = None


NOTHING_TOLD = Told()


def tell(detail: CalendarDetail, name: str | None, session_type: SessionType) -> Told:
    if detail is CalendarDetail.NEUTRAL:
        return NOTHING_TOLD
    return Told(name, session_type if detail is CalendarDetail.DETAILED else None)
