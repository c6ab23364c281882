"""Proposed times as messages show them: a button a time for the beneficiary, a line for whoever waits."""

from collections.abc import Sequence

from creneau.bot import blocks, buttons
from creneau.bot.answering.ids import PROPOSAL_ACCEPT, PROPOSAL_OTHER, PROPOSAL_REFUSE, proposal_value
from creneau.bot.blocks import Block
from creneau.bot.ids import booking_value
from creneau.bot.message import Message
from creneau.bot.state_line import state_line
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import User
from creneau.core.domain.proposal import Proposal
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.sentences import first_sentence


def proposal(recipient: User, file: BookingFile) -> Message:
    """To the beneficiary: the consultant offers other times."""
    text = first_sentence(recipient, Purpose.PROPOSAL, file)
    return Message(text, [blocks.section(text), *proposal_body(recipient, file)])


def proposal_body(recipient: User, file: BookingFile) -> list[Block]:
    """The proposed times to choose from, or where the booking stands once that is over."""
    reader, booking = Reader.from_user(recipient), file.booking
    other = file.other(recipient)
    with_whom = blocks.fields(
        (reader.text("With"), other.name), (reader.text("Duration"), reader.duration(booking.span.minutes))
    )
    actions = file.actions_of(recipient)
    if Action.ACCEPT not in actions:
        return [with_whom, state_line(reader, booking), blocks.actions(buttons.of_booking(reader, booking, actions))]
    return [with_whom, *choice(reader, file, [buttons.details(reader, booking)])]


def choice(reader: Reader, file: BookingFile, beside: Sequence[Block] = ()) -> list[Block]:
    """The proposed times with a button for each that is still free, another time, none of them; until when."""
    booking = file.booking
    free = [_accept(reader, place, one) for place, one in enumerate(file.proposals) if one.id not in file.gone]
    until = [reader.text("Times are in {zone}.", zone=reader.zone_name())]
    if file.is_asked and booking.answer_by:
        until.append(reader.text("Please answer by {when}.", when=reader.when(booking.answer_by)))
    until.append(reader.text("A proposed time is yours once you have accepted it."))
    return [
        blocks.section(_list(reader, file)),
        *([blocks.actions(free)] if free else []),
        blocks.actions(
            [
                blocks.button(reader.text("Another time"), PROPOSAL_OTHER, booking_value(booking.id)),
                _refuse(reader, file),
                *beside,
            ]
        ),
        blocks.context(" ".join(until)),
    ]


def awaiting(reader: Reader, file: BookingFile) -> list[Block]:
    """Which times wait for the beneficiary's answer, for whoever is not asked here."""
    if not file.proposals or not file.is_live:
        return []
    times = ", ".join(_short(reader, proposal) + _gone(reader, file, proposal) for proposal in file.proposals)
    return [blocks.context(reader.text("Proposed, waiting for an answer: {times}.", times=times))]


def _list(reader: Reader, file: BookingFile) -> str:
    return "\n".join(
        f"• *{reader.when(proposal.span.starts_at)}*{_gone(reader, file, proposal)}" for proposal in file.proposals
    )


def _gone(reader: Reader, file: BookingFile, proposal: Proposal) -> str:
    return f" ({reader.text('no longer free')})" if proposal.id in file.gone else ""


def _accept(reader: Reader, index: int, proposal: Proposal) -> Block:
    text = reader.text("Accept {time}", time=_short(reader, proposal))
    return blocks.button(text, f"{PROPOSAL_ACCEPT}_{index}", proposal_value(proposal), "primary")


def _refuse(reader: Reader, file: BookingFile) -> Block:
    stays = reader.text("Your appointment stays as it is: {when}.", when=reader.when(file.booking.span.starts_at))
    ask = blocks.confirm(reader.text("Refuse these times?"), stays, reader.text("Refuse"), reader.text("Back"))
    return blocks.button(reader.text("Refuse"), PROPOSAL_REFUSE, booking_value(file.booking.id), "danger", ask)


def _short(reader: Reader, proposal: Proposal) -> str:
    starts_at = proposal.span.starts_at
    return f"{reader.short_day_of(starts_at)} {reader.time(starts_at)}"
