"""Delivers a message about a booking by e-mail, once, and says what came of it."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import structlog

from creneau.core.clock import Clock
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.emails import EmailKey, EmailState
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import User
from creneau.core.services.emails import EmailService
from creneau.core.services.people import PeopleService
from creneau.mail.envelope import AddressUnfit, Sender, put_in_envelope, to_mailbox
from creneau.mail.letters import write
from creneau.mail.transport import MailRefused, MailTransport, MailUnavailable, MailUncertain

NO_MAIL_SERVER = "no_mail_server"

log = structlog.get_logger()


class Outcome(NamedTuple):
    state: EmailState
    reason: str | None = None


class Postman:
    """`transport` and `sender` are None where the operator set no mail server: then nothing can be delivered.

    `page_of` gives the address at which a beneficiary sees and answers their session.
    """

    def __init__(
        self,
        emails: EmailService,
        people: PeopleService,
        clock: Clock,
        domain: str,
        page_of: Callable[[BookingFile], str | None],
        transport: MailTransport | None,
        sender: Sender | None,
    ) -> None:
        self._emails = emails
        self._people = people
        self._clock = clock
        self._domain = domain
        self._page_of = page_of
        self._transport = transport
        self._sender = sender

    def has_begun(self, key: EmailKey) -> bool:
        """Tell whether a message went, or goes, by e-mail."""
        return self._emails.is_known(key)

    def deliver(
        self, file: BookingFile, purpose: Purpose, key: EmailKey, slack_problem: str, wanted_at: datetime
    ) -> Outcome:
        """Send a message unless it was, or may have been, sent before. Raises: MailUnavailable: not yet."""
        email = self._emails.claim(key, slack_problem, wanted_at)
        if email.state is not EmailState.WAITING:
            return Outcome(email.state, email.reason)
        outcome = self._send(file, file.party(key.recipient_id), purpose, key)
        if outcome.state is EmailState.SENT:
            self._emails.record_sent(key)
            log.info("email.sent", booking_id=str(key.booking_id), purpose=purpose)
        elif outcome.reason is not None:
            self._emails.record(key, outcome.state, outcome.reason)
            log.warning("email.not_sent", booking_id=str(key.booking_id), purpose=purpose, problem=outcome.reason)
        return outcome

    def _send(self, file: BookingFile, recipient: User, purpose: Purpose, key: EmailKey) -> Outcome:
        if self._transport is None or self._sender is None:
            return Outcome(EmailState.FAILED, NO_MAIL_SERVER)
        try:
            mailbox = to_mailbox(recipient.email)
        except AddressUnfit:
            return Outcome(EmailState.FAILED, "address_unfit")
        organization = self._people.get_organization(key.organization_id)
        page = self._page_of(file) if recipient.id == file.beneficiary.id else None
        letter = write(recipient, purpose, file, organization, self._domain, page)
        message = put_in_envelope(letter, self._sender, mailbox, key, self._clock.now())
        try:
            began = self._transport.send(message, mailbox, lambda: self._emails.begin_sending(key))
        except MailRefused as refused:
            return Outcome(EmailState.FAILED, str(refused))
        except MailUncertain as uncertain:
            return Outcome(EmailState.AMBIGUOUS, str(uncertain))
        except MailUnavailable as unavailable:
            self._emails.record(key, EmailState.WAITING, str(unavailable))
            raise
        return Outcome(EmailState.SENT) if began else Outcome(EmailState.SENDING)
