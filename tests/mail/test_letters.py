"""What e-mails say and how they travel: as discreet as the centre wants, in headers that are ours alone."""

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest
from icalendar import Calendar

from creneau.core.domain.booking import Status
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.emails import BY_EMAIL, EmailKey
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import Organization, User
from creneau.core.domain.policy import Discretion
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import session_type_name
from creneau.mail.envelope import AddressUnfit, Sender, put_in_envelope, to_mailbox
from creneau.mail.letters import write
from tests.bot.extremes import Extremes
from tests.conftest import MONDAY

SENDER = Sender.parse("Créneau <rdv@centre.example>")
CENTRE = Organization(OrganizationId(UUID(int=1)), "Cap\r\nAvenir", "Europe/Paris", "fr", None)
PAGE = "https://creneau.example/booking/token"
WICKED = "Zoé\r\nBcc: eve@example.org\r\n\r\nClick\x00 \u2028here\x85"
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"}


def files(locale: str, discretion: Discretion, seeds: int = 2) -> list[BookingFile]:
    """Bookings of every kind between people whose names try to break out."""
    made = []
    for seed in range(seeds):
        file = Extremes(seed, locale, levels=(discretion,)).make(BookingFile)
        made.append(
            replace(
                file,
                consultant=replace(file.consultant, name=f"Paul {WICKED}", email="paul@example.org"),
                beneficiary=replace(file.beneficiary, name=f"Marie {WICKED}", email="marie@example.org"),
                booking=replace(file.booking, meeting_location=f"Rue {WICKED}"),
                policy=replace(file.policy, calendar_detail=CalendarDetail.NEUTRAL),
            )
        )
    return made


def envelope(recipient: User, purpose: Purpose, file: BookingFile) -> tuple[bytes, EmailMessage]:
    page = PAGE if recipient.id == file.beneficiary.id else None
    letter = write(recipient, purpose, file, CENTRE, "creneau", page)
    key = EmailKey(CENTRE.id, file.booking.id, recipient.id, purpose, file.booking.version)
    raw = put_in_envelope(letter, SENDER, to_mailbox(recipient.email), key, MONDAY).as_bytes()
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return raw, parsed


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("discretion", list(Discretion))
def test_nothing_that_people_wrote_breaks_out_and_no_more_is_told_than_the_centre_wants(
    locale: str, discretion: Discretion
):
    for file in files(locale, discretion):
        session = session_type_name(Reader(locale, "UTC"), file.booking.session_type)
        for purpose in BY_EMAIL:
            for recipient in (file.consultant, file.beneficiary):
                raw, message = envelope(recipient, purpose, file)
                own = [name for name in message if not name.startswith("Content-")]
                assert (len(own), set(own)) == (len(HEADERS), HEADERS)
                assert message["To"] == recipient.email
                assert b"\x00" not in raw
                raw.decode("ascii")
                text, subject = text_of(message), message["Subject"]
                assert "\nBcc" not in text
                assert "\nClick" not in text
                assert not [line for line in text.splitlines() if line.startswith(("Bcc", "here"))]
                if discretion is Discretion.STRICT:
                    assert not {"Paul", "Marie", "Rue", "Cap", session} & set(text.replace(":", " ").split())
                    assert "Paul" not in text + subject
                    assert "Marie" not in text + subject
                    assert not any(character.isdigit() for character in subject)
                elif discretion is Discretion.DISCREET:
                    assert "Paul" not in subject
                    assert "Marie" not in subject
                    assert session not in text + subject
                else:
                    assert session.replace("\u00a0", " ") in subject.replace("\u00a0", " ")
                assert (PAGE in text) is (recipient is file.beneficiary)


def test_an_agreed_session_brings_its_event_and_nothing_else_does():
    seen = set()
    for file in files("fr", Discretion.DISCREET, 40):
        for purpose in (Purpose.CONFIRMED, Purpose.REMINDER_24H, Purpose.CANCELLED):
            _, message = envelope(file.beneficiary, purpose, file)
            events = list(message.iter_attachments())
            is_agreed = file.booking.status is Status.CONFIRMED and purpose is not Purpose.CANCELLED
            assert len(events) == is_agreed
            seen.add(is_agreed)
            for part in events:
                assert part.get_content_type() == "text/calendar"
                calendar = Calendar.from_ical(part.get_payload(decode=True))
                [event] = calendar.walk("VEVENT")
                assert "METHOD" not in calendar
                assert event["UID"] == f"{file.booking.id}@creneau"
                assert "Paul" not in str(event["SUMMARY"])
    assert seen == {True, False}


@pytest.mark.parametrize(
    "wicked",
    [
        "a@b\r\nRCPT TO:<eve@x>",
        "a b@c.fr",
        "a@b@c",
        "<a@b.c>",
        "a@",
        "@b",
        "a@b\x00.fr",
        "é@b.fr",
        "a@-b.fr",
        f"{'a' * 65}@b.c",
    ],
)
def test_an_address_that_is_more_than_one_is_none(wicked: str):
    with pytest.raises(AddressUnfit):
        to_mailbox(wicked)
    assert to_mailbox("marie.o'neil+rdv@exämple.org") == "marie.o'neil+rdv@xn--exmple-cua.org"


def test_the_same_message_has_the_same_id_and_another_has_another():
    file = files("en", Discretion.DISCREET)[0]
    ids = [
        envelope(who, purpose, one)[1]["Message-ID"]
        for who, purpose, one in (
            (file.beneficiary, Purpose.CONFIRMED, file),
            (file.beneficiary, Purpose.CONFIRMED, file),
            (file.consultant, Purpose.CONFIRMED, file),
            (file.beneficiary, Purpose.CANCELLED, file),
            (file.beneficiary, Purpose.CONFIRMED, replace(file, booking=replace(file.booking, version=99))),
        )
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4
