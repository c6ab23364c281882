"""One session in a window: when, with whom, where, how it stands, what was done so far, and what can be done."""

from collections.abc import Sequence

from creneau.bot import blocks, buttons, long_text
from creneau.bot.answering import proposal_views
from creneau.bot.answering.views import deadline_line
from creneau.bot.blocks import Block, View
from creneau.bot.details.ids import DETAILS_VIEW
from creneau.bot.placing.views import where
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.history import HistoryEntry
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.meeting_place import can_place
from creneau.core.domain.notes import SessionNotes
from creneau.core.domain.people import Actor, User
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import act_name, format_name, session_type_name, state_of

_MOST_ACTS = 20
_SHOWS_TIME = frozenset({Action.REQUEST, Action.RESCHEDULE, Action.ACCEPT})
"""Acts that put a session at a time."""


def details(
    person: User, file: BookingFile, history: Sequence[HistoryEntry], notes: SessionNotes, notice: str | None = None
) -> View:
    reader, booking = Reader.from_user(person), file.booking
    drawn = [
        *([blocks.section(blocks.literal(notice))] if notice else []),
        blocks.section(f"*{reader.heading(reader.when(booking.span.starts_at))}*\n{state_of(reader, booking)}"),
        _facts(person, file),
        *_to_prepare(reader, notes),
        *_proposed(person, file),
        *_row(person, file),
        *deadline_line(person, file),
        blocks.divider(),
        *_past(reader, file, history),
    ]
    return blocks.modal(reader.text("Appointment"), reader.text("Close"), drawn, callback_id=DETAILS_VIEW)


def _facts(person: User, file: BookingFile) -> Block:
    reader, booking = Reader.from_user(person), file.booking
    return blocks.fields(
        *_who(reader, person, file),
        (reader.text("Session"), session_type_name(reader, booking.session_type)),
        (reader.text("Duration"), reader.duration(booking.span.minutes)),
        (reader.text("Format"), format_name(reader, booking.meeting_format)),
        where(person, file),
        (reader.text("Reference"), booking.reference),
    )


def _who(reader: Reader, person: User, file: BookingFile) -> list[tuple[str, str]]:
    if person.id in (file.consultant.id, file.beneficiary.id):
        return [(reader.text("With"), file.other(person).name)]
    return [(reader.text("Beneficiary"), file.beneficiary.name), (reader.text("Consultant"), file.consultant.name)]


def _to_prepare(reader: Reader, notes: SessionNotes) -> list[Block]:
    if not notes.preparation_materials:
        return []
    title = reader.text("To prepare for the next session")
    return [blocks.section(f"*{title}*"), *long_text.sections(notes.preparation_materials)]


def _proposed(person: User, file: BookingFile) -> list[Block]:
    reader = Reader.from_user(person)
    if Action.ACCEPT in file.actions_of(person):
        return proposal_views.choice(reader, file)
    return proposal_views.awaiting(reader, file)


def _row(person: User, file: BookingFile) -> list[Block]:
    reader, booking = Reader.from_user(person), file.booking
    row = buttons.join(reader, booking) if file.is_to_come else []
    row += buttons.of_actions(reader, booking, file.actions_of(person))
    if file.can_rate(person):
        row.append(buttons.rate(booking, reader.text("Give my opinion"), None))
    if person.id == file.consultant.id:
        row.append(buttons.notes(reader, booking))
    if can_place(booking, Actor.from_user(person)):
        row.append(buttons.place(reader, booking))
    return [blocks.actions(row)] if row else []


def _past(reader: Reader, file: BookingFile, history: Sequence[HistoryEntry]) -> list[Block]:
    names = {file.consultant.id: file.consultant.name, file.beneficiary.id: file.beneficiary.name}
    lines = []
    for entry in history[-_MOST_ACTS:]:
        action = Action(entry.action)
        who = names.get(entry.actor_id, reader.text("the centre")) if entry.actor_id else None
        said = [
            f"{reader.short_day_of(entry.at)} {reader.time(entry.at)}",
            act_name(reader, action),
            *([who] if who else []),
        ]
        line = " · ".join(said)
        if action in _SHOWS_TIME and entry.starts_at:
            line += f" → {reader.short_day_of(entry.starts_at)} {reader.time(entry.starts_at)}"
        lines.append(line + _why(reader, entry))
    return [blocks.section(f"*{reader.text('History')}*"), *[blocks.plain_context(line) for line in lines]]


def _why(reader: Reader, entry: HistoryEntry) -> str:
    if not entry.reason:
        return ""
    return "\n" + reader.text("Reason: {reason}", reason=entry.reason)
