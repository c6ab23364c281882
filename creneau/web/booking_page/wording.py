"""What the pages of a session say to its beneficiary."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.time import BookableTime
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import format_name, state_of
from creneau.core.services.booking_links import BookingVisit

Words = dict[str, str]


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: `value` comes back."""

    value: str
    text: str
    is_gone: bool = False


def session(reader: Reader, visit: BookingVisit, file: BookingFile) -> dict[str, object]:
    name = file.consultant.name
    return {
        "title": reader.heading(reader.when(file.booking.span.starts_at)),
        "who": reader.text(
            "Appointment of {name}, {organization}", name=visit.user.name, organization=visit.organization.name
        ),
        "facts": _facts(reader, file),
        "proposed": reader.text("Other times are proposed to you. Which one suits you?"),
        "accept": reader.text("Accept this time"),
        "refuse": reader.text("None suits me"),
        "stays": reader.text("If none suits you, the appointment stays as it is."),
        "move": reader.text("Choose another time"),
        "cancel": reader.text("Cancel the appointment"),
        "deadlines": _deadlines(reader, file),
        "over": reader.text("For another appointment, please contact {name} or your centre.", name=name),
    }


def move(reader: Reader, file: BookingFile) -> Words:
    name = file.consultant.name
    return {
        "title": reader.text("Choose another time"),
        "now": reader.text("The appointment is on {when}, with {name}.", when=_when(reader, file), name=name),
        "day": reader.text("Day"),
        "later": reader.text("Later days"),
        "time": reader.text("Choose a time"),
        "zone": reader.text("Times are in {zone}.", zone=reader.zone_name()),
        "follows": reader.text(
            "The present time is given up at once, and {name} is asked to confirm the new one.", name=name
        ),
        "move": reader.text("Ask for this time"),
        "nothing": reader.text("No time is free for now. Your consultant can open more."),
        "back": reader.text("Keep the appointment as it is"),
    }


def cancel(reader: Reader, file: BookingFile) -> Words:
    name = file.consultant.name
    return {
        "title": reader.text("Cancel this appointment?"),
        "now": reader.text("The appointment is on {when}, with {name}.", when=_when(reader, file), name=name),
        "follows": reader.text("The time becomes free again and {name} is told.", name=name),
        "cancel": reader.text("Cancel the appointment"),
        "back": reader.text("Keep the appointment as it is"),
    }


def spent(reader: Reader) -> dict[str, object]:
    return {
        "title": reader.text("This link is no longer good"),
        "lines": [
            reader.text("The newest e-mail about the appointment has a link that is."),
            reader.text("If it has none either, please contact your consultant or your centre."),
        ],
    }


def days_of(reader: Reader, times: Sequence[BookableTime]) -> list[date]:
    return sorted({reader.local_day(time.span.starts_at) for time in times})


def times_of(reader: Reader, times: Sequence[BookableTime], day: date) -> list[Option]:
    """Return the times of a day; the value holds the rule and the instant."""
    return [
        Option(
            f"{time.slot_id} {time.span.starts_at.isoformat()}",
            reader.text(
                "{start} – {end} ({duration})",
                start=reader.time(time.span.starts_at),
                end=reader.time(time.span.ends_at),
                duration=reader.duration(time.span.minutes),
            ),
        )
        for time in times
        if reader.local_day(time.span.starts_at) == day
    ]


def proposals_of(reader: Reader, file: BookingFile) -> list[Option]:
    gone = f" ({reader.text('no longer free')})"
    return [
        Option(
            str(proposal.id),
            reader.heading(reader.when(proposal.span.starts_at)) + (gone if proposal.id in file.gone else ""),
            proposal.id in file.gone,
        )
        for proposal in file.proposals
    ]


def _facts(reader: Reader, file: BookingFile) -> list[Fact]:
    booking = file.booking
    facts = [
        Fact(reader.text("State"), state_of(reader, booking)),
        Fact(reader.text("With"), file.consultant.name),
        Fact(reader.text("Duration"), reader.duration(booking.span.minutes)),
        Fact(reader.text("Format"), format_name(reader, booking.meeting_format)),
    ]
    if file.is_live and booking.meeting_link:
        facts.append(Fact(reader.text("Where"), booking.meeting_link, booking.meeting_link))
    elif file.is_live and booking.meeting_location:
        facts.append(Fact(reader.text("Where"), booking.meeting_location))
    return [*facts, Fact(reader.text("Reference"), booking.reference)]


def _deadlines(reader: Reader, file: BookingFile) -> list[str]:
    """Until when one may act alone, or since when one has to ask."""
    user, said = file.beneficiary, []
    actions = file.actions_of(user)
    for action, can, could in (
        (
            Action.RESCHEDULE,
            "You can reschedule by yourself until {when}.",
            "You could reschedule by yourself until {when}.",
        ),
        (Action.CANCEL, "You can cancel by yourself until {when}.", "You could cancel by yourself until {when}."),
    ):
        until = reader.when(file.free_until(action))
        if action in actions and file.has_deadline(action):
            said.append(reader.text(can, when=until))
        elif file.is_too_late(user, action):
            said.append(reader.text(could, when=until))
    if any(file.is_too_late(user, action) for action in (Action.RESCHEDULE, Action.CANCEL)):
        said.append(reader.text("Please contact {name}, who can still do it.", name=file.consultant.name))
    return said


def _when(reader: Reader, file: BookingFile) -> str:
    return reader.when(file.booking.span.starts_at)
