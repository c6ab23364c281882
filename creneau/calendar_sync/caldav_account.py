"""An account on a CalDAV server besides its objects: calendars made and removed, and the hours its inbox tells of.

What is told of hours is a property of the scheduling inbox, `calendar-availability` (RFC 7953 section 7.2.4).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from xml.sax.saxutils import escape

from creneau.calendar_sync.caldav import (
    DEADLINE_SECONDS,
    LARGEST_REPORT,
    CaldavCalendar,
    error_of,
    open_client,
)
from creneau.calendar_sync.calendar import (
    Account,
    AuthenticationFailed,
    CalendarNotMade,
    CalendarRefused,
    CalendarUnavailable,
    HostNotAllowed,
    NotThere,
    OpenAccount,
)
from creneau.calendar_sync.collection import canonical
from creneau.calendar_sync.hosts import Hosts
from creneau.calendar_sync.multistatus import CALDAV, DAV, NotMultistatus, Resource, read_multistatus
from creneau.core.domain.calendar import CalendarLink

_MADE = frozenset({200, 201, 204})
_MULTI_STATUS = 207
_AVAILABILITY = f"{CALDAV}calendar-availability"
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_BEGIN = '<?xml version="1.0" encoding="utf-8"?>'
_SPACES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'


def open_caldav_account(hosts: Hosts) -> OpenAccount:
    """Return what opens a link's account over the network."""

    @contextmanager
    def open_account(link: CalendarLink) -> Iterator[Account]:
        with open_client(link.username, link.password, hosts, DEADLINE_SECONDS, link.credential) as client:
            yield CaldavAccount(CaldavCalendar(client, link.calendar_url), link.calendar_url)

    return open_account


class CaldavAccount:
    """The account that a calendar belongs to, asked over that calendar's connection."""

    def __init__(self, calendar: CaldavCalendar, calendar_url: str) -> None:
        self._calendar = calendar
        self._calendar_url = calendar_url

    def make_calendar(self, url: str, name: str) -> None:
        body = (
            f"{_BEGIN}<C:mkcalendar {_SPACES}><set><prop><displayname>{escape(name)}</displayname>"
            '<C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set>'
            "</prop></set></C:mkcalendar>"
        )
        answer, _ = self._calendar.send("MKCALENDAR", url, body.encode(), dict(_XML))
        if answer.status_code in _MADE:
            return
        error = error_of(answer)
        if isinstance(error, AuthenticationFailed | CalendarUnavailable):
            raise error
        if not self._is_calendar(url):
            raise CalendarNotMade from error

    def remove_calendar(self, url: str) -> None:
        answer, _ = self._calendar.send("DELETE", url, None, {})
        if answer.status_code not in _MADE and not isinstance(error := error_of(answer), NotThere):
            raise error

    def find_inbox(self) -> str | None:
        principal = self._find_href(self._calendar_url, "<current-user-principal/>", f"{DAV}current-user-principal")
        if principal is None:
            return None
        return self._find_href(principal, "<C:schedule-inbox-URL/>", f"{CALDAV}schedule-inbox-URL")

    def get_availability(self, inbox_url: str) -> bytes | None:
        for resource in self._ask(inbox_url, "<C:calendar-availability/>"):
            said = resource.text(_AVAILABILITY)
            if said:
                return said.encode()
        return None

    def set_availability(self, inbox_url: str, ics: bytes | None) -> None:
        said = (
            f"<set><prop><C:calendar-availability>{escape(ics.decode())}</C:calendar-availability></prop></set>"
            if ics is not None
            else "<remove><prop><C:calendar-availability/></prop></remove>"
        )
        body = f"{_BEGIN}<propertyupdate {_SPACES}>{said}</propertyupdate>".replace("\r\n", "&#13;\n")
        answer, content = self._calendar.send("PROPPATCH", inbox_url, body.encode(), dict(_XML), LARGEST_REPORT)
        if answer.status_code != _MULTI_STATUS:
            raise error_of(answer)
        # What a propstat without success holds is left out when it is read.
        if not any(_AVAILABILITY in resource.properties for resource in _read(content, answer.status_code)):
            raise CalendarRefused(answer.status_code)

    def _is_calendar(self, url: str) -> bool:
        try:
            return any(
                resource.has(f"{DAV}resourcetype", f"{CALDAV}calendar")
                for resource in self._ask(url, "<resourcetype/>")
            )
        except (CalendarRefused, NotThere):
            return False

    def _find_href(self, url: str, asked: str, name: str) -> str | None:
        """Return the address in a property of a place on this server, None where it has none."""
        try:
            found = [href for resource in self._ask(url, asked) for href in resource.hrefs(name)]
        except (CalendarRefused, HostNotAllowed, NotThere):
            return None
        return canonical(found[0], url) if found else None

    def _ask(self, url: str, asked: str) -> list[Resource]:
        body = f"{_BEGIN}<propfind {_SPACES}><prop>{asked}</prop></propfind>"
        answer, content = self._calendar.send("PROPFIND", url, body.encode(), {**_XML, "Depth": "0"}, LARGEST_REPORT)
        if answer.status_code != _MULTI_STATUS:
            raise error_of(answer)
        return _read(content, answer.status_code)


def _read(content: bytes, status: int) -> list[Resource]:
    try:
        return read_multistatus(content)
    except NotMultistatus as error:
        raise CalendarRefused(status) from error
