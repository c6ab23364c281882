"""Bookable hours in a calendar of their own: where they are to stand, and what was put there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from creneau.core.domain.bookable_series import BookableSeries
from creneau.core.domain.ids import CalendarLinkId, OrganizationId, SlotId
from creneau.core.domain.people import User

_OWN = re.compile("/creneau-[0-9a-f]{12}/$")

TRIED = ""
"""In place of a digest: it was put, and the answer is not known."""


def own_url(calendar_url: str, link_id: CalendarLinkId) -> str:
    """Return where a calendar for hours is made: beside the one for sessions, under a name that nobody else takes."""
    home = calendar_url.rstrip("/").rpartition("/")[0]
    return f"{home}/creneau-{link_id.hex[-12:]}/"


def is_own(url: str) -> bool:
    """Tell a calendar that was made for hours, through whichever link, by its name."""
    return _OWN.search(url) is not None


@dataclass(frozen=True, slots=True)
class HoursWish:
    """Where a consultant wants their hours: at `url`, or (None) in a calendar that is made for them.

    With `tells_inbox` the server is told, too, that they are not available at other times (RFC 7953). Without
    `is_shown` they want them nowhere.
    """

    url: str | None = None
    tells_inbox: bool = False
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class HoursObject:
    """What was put there for a rule. `digest` tells one state of its hours from another."""

    href: str
    etag: str | None
    digest: str
    sequence: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class InboxNote:
    """What an account's scheduling inbox was told of its owner's hours."""

    url: str
    digest: str


@dataclass(frozen=True, slots=True)
class HoursCalendar:
    """Where hours go. `own_url` is a calendar that is ours alone, `is_made` once it is there."""

    organization_id: OrganizationId
    link_id: CalendarLinkId
    url: str
    own_url: str | None
    is_made: bool
    tells_inbox: bool
    inbox: InboxNote | None
    is_ending: bool
    """Everything is taken back, and then forgotten."""


@dataclass(frozen=True, slots=True)
class HoursWork:
    """All that bringing hours in line needs to know, read at one moment. While they end there are no series."""

    calendar: HoursCalendar
    consultant: User
    series: Mapping[SlotId, BookableSeries]
    known: Mapping[SlotId, HoursObject]
