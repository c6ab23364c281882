"""A calendar on a CalDAV server (RFC 4791), over an HTTP client of our own.

Redirections are never followed: a write that a login page answers with 200 would look like a success. Credentials
go to the calendar's own origin and nowhere else.
"""

import ssl
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache

import httpcore
import httpx

from creneau.calendar_sync.calendar import (
    AuthenticationFailed,
    Calendar,
    CalendarError,
    CalendarObject,
    CalendarRefused,
    CalendarUnavailable,
    Changes,
    HostNotAllowed,
    HostUnknown,
    NotThere,
    OpenCalendar,
    PreconditionFailed,
    SyncTokenInvalid,
    TlsFailed,
    UidTaken,
)
from creneau.calendar_sync.collection import (
    LISTING,
    canonical,
    has_more,
    multiget_request,
    strong_etag,
    sync_request,
    to_changes,
    to_objects,
)
from creneau.calendar_sync.hosts import Hosts
from creneau.calendar_sync.multistatus import CALDAV, Multistatus, NotMultistatus, read_conflict, read_report
from creneau.calendar_sync.transport import GuardedTransport, NameUnresolved
from creneau.calendar_sync.trash import is_in_the_way, trash_of, trash_query, uid_in
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.credentials import CredentialKind

TIMEOUTS = httpx.Timeout(20.0, connect=5.0)
DEADLINE_SECONDS = 60.0
LARGEST_BODY = 4 * 1024 * 1024
LARGEST_REPORT = 32 * 1024 * 1024
MOST_AT_ONCE = 100
MOST_PAGES = 100
LONGEST_RETRY_AFTER = timedelta(hours=1)
_MOST_DIGITS = 9

_DONE = frozenset({200, 201, 204})
_GONE = frozenset({404, 410})
_CONFLICTS = frozenset({403, 409, 412})
_BUSY = frozenset({408, 423, 425, 429, 500, 502, 503, 504})
_SERVER_ERROR = 500
_UNPACKED = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
"""What some servers send unasked, and httpx unpacks piece by piece: to a thousand times its size at most."""
_MULTI_STATUS = 207
UNREACHABLE = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpx.DecodingError,
)


def open_caldav(hosts: Hosts) -> OpenCalendar:
    """Return what opens a link's calendar over the network."""

    @contextmanager
    def open_calendar(link: CalendarLink) -> Iterator[Calendar]:
        with open_client(link.username, link.password, hosts, DEADLINE_SECONDS, link.credential) as client:
            yield CaldavCalendar(client, link.calendar_url, link.server)

    return open_calendar


def open_client(
    username: str,
    password: str,
    hosts: Hosts,
    deadline_seconds: float,
    credential: CredentialKind = CredentialKind.PASSWORD,
) -> httpx.Client:
    """Return a client that logs in with every request, by a password or by a token in its place.

    Whoever uses it sees to which host it is sent.
    """
    return httpx.Client(
        transport=GuardedTransport(hosts, read_certificates(), deadline_seconds),
        auth=httpx.BasicAuth(username, password) if credential is CredentialKind.PASSWORD else TokenAuth(password),
        timeout=TIMEOUTS,
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": "Creneau", "Accept-Encoding": "identity"},
    )


@cache
def read_certificates() -> ssl.SSLContext:
    """Return what servers are checked against, read once a process: that takes longer than a request."""
    return httpx.create_ssl_context()


class TokenAuth(httpx.Auth):
    """A bearer token (RFC 6750), as a header of every request."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._header
        yield request


def unreachable(error: Exception) -> CalendarUnavailable:
    """Say why a server could not be reached, as far as one can tell."""
    if isinstance(error, NameUnresolved):
        return HostUnknown()
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return TlsFailed()
        cause = cause.__cause__ or cause.__context__
    return CalendarUnavailable()


class CaldavCalendar:
    """The collection at `calendar_url`, through a client that knows the credentials. Raises: HostNotAllowed."""

    def __init__(self, client: httpx.Client, calendar_url: str, server: ServerKind = ServerKind.UNKNOWN) -> None:
        self._client = client
        self._server = server
        self._calendar_url = calendar_url
        self._origin = _origin(_to_url(calendar_url))

    def put(self, href: str, ics: bytes, if_match: str | None) -> str | None:
        condition = self._to_create(href) if if_match is None else {"If-Match": if_match}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        answer, body = self.send("PUT", href, ics, headers)
        if is_in_the_way(answer.status_code, body) and self._empty_trash(uid_in(ics)):
            answer, body = self.send("PUT", href, ics, headers)
        if answer.status_code not in _DONE:
            conflict = read_conflict(body) if answer.status_code in _CONFLICTS else None
            if conflict is not None:
                raise UidTaken(answer.status_code, canonical(conflict, href) if conflict else None)
            raise error_of(answer)
        return strong_etag(answer.headers.get("ETag", ""))

    def _to_create(self, href: str) -> dict[str, str]:
        """Return the condition under which an object is made; where none is heeded, look first."""
        if self._server.heeds_if_none_match:
            return {"If-None-Match": "*"}
        with suppress(NotThere):
            self.get(href)
            raise PreconditionFailed
        return {}

    def get(self, href: str) -> CalendarObject:
        answer, body = self.send("GET", href, None, {"Accept": "text/calendar"})
        if answer.status_code != httpx.codes.OK:
            raise error_of(answer)
        return CalendarObject(body, strong_etag(answer.headers.get("ETag", "")))

    def delete(self, href: str, if_match: str) -> None:
        answer, body = self.send("DELETE", href, None, {"If-Match": if_match})
        if is_in_the_way(answer.status_code, body) and self._empty_trash(uid_in(self.get(href).ics)):
            answer, body = self.send("DELETE", href, None, {"If-Match": if_match})
        if answer.status_code not in _DONE | _GONE:
            raise error_of(answer)

    def _empty_trash(self, uid: str) -> bool:
        """Delete for good what was deleted of this UID; tell whether there was anything."""
        trash = trash_of(self._calendar_url)
        if trash is None or not uid:
            return False
        headers = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        answer, body = self.send("REPORT", trash, trash_query(uid), headers, LARGEST_REPORT)
        if answer.status_code != _MULTI_STATUS:
            return False
        try:
            found = read_report(body).resources
        except NotMultistatus:
            return False
        data = f"{CALDAV}calendar-data"
        ours = [canonical(one.href, trash) for one in found if uid_in(one.text(data).encode()) == uid]
        answers = [self.send("DELETE", href, None, {})[0] for href in ours]
        return any(one.status_code in _DONE for one in answers)

    def list_changes(self, token: str | None) -> Changes:
        if token is None:
            return to_changes(self._report("PROPFIND", LISTING, depth=1), self._calendar_url, is_whole=True)
        etags: dict[str, str | None] = {}
        gone: set[str] = set()
        for _ in range(MOST_PAGES):
            answer = self._synchronize(token)
            page = to_changes(answer, self._calendar_url, is_whole=False)
            etags = {href: etag for href, etag in etags.items() if href not in page.gone} | dict(page.etags)
            gone = (gone | page.gone) - page.etags.keys()
            if not page.token or (has_more(answer, self._calendar_url) and page.token == token):
                break
            token = page.token
            if not has_more(answer, self._calendar_url):
                return Changes(etags, frozenset(gone), token, is_whole=False)
        raise SyncTokenInvalid

    def get_many(self, hrefs: Sequence[str]) -> Mapping[str, CalendarObject]:
        found: dict[str, CalendarObject] = {}
        for first in range(0, len(hrefs), MOST_AT_ONCE):
            found |= self._get_some(hrefs[first : first + MOST_AT_ONCE])
        return found

    def _get_some(self, hrefs: Sequence[str]) -> dict[str, CalendarObject]:
        """Ask for some at once; where the server cannot, or one of them spoils the answer, for each alone."""
        try:
            answer = self._report("REPORT", multiget_request(hrefs), depth=1)
        except CalendarUnavailable as error:
            if error.status != _SERVER_ERROR:
                raise
            found: dict[str, CalendarObject] = {}
        except (CalendarRefused, NotThere, PreconditionFailed):
            found = {}
        else:
            found = to_objects(answer, hrefs, self._calendar_url)
        for href in hrefs:
            if href not in found:
                with suppress(NotThere):
                    found[href] = self._get_or_nothing(href)
        return found

    def _get_or_nothing(self, href: str) -> CalendarObject:
        try:
            return self.get(href)
        except CalendarRefused:
            return CalendarObject(b"", None)
        except CalendarUnavailable as error:
            if error.status != _SERVER_ERROR:
                raise
            return CalendarObject(b"", None)

    def _synchronize(self, token: str) -> Multistatus:
        """Raises: SyncTokenInvalid for whatever a server says when it cannot go on from a token."""
        try:
            return self._report("REPORT", sync_request(token), depth=0)
        except CalendarUnavailable as error:
            if error.status != _SERVER_ERROR:
                raise
            raise SyncTokenInvalid from error
        except (CalendarRefused, NotThere, PreconditionFailed) as error:
            raise SyncTokenInvalid from error

    def _report(self, method: str, content: bytes, depth: int) -> Multistatus:
        headers = {"Depth": str(depth), "Content-Type": "application/xml; charset=utf-8"}
        answer, body = self.send(method, self._calendar_url, content, headers, LARGEST_REPORT)
        if answer.status_code != _MULTI_STATUS:
            raise error_of(answer)
        try:
            return read_report(body)
        except NotMultistatus as error:
            raise CalendarRefused(answer.status_code) from error

    def send(
        self,
        method: str,
        href: str,
        content: bytes | None,
        headers: dict[str, str],
        largest: int = LARGEST_BODY,
    ) -> tuple[httpx.Response, bytes]:
        """Ask the calendar's own server. Raises: CalendarError when there is no answer, whatever it would be."""
        url = _to_url(href)
        if _origin(url) != self._origin or url.userinfo:
            raise HostNotAllowed
        try:
            with self._client.stream(method, url, content=content, headers=headers) as answer:
                return answer, read_body(answer, largest)
        except UNREACHABLE as error:
            raise unreachable(error) from error


def _to_url(address: str) -> httpx.URL:
    try:
        return httpx.URL(address)
    except httpx.InvalidURL as error:
        raise HostNotAllowed from error


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def read_body(answer: httpx.Response, largest: int = LARGEST_BODY) -> bytes:
    """Read an answer as far as it may go. Raises: CalendarRefused: it is larger, or packed in another way."""
    if answer.headers.get("Content-Encoding", "").strip().lower() not in _UNPACKED:
        raise CalendarRefused(answer.status_code)
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > largest:
            raise CalendarRefused(answer.status_code)
    return bytes(body)


def error_of(answer: httpx.Response) -> CalendarError:
    status = answer.status_code
    if status == httpx.codes.UNAUTHORIZED:
        return AuthenticationFailed()
    if status in _GONE:
        return NotThere()
    if status == httpx.codes.PRECONDITION_FAILED:
        return PreconditionFailed()
    if status in _BUSY:
        return CalendarUnavailable(_retry_after(answer), status)
    return CalendarRefused(status)


def _retry_after(answer: httpx.Response) -> timedelta | None:
    """Read Retry-After: seconds, or a date told against the server's own clock (RFC 9110 section 10.2.3)."""
    value: str = answer.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        wait = timedelta(seconds=min(int(value[:_MOST_DIGITS]), LONGEST_RETRY_AFTER.seconds))
    else:
        try:
            wait = parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers.get("Date", ""))
        except (ValueError, TypeError):
            return None
    return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)
