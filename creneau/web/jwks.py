"""The way to an identity provider's key set: one GET that has a deadline, a size, and nowhere to be led away to."""

from collections.abc import Callable

import httpcore
import httpx

from creneau.calendar_sync.calendar import HostNotAllowed
from creneau.calendar_sync.hosts import Hosts
from creneau.calendar_sync.transport import GuardedTransport
from creneau.web.keys import FetchFailed

DEADLINE_SECONDS = 5.0
LARGEST_DOCUMENT = 256 * 1024

_UNREACHABLE = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpx.HTTPError,
    HostNotAllowed,
)


def open_jwks(url: str, hosts: Hosts) -> Callable[[], bytes]:
    """Return what fetches a key set. Plain HTTP and private addresses only where `hosts` allows them."""
    client = httpx.Client(
        transport=GuardedTransport(hosts, httpx.create_ssl_context(), DEADLINE_SECONDS),
        timeout=DEADLINE_SECONDS,
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": "Creneau", "Accept": "application/json", "Accept-Encoding": "identity"},
    )

    def fetch() -> bytes:
        try:
            with client.stream("GET", url) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise FetchFailed(f"status {answer.status_code}")
                return _read(answer)
        except _UNREACHABLE as failure:
            raise FetchFailed(type(failure).__name__) from None

    return fetch


def _read(answer: httpx.Response) -> bytes:
    document = b""
    for chunk in answer.iter_raw():
        document += chunk
        if len(document) > LARGEST_DOCUMENT:
            raise FetchFailed("too large")
    return document
