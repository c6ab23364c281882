"""One message handed to the mail server, with a clear outcome: taken, refused for good, not yet, or nobody knows."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from email.policy import compat32
from http import HTTPStatus

from creneau.mail.server import MailServer, Security

TIMEOUT_SECONDS = 20
_AS_SENT = compat32.clone(linesep="\r\n")
_FINAL = 500
"""From here on the server says no for good; below, it says not now (RFC 5321 section 4.2.1)."""


class MailUnavailable(Exception):
    """The server could not be reached or asked us to come again; it has not taken the message."""


class MailRefused(Exception):
    """The server does not take this message, today or tomorrow."""


class MailUncertain(Exception):
    """The server got the whole message, and its answer was lost."""


class MailTransport:
    """Sends from one address. `context` is whom we trust, by default whom this machine trusts."""

    def __init__(self, server: MailServer, sender: str, context: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._sender = sender
        self._name = sender.rpartition("@")[2]  # how we introduce ourselves: this machine's own name is nobody's affair
        self._context = context or ssl.create_default_context()

    def send(self, message: Message, recipient: str, begin: Callable[[], bool]) -> bool:
        """Hand a message over; `begin` is asked before the text goes out, and False from it calls all off.

        Raises: MailUnavailable, MailRefused, MailUncertain.
        """
        with _told_apart(), self._connected() as smtp:
            _require(smtp.mail(self._sender))
            _require_taken(smtp.rcpt(recipient))
            if not begin():
                return False
            try:
                answer = smtp.data(message.as_bytes(policy=_AS_SENT))
            except smtplib.SMTPDataError as refused:  # before the text
                answer = refused.smtp_code, b""
            except (smtplib.SMTPServerDisconnected, OSError) as lost:
                raise MailUncertain("no_answer") from lost
            _require_taken(answer)
            return True

    def check(self) -> None:
        """Go as far as a message would, and send none. Raises: MailUnavailable."""
        with _told_apart(), self._connected() as smtp:
            _require(smtp.noop())

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._server
        if server.security is Security.TLS:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, self._name, timeout=TIMEOUT_SECONDS, context=self._context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, self._name, timeout=TIMEOUT_SECONDS)
        try:
            smtp.ehlo_or_helo_if_needed()
            if server.security is Security.STARTTLS:
                smtp.starttls(context=self._context)
            if server.username:
                smtp.login(server.username, server.password)
            yield smtp
            with suppress(smtplib.SMTPException, OSError):  # it has the message: how it says goodbye is its own affair
                smtp.quit()
        finally:
            smtp.close()


def _require_taken(answer: tuple[int, bytes]) -> None:
    """Raise what the server said about the recipient or the text."""
    if answer[0] >= _FINAL:
        raise MailRefused(f"refused_{answer[0]}")
    _require(answer)


def _require(answer: tuple[int, bytes]) -> None:
    if answer[0] >= HTTPStatus.BAD_REQUEST:  # the numbers of SMTP begin to be a no where those of HTTP do
        raise smtplib.SMTPResponseException(*answer)


@contextmanager
def _told_apart() -> Iterator[None]:
    """Say what kept us from the server. Its words stay out: they repeat addresses.

    A no to us, and not to a recipient or a text, is the operator's to mend: another try makes sense.
    """
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise MailUnavailable(f"login_refused_{error.smtp_code}") from error
    except smtplib.SMTPResponseException as error:
        raise MailUnavailable(f"postponed_{error.smtp_code}") from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailUnavailable("tls_or_login_not_offered") from error
    except ssl.SSLError as error:
        raise MailUnavailable("tls_failed") from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailUnavailable(type(error).__name__) from error
