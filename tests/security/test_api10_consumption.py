"""API10:2023, unsafe consumption of APIs: what servers of others say is bounded, checked, and not repeated.

Calendars: `tests/calendar_sync/test_outbound_door.py`, `test_caldav.py`. Slack: `tests/acceptance/test_trouble.py`.
Keys: `tests/web/test_identity_provider.py`. Refusals of mail servers: `tests/mail/test_transport.py`.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from creneau.mail.server import MailServer, Security
from creneau.mail.transport import MailTransport, MailUnavailable

CANARY = b"marie@example.org"


@contextmanager
def saying(words: bytes) -> Iterator[int]:
    """A server that says something to whoever comes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    connection.sendall(words)
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listening.getsockname()[1])
        thread.join()


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"220 " + b"x" * 100_000 + CANARY,
        b"220-" + b"marie@example.org\r\n220-" * 50,
        b"HTTP/1.1 200 OK\r\n\r\n" + CANARY,
        b"999 " + CANARY + b"\r\n",
        b"\x00\xff\r\n",
    ],
)
def test_a_mail_server_that_talks_nonsense_is_one_to_come_back_to_and_not_quoted(words: bytes):
    with saying(words) as port, pytest.raises(MailUnavailable) as told:
        MailTransport(MailServer("127.0.0.1", port, Security.PLAIN), "rdv@centre.example").check()
    assert "marie" not in str(told.value)
