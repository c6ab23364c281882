"""A calendar on some server, in CalDAV's own words: what push and pull need of it, and how it says no."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from creneau.core.domain.calendar import CalendarLink


class CalendarError(Exception):
    """What came of a request that did not do what it was sent for. No text: it ends in logs."""


class PreconditionFailed(CalendarError):
    """The object is not as If-Match or If-None-Match wanted it (412)."""


class NotThere(CalendarError):
    """No object at this href, or no calendar at this address (404, 410)."""


class AuthenticationFailed(CalendarError):
    """The server does not accept the user name and password (401). Asking again may lock the account."""


class HostNotAllowed(CalendarError):
    """The address leads into a private network that the operator did not allow, or away from the calendar's host."""


class SyncTokenInvalid(CalendarError):
    """The server cannot tell what changed since this token, or not at all: everything is to be listed."""


class CalendarMistrusted(CalendarError):
    """So many of our sessions vanished at once that nothing the calendar says is believed until its owner answers."""


class ForeignObject(CalendarError):
    """Somebody else's object stands at the href that is ours to use: it is left alone."""


class CalendarUnavailable(CalendarError):
    """The server is down, slow or busy: the same request may succeed later. Without a status it gave no answer."""

    def __init__(self, retry_after: timedelta | None = None, status: int | None = None) -> None:
        super().__init__()
        self.retry_after = retry_after
        self.status = status


class AccountBusy(CalendarUnavailable):
    """As many requests as one account may have are under way from here: nobody's failure."""


class HostUnknown(CalendarUnavailable):
    """No such host: the name does not resolve."""


class TlsFailed(CalendarUnavailable):
    """The server does not speak TLS there, or its certificate is not one to trust."""


class NotCaldav(CalendarError):
    """Something answers there, but no CalDAV server."""


class MailAddress(NotCaldav):
    """An e-mail address was typed in place of a server's."""


class NoCalendar(CalendarError):
    """The account has no calendar of events that may be written to."""


class OtherHost(CalendarError):
    """The server sends on to another host, which is not given the password: its address must be typed."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


class CalendarNotMade(CalendarError):
    """The server does not let us make a calendar."""


class CalendarRefused(CalendarError):
    """The server answered with a status that is not the success this request can have, a redirection included."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class UidTaken(CalendarRefused):
    """The account has an event of this UID elsewhere already, at `href` where the server tells (RFC 4791 5.3.2.1)."""

    def __init__(self, status: int, href: str | None) -> None:
        super().__init__(status)
        self.href = href


@dataclass(frozen=True, slots=True)
class CalendarObject:
    """An object as it stands on the server. `etag` is None when the server gave no strong one."""

    ics: bytes
    etag: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a listing brought: the etags of what is there, or is new or changed; hrefs that are gone.

    With `is_whole` it names everything there is. `token`, where the server has one, is where the next listing begins.
    """

    etags: Mapping[str, str | None]
    gone: frozenset[str]
    token: str | None
    is_whole: bool


class Calendar(Protocol):
    """One calendar collection. Every method raises CalendarError; hrefs are absolute."""

    def put(self, href: str, ics: bytes, if_match: str | None) -> str | None:
        """Put an object and return its strong etag, or None when the server tells none.

        With `if_match` the object must still have that etag (`*`: must be there); with None the href must be free
        (`If-None-Match: *`). Raises: PreconditionFailed, UidTaken.
        """
        ...

    def get(self, href: str) -> CalendarObject:
        """Raises: NotThere."""
        ...

    def delete(self, href: str, if_match: str) -> None:
        """Delete the object with this etag (`*`: whatever it is). One that is not there is gone already.

        Raises: PreconditionFailed, by many servers also for an object that is not there.
        """
        ...

    def list_changes(self, token: str | None) -> Changes:
        """Return what changed since a token, or without one all that is there. Raises: SyncTokenInvalid, NotThere."""
        ...

    def get_many(self, hrefs: Sequence[str]) -> Mapping[str, CalendarObject]:
        """Return objects by href, without those that are not there. One that cannot be had is empty."""
        ...


class Account(Protocol):
    """What is asked of an account besides its calendars' objects. Every method raises CalendarError."""

    def make_calendar(self, url: str, name: str) -> None:
        """Make a calendar of events, unless it is there. Raises: CalendarNotMade."""
        ...

    def remove_calendar(self, url: str) -> None:
        """Remove a calendar and what is in it, unless it is gone."""
        ...

    def find_inbox(self) -> str | None:
        """Return the address of the account's scheduling inbox (RFC 6638), None where it has none."""
        ...

    def get_availability(self, inbox_url: str) -> bytes | None:
        """Return what the inbox says of its owner's hours (RFC 7953 section 7.2.4), None for nothing."""
        ...

    def set_availability(self, inbox_url: str, ics: bytes | None) -> None:
        """Say it, or (None) nothing any more. Raises: CalendarRefused where the server does not keep it."""
        ...


OpenAccount = Callable[[CalendarLink], AbstractContextManager[Account]]

OpenCalendar = Callable[[CalendarLink], AbstractContextManager[Calendar]]
"""Opens a consultant's calendar for a few requests. Opening itself asks nothing of the server."""
