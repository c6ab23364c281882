"""A centre whose e-mails go to a server on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from creneau.core.domain.booking import Booking
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.emails import Email, EmailKey
from creneau.core.domain.ids import UserId
from creneau.core.domain.messages import Purpose
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.emails import EmailService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from creneau.mail.envelope import Sender
from creneau.mail.postman import Outcome, Postman
from creneau.mail.server import MailServer, Security
from creneau.mail.transport import MailTransport
from tests.conftest import Centre, MovableClock
from tests.mail.smtp_server import SmtpServer

SENDER = Sender.parse("Cap Avenir <rdv@centre.example>")
TUESDAY_AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


@dataclass
class Post:
    """One booking of a centre, and the ways to write about it."""

    centre: Centre
    booking: Booking
    emails: EmailService
    files: BookingFileService
    clock: MovableClock
    transport: MailTransport | None

    @property
    def file(self) -> BookingFile:
        return self.files.get_booking_file(self.centre.organization.id, self.booking.id)

    def postman(self) -> Postman:
        return Postman(self.emails, self.centre.people, self.clock, "creneau", lambda _: None, self.transport, SENDER)

    def key(self, purpose: Purpose = Purpose.RECEIPT, recipient_id: UserId | None = None) -> EmailKey:
        return EmailKey(
            self.centre.organization.id, self.booking.id, recipient_id or self.centre.beneficiary.id, purpose, 1
        )

    def deliver(self, purpose: Purpose = Purpose.RECEIPT, recipient_id: UserId | None = None) -> Outcome:
        key = self.key(purpose, recipient_id)
        return self.postman().deliver(self.file, purpose, key, "account_inactive", self.file.booking.updated_at)

    def listed(self) -> list[Email]:
        return self.emails.list_of_booking(self.centre.actor(self.centre.admin), self.booking.id)


@pytest.fixture
def post(centre: Centre, database: Database, clock: MovableClock, server: SmtpServer) -> Post:
    return make_post(centre, database, clock, server)


def make_post(centre: Centre, database: Database, clock: MovableClock, server: SmtpServer) -> Post:
    booking = centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, TUESDAY_AT_TEN)
    )
    transport = MailTransport(MailServer("127.0.0.1", server.port, Security.PLAIN), SENDER.address)
    files = BookingFileService(database, clock)
    return Post(centre, booking, EmailService(database, clock), files, clock, transport)
