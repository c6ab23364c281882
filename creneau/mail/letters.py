"""What e-mails about a booking say: the first sentence of the message in Slack, what it is about, what can be done.

The subject tells as much as the centre lets a locked screen tell; names stay out of all of it where it is strict.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from creneau.calendar_sync.feed import render_object
from creneau.calendar_sync.lines import one_line
from creneau.calendar_sync.vevent import session_event
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.calendar_words import tell
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import Organization, User
from creneau.core.domain.policy import Discretion
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.sentences import first_sentence
from creneau.core.i18n.vocabulary import format_name, session_type_name, state_of

_HAVE_EVENT = frozenset(
    {Purpose.CONFIRMED, Purpose.MOVED, Purpose.REMINDER_3D, Purpose.REMINDER_24H, Purpose.REMINDER_1H}
)


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail before it has an envelope. `event` is the session as an iCalendar object, where it is agreed."""

    subject: str
    text: str
    event: bytes | None = None


_WITH_DATE = {Purpose.REMINDER_1H: Purpose.REMINDER_24H}
"""A letter may be read days later: it always says which day."""


def write(
    recipient: User, purpose: Purpose, file: BookingFile, organization: Organization, domain: str, page: str | None
) -> Letter:
    """Write to one side of a booking, as it is now. `page` is where its beneficiary sees and answers it."""
    reader = Reader.from_user(recipient)
    said = first_sentence(recipient, _WITH_DATE.get(purpose, purpose), file)
    paragraphs = [
        reader.text("Hello,"),
        said,
        "\n".join(_facts(recipient, file)),
        "\n".join(_proposed(recipient, file)),
        _what_to_do(recipient, file, page),
        reader.text("This comes by e-mail because Slack cannot reach you."),
        "" if _is_strict(file) else one_line(organization.name),
    ]
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"
    return Letter(_subject(recipient, file, said), text, _event(recipient, purpose, file, domain))


def _subject(recipient: User, file: BookingFile, said: str) -> str:
    reader = Reader.from_user(recipient)
    match file.policy.discretion:
        case Discretion.STRICT:
            return reader.text("You have an update about an appointment.")
        case Discretion.DISCREET:
            return said
    session, name = session_type_name(reader, file.booking.session_type), file.other(recipient).name
    return one_line(f"{said} {reader.text('{session}, with {name}.', session=session, name=name)}")


def _facts(recipient: User, file: BookingFile) -> Iterator[str]:
    reader, booking = Reader.from_user(recipient), file.booking
    discretion = file.policy.discretion
    facts = [(reader.text("State"), state_of(reader, booking))]
    if discretion is not Discretion.STRICT:
        facts.append((reader.text("With"), file.other(recipient).name))
    if discretion is Discretion.DETAILED:
        facts.append((reader.text("Session"), session_type_name(reader, booking.session_type)))
    facts += [
        (reader.text("Duration"), reader.duration(booking.span.minutes)),
        (reader.text("Format"), format_name(reader, booking.meeting_format)),
    ]
    where = booking.meeting_link or booking.meeting_location
    if where and file.is_live and discretion is not Discretion.STRICT:
        facts.append((reader.text("Where"), where))
    facts.append((reader.text("Reference"), booking.reference))
    for label, value in facts:
        yield reader.text("{label}: {value}", label=label, value=one_line(value))


def _proposed(recipient: User, file: BookingFile) -> Iterator[str]:
    reader = Reader.from_user(recipient)
    if Action.ACCEPT not in file.actions_of(recipient):
        return
    yield reader.text("Proposed:")
    for proposal in file.proposals:
        if proposal.id not in file.gone:
            yield f"- {reader.when(proposal.span.starts_at)}"


def _what_to_do(recipient: User, file: BookingFile, page: str | None) -> str:
    reader = Reader.from_user(recipient)
    if page is not None:
        see = reader.text("To see this appointment, answer, move or cancel it:")
        return f"{see}\n{page}\n{reader.text('This address is for you alone: please do not pass it on.')}"
    if file.waits_for(recipient):
        return reader.text("Please answer it in Slack, or ask your administrator to.")
    return ""


def _event(recipient: User, purpose: Purpose, file: BookingFile, domain: str) -> bytes | None:
    if purpose not in _HAVE_EVENT or not file.is_agreed:
        return None
    told = tell(file.policy.calendar_detail, file.other(recipient).name, file.booking.session_type)
    return render_object(session_event(file.booking, recipient.id, Reader.from_user(recipient), domain, told))


def _is_strict(file: BookingFile) -> bool:
    return file.policy.discretion is Discretion.STRICT
