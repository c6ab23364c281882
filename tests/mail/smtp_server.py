"""A real mail server on this machine: keeps what it is handed, and misbehaves when it is told to."""

import asyncio
import datetime as dt
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "creneau", "canary-of-the-mail-server"


class SmtpServer:
    """`refuse` answers at a verb, `hang_up_at` closes the connection there; DATA means: when the text is in.

    With `folder` it speaks TLS under a certificate that is put there; `needs_login` lets nobody send without.
    """

    def __init__(self, folder: Path | None = None, *, is_tls: bool = False, needs_login: bool = False) -> None:
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.said: list[bytes] = []
        self.refuse: dict[str, str] = {}
        self.hang_up_at = ""
        self.keeps_what_it_hangs_up_on = True
        self.certificate = folder / "mail.pem" if folder else None
        context = _certify(self.certificate) if self.certificate else None
        self._context = context if is_tls else None
        self._behaviour: dict[str, Any] = {
            "hostname": "mail.example",
            "require_starttls": context is not None and not is_tls,
            "tls_context": None if is_tls else context,
            "auth_require_tls": False,
            "auth_required": needs_login,
            "authenticator": self._check,
        }
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def trust(self) -> ssl.SSLContext:
        """Whoever trusts this server's certificate."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = int(listening.sockets[0].getsockname()[1])
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        self._server = await self._loop.create_server(
            lambda: SMTP(self, loop=self._loop, **self._behaviour), "127.0.0.1", 0, ssl=self._context
        )
        return self._server

    async def _leave(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._answer(server, "MAIL")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._answer(server, "RCPT")

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._answer(server, "DATA")
        if answer.startswith("250") and (self.hang_up_at != "DATA" or self.keeps_what_it_hangs_up_on):
            assert isinstance(envelope.content, bytes)
            self.said.append(envelope.content)
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.letters.append(message)
            self.recipients += envelope.rcpt_tos
        return answer

    def _answer(self, server: SMTP, verb: str) -> str:
        if self.hang_up_at == verb:
            server.transport.abort()
        return self.refuse.get(verb, "250 well")

    def _check(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: Any) -> AuthResult:
        is_right = isinstance(given, LoginPassword) and (given.login, given.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        return AuthResult(success=is_right, handled=False)


def _certify(file: Path) -> ssl.SSLContext:
    """Write a key and a certificate of 127.0.0.1 that signs itself; return what a server needs of them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
