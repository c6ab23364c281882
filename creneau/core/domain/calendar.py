"""What leaves for a calendar: a consultant's link to their own server, and what was put there for a booking."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.calendar_words import CalendarDetail, Told, tell
from creneau.core.domain.credentials import CredentialKind
from creneau.core.domain.ids import CalendarLinkId, OrganizationId, UserId
from creneau.core.domain.people import User

IN_CALENDAR = frozenset({Status.CONFIRMED, Status.IN_PROGRESS, Status.COMPLETED, Status.NO_SHOW})
"""The states in which a session stands in calendars: once both sides agreed, and for as long as nobody cancels."""


@dataclass(frozen=True, slots=True)
class CalendarLink:
    """A consultant's calendar on a CalDAV server. `calendar_url` ends with a slash; `password` may be a token."""

    id: CalendarLinkId
    organization_id: OrganizationId
    consultant_id: UserId
    calendar_url: str
    username: str
    password: str = field(repr=False)
    credential: CredentialKind = CredentialKind.PASSWORD
    server: ServerKind = ServerKind.UNKNOWN

    @property
    def origin(self) -> str:
        """The server that the password is for, up to the slash after its name."""
        return origin_of(self.calendar_url)


def origin_of(url: str) -> str:
    """Return `https://dav.example.org/` of an address there."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/"


class PushFailure(StrEnum):
    """Why the last push did not get through, as far as its consultant can do something about it."""

    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - a reason, not a password
    HOST_NOT_ALLOWED = "HOST_NOT_ALLOWED"
    NOT_FOUND = "NOT_FOUND"
    UNREACHABLE = "UNREACHABLE"
    REFUSED = "REFUSED"
    OTHER_EVENT = "OTHER_EVENT"
    MISTRUSTED = "MISTRUSTED"
    """Many sessions vanished at once: the account is stopped until its owner answers."""
    NOT_MADE = "NOT_MADE"
    """The server does not let us make a calendar."""
    UNREADABLE = "UNREADABLE"
    """No key at hand opens the stored password."""


TELL_AFTER = timedelta(minutes=15)
LASTING = frozenset(
    {
        PushFailure.WRONG_PASSWORD,
        PushFailure.HOST_NOT_ALLOWED,
        PushFailure.OTHER_EVENT,
        PushFailure.UNREADABLE,
    }
)
"""What is not tried again by itself."""


@dataclass(frozen=True, slots=True)
class HoursHealth:
    """How hours are doing in a calendar: since when in step (`told_at`), and what failed since."""

    url: str
    is_own: bool
    told_at: datetime | None
    failed_at: datetime | None
    failure: PushFailure | None
    tells_inbox: bool
    is_ending: bool


@dataclass(frozen=True, slots=True)
class CalendarHealth:
    """How a linked calendar is doing. A failure is told until a push gets through; `waiting` sessions are not there.

    `read_at`: as of when all busy time is known. `doubtful` events could not be read in full.
    """

    calendar_url: str
    username: str
    linked_at: datetime
    pushed_at: datetime | None
    failed_at: datetime | None
    failure: PushFailure | None
    waiting: int
    read_at: datetime | None = None
    read_failed_at: datetime | None = None
    read_failure: PushFailure | None = None
    doubtful: int = 0
    refused: int = 0
    """Sessions that the server does not take, though it takes others: not among those that wait."""
    server: ServerKind = ServerKind.UNKNOWN
    hours: HoursHealth | None = None
    """How the bookable hours are doing, where they are shown."""
    credential: CredentialKind = CredentialKind.PASSWORD
    busy_urls: tuple[str, ...] = ()
    """The calendars that block the consultant's times; where sessions go is one of them."""


REFUSED_FOR = timedelta(hours=6)
"""What a server did not take is sent again this much later, or with its next change."""


@dataclass(frozen=True, slots=True)
class ObjectRefusal:
    """A server's no to one object: it may be too large, or the calendar may not be written to."""

    status: int
    at: datetime
    booking_version: int


@dataclass(frozen=True, slots=True)
class PushedObject:
    """What was put into a calendar for a booking.

    `pushed_version` 0 means that it was tried and that the answer is not known. Without an etag the server gave none
    that can be relied on. `is_edited`: it has words, alarms or colours of the consultant's, which are kept.
    """

    href: str
    etag: str | None
    pushed_version: int
    is_edited: bool = False
    detail: CalendarDetail = CalendarDetail.NEUTRAL
    """How much it tells."""
    leaves_href: str | None = None
    """Where it stood, and may stand still, while a move to `href` is under way."""
    refusal: ObjectRefusal | None = None


@dataclass(frozen=True, slots=True)
class CalendarSession:
    """All that a push of one booking needs to know, read at one moment."""

    booking: Booking
    consultant: User
    link: CalendarLink | None
    pushed: PushedObject | None
    is_asked_about: bool = False
    """The consultant changed the event and has not answered yet: it is left as it is, as long as the session stands."""
    detail: CalendarDetail = CalendarDetail.NEUTRAL
    """How much the centre lets it tell."""
    is_refused: bool = False
    """The server did not take it as it is, a short while ago."""
    beneficiary_name: str | None = None
    """Where it is told, or stands there already; None also for somebody who has left."""

    @property
    def told(self) -> Told:
        return tell(self.detail, self.beneficiary_name, self.booking.session_type)

    @property
    def told_before(self) -> Told:
        """What the event that stands in the calendar tells."""
        detail = self.pushed.detail if self.pushed else CalendarDetail.NEUTRAL
        return tell(detail, self.beneficiary_name, self.booking.session_type)


def is_in_calendar(booking: Booking) -> bool:
    return booking.status in IN_CALENDAR
