"""The way to a calendar server: a name is resolved once, its addresses are checked, and all of it has a deadline.

A consultant chooses the address, so it may point into the operator's own network, and its server may be hostile.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx

from creneau.calendar_sync.calendar import HostNotAllowed
from creneau.calendar_sync.hosts import Hosts

Addresses = list[str]
_LAST_PORT = 65535


class NameUnresolved(httpcore.ConnectError):
    """There is no such host, as far as this machine's resolver knows."""


class GuardedTransport(httpx.BaseTransport):
    """An httpx transport for one link. Each request ends within `deadline_seconds`, however slowly bytes drip.

    Raises: HostNotAllowed, and httpcore's exceptions. Not for two threads at once.
    """

    def __init__(self, hosts: Hosts, ssl_context: ssl.SSLContext, deadline_seconds: float) -> None:
        self._network = _GuardedNetwork(hosts, deadline_seconds)
        self._pool = httpcore.ConnectionPool(ssl_context, max_connections=1, network_backend=self._network)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._network.begin(is_plain=request.url.scheme == "http")
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Deadline:
    """The seconds that are left of the request under way."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = 0.0

    def begin(self) -> None:
        self._ends = time.monotonic() + self._seconds

    def bound(self, timeout: float | None) -> float:
        """Raises: httpcore.ReadTimeout when nothing is left."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)


class _GuardedNetwork(httpcore.NetworkBackend):
    def __init__(self, hosts: Hosts, deadline_seconds: float) -> None:
        self._hosts = hosts
        self._deadline = _Deadline(deadline_seconds)
        self._direct = httpcore.SyncBackend()
        self._is_plain = False

    def begin(self, *, is_plain: bool) -> None:
        self._is_plain = is_plain
        self._deadline.begin()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError()
        for address in self._resolve(host, port):
            try:
                stream = self._direct.connect_tcp(
                    address, port, self._deadline.bound(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _BoundedStream(stream, self._deadline)
        raise failure

    def _resolve(self, host: str, port: int) -> Addresses:
        """Return the addresses to connect to. One bad address is enough to refuse them all.

        A password only ever travels in the clear to a host that the operator allowed.
        """
        if not 0 < port <= _LAST_PORT:
            raise NameUnresolved
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NameUnresolved from error
        addresses = [str(sockaddr[0]).split("%")[0] for *_, sockaddr in found]
        is_allowed = self._hosts.except_ if self._is_plain else self._hosts.allow
        if not all(is_allowed(host, address) for address in addresses):
            raise HostNotAllowed
        return addresses


class _BoundedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.bound(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.bound(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        bound = self._deadline.bound(timeout)
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, bound), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
