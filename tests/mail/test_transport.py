"""One message, one clear outcome: what the server, the network and the certificate may do to it."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from creneau.mail.server import MailServer, Security
from creneau.mail.transport import MailRefused, MailTransport, MailUnavailable, MailUncertain
from tests.mail.smtp_server import PASSWORD, USER, SmtpServer

FROM, TO = "rdv@centre.example", "marie@example.org"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


def transport(server: SmtpServer, security: Security = Security.PLAIN, password: str = PASSWORD) -> MailTransport:
    account = MailServer("127.0.0.1", server.port, security, USER if server.certificate else "", password)
    return MailTransport(account, FROM, server.trust() if server.certificate else None)


def letter() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Rendez-vous"
    message.set_content("Bonjour,\n\n.\n.. à mardi\n")
    return message


def send(server: SmtpServer, began: list[bool], *, may_begin: bool = True) -> bool:
    def begin() -> bool:
        began.append(may_begin)
        return may_begin

    return transport(server).send(letter(), TO, begin)


def test_a_message_arrives_whole_and_once(server: SmtpServer):
    began: list[bool] = []

    assert send(server, began)

    [arrived] = server.letters
    assert arrived.get_content().splitlines() == ["Bonjour,", "", ".", ".. à mardi"]
    assert (server.recipients, began) == ([TO], [True])


def test_nothing_leaves_where_somebody_else_has_begun(server: SmtpServer):
    assert not send(server, [], may_begin=False)
    assert server.letters == []


@pytest.mark.parametrize(
    ("verb", "answer", "outcome", "has_begun"),
    [
        ("MAIL", "550 who are you", MailUnavailable, False),
        ("MAIL", "451 later", MailUnavailable, False),
        ("RCPT", "550 nobody here <marie@example.org>", MailRefused, False),
        ("RCPT", "450 grey", MailUnavailable, False),
        ("DATA", "554 spam", MailRefused, True),
        ("DATA", "452 full", MailUnavailable, True),
    ],
)
def test_a_no_for_good_is_told_from_not_now_and_the_server_s_words_are_not_kept(
    server: SmtpServer, verb: str, answer: str, outcome: type[Exception], *, has_begun: bool
):
    server.refuse[verb] = answer
    began: list[bool] = []

    with pytest.raises(outcome) as told:
        send(server, began)

    assert answer[:3] in str(told.value)
    assert "marie" not in str(told.value)
    assert bool(began) is has_begun
    assert server.letters == []


def test_an_answer_that_is_lost_after_the_text_is_told_apart_from_all_others(server: SmtpServer):
    server.hang_up_at = "DATA"
    with pytest.raises(MailUncertain):
        send(server, [])

    server.hang_up_at = "RCPT"
    began: list[bool] = []
    with pytest.raises(MailUnavailable):
        send(server, began)
    assert began == []


def test_a_server_that_is_not_there_is_asked_again_later():
    with SmtpServer() as gone:
        port = gone.port
    with pytest.raises(MailUnavailable):
        MailTransport(MailServer("127.0.0.1", port, Security.PLAIN), FROM).check()


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_the_password_goes_to_a_server_whose_certificate_is_trusted_and_to_no_other(tmp_path: Path, security: Security):
    with SmtpServer(tmp_path, is_tls=security is Security.TLS, needs_login=True) as server:
        transport(server, security).check()
        assert transport(server, security).send(letter(), TO, lambda: True)

        with pytest.raises(MailUnavailable, match="login_refused_535") as told:
            transport(server, security, "wrong").check()
        assert "wrong" not in str(told.value)

        account = MailServer("127.0.0.1", server.port, security, USER, PASSWORD)
        with pytest.raises(MailUnavailable, match="tls_failed"):
            MailTransport(account, FROM).check()  # who trusts public authorities alone
        assert len(server.letters) == 1


def test_without_encryption_nothing_is_said_to_a_server_elsewhere(server: SmtpServer):
    account = MailServer("127.0.0.1", server.port, Security.STARTTLS, USER, PASSWORD)
    with pytest.raises(MailUnavailable, match="tls_or_login_not_offered"):
        MailTransport(account, FROM).check()
