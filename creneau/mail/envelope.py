"""A letter as it travels: addressed, dated and named, with headers that nothing anybody wrote can break out of."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr, parseaddr
from uuid import UUID, uuid5

from creneau.calendar_sync.lines import one_line
from creneau.core.domain.emails import EmailKey
from creneau.mail.letters import Letter

_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class AddressUnfit(ValueError):
    """An address that no letter of ours can be sent to."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom e-mails come from: `address` alone, or with a name for people to read."""

    name: str
    address: str

    @classmethod
    def parse(cls, written: str) -> "Sender":
        """Read `rdv@example.org` or `Centre Avenir <rdv@example.org>`. Raises: AddressUnfit."""
        if one_line(written) != written:
            raise AddressUnfit
        name, address = parseaddr(written)
        return cls(name, to_mailbox(address))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def to_mailbox(address: str) -> str:
    """Return an address as the oldest server takes it: a name of another alphabet is written in this one's.

    Raises: AddressUnfit.
    """
    local, at, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError as error:
        raise AddressUnfit from error
    if not (at and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(ascii_domain)):
        raise AddressUnfit
    return f"{local}@{ascii_domain}"


def put_in_envelope(letter: Letter, sender: Sender, mailbox: str, key: EmailKey, at: datetime) -> Message:
    """Return the message. The same letter about the same thing has the same id, should a server see it twice.

    Made of the older classes of `email`: the newer lose spaces where they fold a subject that is not ASCII.
    """
    message: Message = MIMEText(letter.text, "plain", "utf-8")
    if letter.event is not None:
        event = MIMEText(letter.event.decode(), "calendar", "utf-8")
        event.add_header("Content-Disposition", "attachment", filename="appointment.ics")
        message = MIMEMultipart("mixed", _subparts=[message, event])
    message["From"] = formataddr((sender.name, sender.address))
    message["To"] = mailbox
    message["Subject"] = _subject(letter.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{_name_of(key)}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    return message


def _subject(written: str) -> str:
    subject = one_line(written)
    return Header(subject, "us-ascii" if subject.isascii() else "utf-8", header_name="Subject").encode()


def _name_of(key: EmailKey) -> UUID:
    return uuid5(key.booking_id, f"{key.recipient_id} {key.purpose} {key.booking_version}")
