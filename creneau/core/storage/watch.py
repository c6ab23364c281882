"""Connections that wait for an answer which does not come: ended, so that whoever holds them gets on.

Postgres ends its own statements, but only as long as one hears from it. A server or pooler that was frozen, or a wire
that swallows everything, leaves libpq waiting without an end. The kernel gives up only where no kernel answers it.
"""

import os
import socket
import threading
from contextlib import suppress
from time import monotonic
from typing import Any

import psycopg

LONGEST_SECONDS = 60.0
"""More than any transaction of ours takes: a statement ends within 15 seconds, an idle transaction within 30."""
_LOOKS = 4


class Watch:
    """Watches what is in use, in a thread that starts with the first use. Safe for many threads."""

    def __init__(self, seconds: float = LONGEST_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._in_use: dict[object, tuple[psycopg.Connection[Any], float]] = {}
        self._is_closed = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, user: object, connection: psycopg.Connection[Any]) -> None:
        with self._lock:
            self._in_use[user] = (connection, monotonic())
            if self._thread is None:
                self._thread = threading.Thread(target=self._look_again, name="database-watch", daemon=True)
                self._thread.start()

    def end(self, user: object) -> None:
        with self._lock:
            self._in_use.pop(user, None)

    def close(self) -> None:
        self._is_closed.set()

    def _look_again(self) -> None:
        while not self._is_closed.wait(self._seconds / _LOOKS):
            with self._lock:  # nobody gives a connection back meanwhile, so its socket is still its own
                too_long = monotonic() - self._seconds
                for connection, since in self._in_use.values():
                    if since < too_long:
                        _hang_up(connection)


def _hang_up(connection: psycopg.Connection[Any]) -> None:
    """Let whoever waits on a connection see that it has ended."""
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.pgconn.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)
