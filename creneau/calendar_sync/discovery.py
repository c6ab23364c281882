"""From what a consultant types to the calendars of their account (RFC 6764, RFC 4791 section 6.2), asked at once.

The password goes to the typed host, and to a sibling of it that the server itself names; to nobody else.
"""

from dataclasses import dataclass, replace
from time import monotonic
from typing import Protocol

import httpx

from creneau.calendar_sync.caldav import UNREACHABLE, error_of, open_client, read_body, unreachable
from creneau.calendar_sync.calendar import (
    AuthenticationFailed,
    CalendarRefused,
    CalendarUnavailable,
    HostNotAllowed,
    MailAddress,
    NoCalendar,
    NotCaldav,
    NotThere,
    OtherHost,
)
from creneau.calendar_sync.hosts import Hosts
from creneau.calendar_sync.multistatus import CALDAV, DAV, NotMultistatus, Resource, read_multistatus
from creneau.calendar_sync.server_kind import tell_server
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.credentials import CredentialKind

REQUEST_SECONDS = 8.0
WHOLE_SECONDS = 25.0
"""A person waits for the answer, and a thread of the web server with them."""

_MOST_REDIRECTIONS = 3
_MOST_HOMES = 3
_MOST_CALENDARS = 50
_MULTI_STATUS = 207
_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
_WELL_KNOWN = "/.well-known/caldav"
_SHORT_LABEL = 3

_ASKED = b"""<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop>
<current-user-principal/><resourcetype/><displayname/><current-user-privilege-set/>
<C:calendar-home-set/><C:supported-calendar-component-set/>
</prop></propfind>"""


@dataclass(frozen=True, slots=True)
class FoundCalendar:
    """A calendar that events may be written to. `url` ends with a slash."""

    url: str
    name: str
    server: ServerKind = ServerKind.UNKNOWN


class Discover(Protocol):
    def __call__(
        self, address: str, username: str, password: str, credential: CredentialKind = CredentialKind.PASSWORD
    ) -> list[FoundCalendar]:
        """Find the calendars of an account. Raises: CalendarError."""
        ...


def discover_caldav(hosts: Hosts) -> Discover:
    """Return what asks servers over the network."""

    def discover(
        address: str, username: str, password: str, credential: CredentialKind = CredentialKind.PASSWORD
    ) -> list[FoundCalendar]:
        url = to_url(address)
        with open_client(username, password, hosts, REQUEST_SECONDS, credential) as client:
            return _Search(client, url).run()

    return discover


def to_url(address: str) -> httpx.URL:
    """Read an address as people type it: without a scheme it is https. Raises: NotCaldav, MailAddress."""
    text = address.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise NotCaldav from error
    if "://" not in address and url.userinfo:
        raise MailAddress
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise NotCaldav
    return url.copy_with(fragment=None, query=None)


class _Search:
    """One search, with its own end however many requests it takes."""

    def __init__(self, client: httpx.Client, url: httpx.URL) -> None:
        self._client = client
        self._typed = url
        self._ends = monotonic() + WHOLE_SECONDS

    def run(self) -> list[FoundCalendar]:
        """Raises: CalendarError."""
        found = self._find()
        if not found:
            raise NoCalendar
        for calendar in found[:1]:  # the calendar itself, not only its listing, must accept the password
            self._ask(httpx.URL(calendar.url), depth=0)
        server = self._tell_server(found[0].url)
        return [replace(calendar, server=server) for calendar in found]

    def _tell_server(self, url: str) -> ServerKind:
        """Ask a server what it is; one that does not say is like the others."""
        try:
            with self._client.stream("OPTIONS", url) as answer:
                read_body(answer)
                return tell_server(url, dict(answer.headers))
        except (CalendarRefused, *UNREACHABLE):
            return tell_server(url, {})

    def _find(self) -> list[FoundCalendar]:
        where, start = self._enter()
        calendar = self._to_calendar(where, start)
        principals = start.hrefs(f"{DAV}current-user-principal")
        if calendar is not None and not principals:
            return [calendar]
        homes = self._homes(where, start, principals)
        listed = [found for home in homes[:_MOST_HOMES] for found in self._calendars(home)]
        if calendar is not None:  # the very address of a calendar was typed: that one is meant
            listed = [calendar, *(one for one in listed if one.url != calendar.url)]
        return listed[:_MOST_CALENDARS]

    def _enter(self) -> tuple[httpx.URL, Resource]:
        """Return the first place that knows who we are, or that is a calendar: the typed one, or what it stands for."""
        tried: list[Exception] = []
        for path in dict.fromkeys((self._typed.raw_path.decode(), _WELL_KNOWN, "/")):
            try:
                where, resources = self._ask(self._typed.copy_with(raw_path=path.encode()), depth=0)
            except (NotCaldav, NotThere, CalendarRefused) as error:
                tried.append(error)
                continue
            for resource in resources:
                if resource.has(f"{DAV}current-user-principal", f"{DAV}unauthenticated"):
                    raise AuthenticationFailed
                if resource.hrefs(f"{DAV}current-user-principal") or self._to_calendar(where, resource):
                    return where, resource
        raise NotCaldav from (tried[0] if tried else None)

    def _homes(self, where: httpx.URL, start: Resource, principals: list[str]) -> list[httpx.URL]:
        homes = start.hrefs(f"{CALDAV}calendar-home-set")
        if homes or not principals:
            return [self._join(where, home) for home in homes]
        place, resources = self._ask(self._join(where, principals[0]), depth=0)
        return [self._join(place, home) for one in resources for home in one.hrefs(f"{CALDAV}calendar-home-set")]

    def _calendars(self, home: httpx.URL) -> list[FoundCalendar]:
        where, resources = self._ask(home, depth=1)
        return [found for resource in resources if (found := self._to_calendar(where, resource))]

    def _to_calendar(self, where: httpx.URL, resource: Resource) -> FoundCalendar | None:
        """Return a calendar that takes events and lets us write; None for whatever else."""
        if not resource.has(f"{DAV}resourcetype", f"{CALDAV}calendar"):
            return None
        components = resource.properties.get(f"{CALDAV}supported-calendar-component-set")
        if components is not None and "VEVENT" not in {node.get("name") for node in components}:
            return None
        writing = (f"{DAV}all", f"{DAV}write", f"{DAV}write-content", f"{DAV}bind")
        if f"{DAV}current-user-privilege-set" in resource.properties and not resource.has(
            f"{DAV}current-user-privilege-set", *writing
        ):
            return None
        url = self._checked(self._join(where, resource.href))
        text = str(url)
        name = resource.text(f"{DAV}displayname") or url.path.rstrip("/").rsplit("/", 1)[-1]
        return FoundCalendar(text if text.endswith("/") else f"{text}/", name)

    def _ask(self, url: httpx.URL, depth: int) -> tuple[httpx.URL, list[Resource]]:
        """Return what a place says of itself, and where that is once redirections were followed."""
        for _ in range(_MOST_REDIRECTIONS + 1):
            answer, body = self._send(self._checked(url), depth)
            if answer.status_code in _REDIRECTIONS and "Location" in answer.headers:
                url = self._join(url, answer.headers["Location"])
                continue
            if answer.status_code == _MULTI_STATUS:
                try:
                    return url, read_multistatus(body)
                except NotMultistatus as error:
                    raise NotCaldav from error
            if answer.is_success:
                raise NotCaldav
            raise error_of(answer)
        raise NotCaldav

    def _send(self, url: httpx.URL, depth: int) -> tuple[httpx.Response, bytes]:
        if monotonic() > self._ends:
            raise CalendarUnavailable
        headers = {"Depth": str(depth), "Content-Type": "application/xml; charset=utf-8"}
        try:
            with self._client.stream("PROPFIND", url, content=_ASKED, headers=headers) as answer:
                return answer, read_body(answer)
        except UNREACHABLE as error:
            raise unreachable(error) from error

    def _join(self, url: httpx.URL, location: str) -> httpx.URL:
        try:
            return url.join(location)
        except httpx.InvalidURL as error:
            raise NotCaldav from error

    def _checked(self, url: httpx.URL) -> httpx.URL:
        """Return an address that may be given the password. Raises: OtherHost, HostNotAllowed."""
        if url.userinfo or url.scheme not in ("http", "https"):
            raise HostNotAllowed
        if self._typed.scheme == "https" and url.scheme != "https":
            raise HostNotAllowed  # never from a sealed line to an open one
        if url.host != self._typed.host and not _are_siblings(url.host, self._typed.host):
            raise OtherHost(url.host)
        return url


def _are_siblings(host: str, typed: str) -> bool:
    """Tell whether two hosts share a name above them: `p42-caldav.icloud.com` and `caldav.icloud.com`.

    A short name under a top-level domain (`co.uk`) is one that many strangers share.
    """
    labels, others = host.split("."), typed.split(".")
    above = others[-2:]
    return len(others) > 1 and labels[-2:] == above and len(above[0]) > _SHORT_LABEL and not above[1].isdigit()
