"""The booking form: whom with, when, how; what it uses of the hours; nothing to choose; sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice, pairwise

from creneau.bot import blocks, chooser
from creneau.bot.blocks import Block, View
from creneau.bot.booking import forms, ids
from creneau.bot.booking.forms import Form
from creneau.bot.ids import BOOK_DAY, BOOK_FORMAT, BOOK_TIME, BOOK_VIEW, time_value
from creneau.core.domain.bilan import BilanHours
from creneau.core.domain.booking import Booking, MeetingFormat, SessionType
from creneau.core.domain.hold import Hold
from creneau.core.domain.people import Role, User
from creneau.core.domain.time import BookableTime
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import format_name, session_type_name
from creneau.core.usecases.availability import LONGEST_LISTING
from creneau.core.usecases.choosing import Choices, Engagement

_NEXT_TIMES = 3
"""Of the days after the chosen one: as many as a refusal names, so that they can be chosen at once."""
_LONGEST_PLACE = 255
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a form is drawn from: who reads, what there is, what they chose, what is held for them."""

    user: User
    choices: Choices
    form: Form
    hold: Hold | None = None
    notice: str | None = None

    @property
    def reader(self) -> Reader:
        return Reader.from_user(self.user)


@dataclass(frozen=True, slots=True)
class Offered:
    """The times to choose among: the lengths there are, the one that is chosen, and its times by the reader's days."""

    lengths: list[int]
    minutes: int | None
    by_day: dict[date, list[BookableTime]]


def choose(drawing: Drawing) -> View:
    """Draw the form, or say why there is nothing to choose and what to do about it."""
    reader, offered = drawing.reader, _offered(drawing)
    lead = [*_lead(drawing), *_lengths(drawing, offered)]
    if not offered.by_day:
        return _modal(drawing, [*lead, blocks.section(_why_nothing(drawing)), *_pages(drawing)])
    held = drawing.hold.time if drawing.hold else None
    wanted = reader.local_day(held.span.starts_at) if held else drawing.form.day
    day = wanted if wanted in offered.by_day else next(iter(offered.by_day))
    return _modal(
        drawing,
        [
            *lead,
            _day_select(drawing, list(offered.by_day), day),
            _time_select(drawing, offered, day, held),
            *_pages(drawing),
            _kind_select(reader, drawing.form.session_type or drawing.choices.session_type),
            _format_select(reader, drawing.form.meeting_format),
            *_place(drawing),
            *_recap(drawing),
            *_age(drawing),
        ],
        submit=blocks.plain(reader.text("Send request")),
    )


def choose_person(user: User, engagements: Sequence[Engagement]) -> View:
    """Ask whom to book for, where that is not the reader and there are several: nobody is booked for by oversight."""
    reader = Reader.from_user(user)
    menu = _bilan_select(user, engagements, placeholder=reader.text("Choose a person"))
    return blocks.modal(
        reader.text("Book a session"),
        reader.text("Close"),
        [blocks.section(reader.text("Whom is the session for?")) | {"block_id": ids.BILAN_BLOCK, "accessory": menu}],
        callback_id=BOOK_VIEW,
    )


def sent(reader: Reader, booking: Booking, hours: BilanHours) -> View:
    """To the beneficiary: the request is on its way; where hours were bought, what is left of them; who answers."""
    when = reader.when(booking.span.starts_at)
    said = [
        blocks.section(reader.text("Request sent: appointment on {when}.", when=when)),
        *_left(reader.text("You will have {left} left.", left=reader.duration(hours.remaining_minutes)), hours),
        blocks.context(reader.text("You will get a message when your consultant has answered.")),
    ]
    return blocks.modal(reader.text("Book a session"), reader.text("Close"), said)


def sent_for(user: User, beneficiary: User, consultant: User, booking: Booking, hours: BilanHours) -> View:
    """To who booked for somebody: for whom, who answers, and who hears of it."""
    reader = Reader.from_user(user)
    when, name = reader.when(booking.span.starts_at), blocks.literal(beneficiary.name)
    if user.id == consultant.id:
        told = reader.text("You get the request as a message: confirm it there or in App Home.")
    else:
        told = reader.text(
            "{consultant} answers; {name} is told. You see the answer in your list of sessions.",
            consultant=blocks.literal(consultant.name),
            name=name,
        )
    left = reader.text("Hours left: {left}.", left=reader.duration(hours.remaining_minutes))
    said = [
        blocks.section(reader.text("The request for {name} has been sent: {when}.", name=name, when=when)),
        *_left(left, hours),
        blocks.context(told),
    ]
    return blocks.modal(reader.text("Book a session"), reader.text("Close"), said)


def _left(sentence: str, hours: BilanHours) -> list[Block]:
    return [blocks.section(sentence)] if hours.purchased_minutes is not None else []


def refused(reader: Reader, sentence: str) -> View:
    """What is said instead of the form's fields when booking is not possible at all."""
    return blocks.modal(reader.text("Book a session"), reader.text("Close"), [blocks.section(blocks.literal(sentence))])


def _modal(drawing: Drawing, drawn: Sequence[Block], **more: object) -> View:
    reader, choices = drawing.reader, drawing.choices
    return blocks.modal(
        reader.text("Book a session"),
        reader.text("Close"),
        drawn,
        callback_id=BOOK_VIEW,
        notify_on_close=True,
        private_metadata=forms.metadata(choices.chosen.bilan.id, choices.chosen.consultant.id, choices.first),
        **more,
    )


def _lead(drawing: Drawing) -> list[Block]:
    """A notice if there is one, then with whom, in which zone; several bilans are there to choose among."""
    reader, chosen = drawing.reader, drawing.choices.chosen
    lead = [blocks.section(f"*{blocks.literal(drawing.notice)}*")] if drawing.notice else []
    zone = reader.zone_name()
    if drawing.user.role is Role.BENEFICIARY:
        whom = reader.text("With {name}. Times are in {zone}.", name=blocks.literal(chosen.consultant.name), zone=zone)
    else:
        whom = reader.text(
            "For {name}, with {consultant}. Times are in {zone}.",
            name=blocks.literal(chosen.beneficiary.name),
            consultant=blocks.literal(chosen.consultant.name),
            zone=zone,
        )
    who = blocks.section(whom)
    if len(drawing.choices.engagements) > 1:
        menu = _bilan_select(drawing.user, drawing.choices.engagements, chosen)
        who |= {"block_id": ids.BILAN_BLOCK, "accessory": menu}
    lead.append(who)
    if drawing.user.id == chosen.consultant.id:
        lead.append(blocks.context(reader.text("The requests that you receive are in your messages and in App Home.")))
    return lead


def _bilan_select(
    user: User, engagements: Sequence[Engagement], chosen: Engagement | None = None, placeholder: str | None = None
) -> Block:
    options = [blocks.option(_name(user, engagement), str(engagement.bilan.id)) for engagement in engagements]
    initial = None if chosen is None else options[engagements.index(chosen)]
    return blocks.static_select(ids.BOOK_BILAN, _in_groups(options), initial, placeholder)


def _name(user: User, engagement: Engagement) -> str:
    if user.role is Role.BENEFICIARY:
        return engagement.consultant.name
    if user.role is Role.CONSULTANT:
        return engagement.beneficiary.name
    return f"{engagement.beneficiary.name} – {engagement.consultant.name}"


def _offered(drawing: Drawing) -> Offered:
    """Sort the times that are free by length and day; only lengths that the hours left are enough for are offered."""
    reader, choices, form = drawing.reader, drawing.choices, drawing.form
    by_length: dict[int, list[BookableTime]] = {}
    for time in choices.times:
        by_length.setdefault(time.span.minutes, []).append(time)
    lengths = [minutes for minutes in by_length if minutes <= choices.hours.remaining_minutes]
    wanted = drawing.hold.time.span.minutes if drawing.hold else form.minutes
    minutes = wanted if wanted in lengths else next(iter(lengths), None)
    by_day: dict[date, list[BookableTime]] = {}
    for time in by_length[minutes] if minutes is not None else []:
        by_day.setdefault(reader.local_day(time.span.starts_at), []).append(time)
    return Offered(sorted(lengths), minutes, by_day)


def _lengths(drawing: Drawing, offered: Offered) -> list[Block]:
    reader, minutes = drawing.reader, offered.minutes
    if len(offered.lengths) < 2 or minutes is None:  # one is no choice
        return []
    options = [blocks.option(reader.duration(length), str(length)) for length in offered.lengths]
    chosen = options[offered.lengths.index(minutes)]
    label = reader.text("Duration")
    of_whom = f"-{drawing.choices.chosen.bilan.id.hex[-8:]}" if len(drawing.choices.engagements) > 1 else ""
    return [blocks.select(label, ids.MINUTES_BLOCK + of_whom, ids.BOOK_MINUTES, options, chosen, dispatch=True)]


def _day_select(drawing: Drawing, days: Sequence[date], chosen: date) -> Block:
    reader, form = drawing.reader, drawing.form
    options = [blocks.option(reader.heading(reader.day(day)), day.isoformat()) for day in days[: chooser.MOST_OPTIONS]]
    block_id = form.day_block if form.day in (None, chosen) else forms.drawn_again(form.day_block)
    return blocks.select(reader.text("Day"), block_id, BOOK_DAY, options, options[days.index(chosen)], dispatch=True)


def _time_select(drawing: Drawing, offered: Offered, day: date, held: BookableTime | None) -> Block:
    """The times of the day, and the next ones after it; none is chosen until somebody chooses."""
    reader, form = drawing.reader, drawing.form
    of_day = offered.by_day[day]
    later = (time for one, times in offered.by_day.items() if one > day for time in times)
    after = list(islice(later, _NEXT_TIMES))
    options = [chooser.option(reader, time) for time in of_day]
    groups = (
        [_group(reader.heading(reader.day(day)), options)]
        if len(options) <= chooser.MOST_OPTIONS
        else _in_groups(options)
    )
    if after:
        next_days = [
            blocks.option(
                f"{reader.short_day_of(time.span.starts_at)} {chooser.time_text(reader, time)}", time_value(time)
            )
            for time in after
        ]
        groups = [*groups, _group(reader.text("After that"), next_days)]
    chosen = next((option for option in options if held and option["value"] == time_value(held)), None)
    block_id = chooser.time_block(day, _lot(drawing.choices, offered))
    is_lost = form.time is not None and held is None
    if form.time_block.removesuffix(ids.AGAIN) == block_id:
        block_id = forms.drawn_again(form.time_block) if is_lost else form.time_block
    element = blocks.static_select(BOOK_TIME, groups, chosen, reader.text("Choose a time"))
    return blocks.field(reader.text("Time"), block_id, element, dispatch=True)


def _lot(choices: Choices, offered: Offered) -> str:
    """Tell the times of one bilan and length from others, where there are others."""
    has_lengths = len(offered.lengths) > 1
    if not has_lengths and len(choices.engagements) == 1:
        return ""
    return forms.lot_of(choices.chosen.bilan.id, offered.minutes if has_lengths else None)


def _in_groups(options: Sequence[Block]) -> list[Block]:
    """Return options as they are, or in groups of a hundred, each under its first and last, where they are more."""
    if len(options) <= chooser.MOST_OPTIONS:
        return list(options)
    bounds = [*range(0, len(options), chooser.MOST_OPTIONS), len(options)]
    parts = [options[first:last] for first, last in pairwise(bounds)]
    return [_group(f"{part[0]['text']['text'][:30]} … {part[-1]['text']['text'][:30]}", part) for part in parts]


def _group(label: str, options: Sequence[Block]) -> Block:
    return {"label": blocks.plain(label), "options": list(options)}


def _pages(drawing: Drawing) -> list[Block]:
    """Earlier and later days, where they are more than one page."""
    reader, choices = drawing.reader, drawing.choices
    buttons = []
    if choices.first > choices.earliest:
        earlier = max(choices.first - LONGEST_LISTING - _A_DAY, choices.earliest)
        buttons.append(blocks.button(reader.text("Earlier days"), ids.BOOK_EARLIER, earlier.isoformat()))
    if choices.last < choices.horizon:
        later = (choices.last + _A_DAY).isoformat()
        buttons.append(blocks.button(reader.text("Later days"), ids.BOOK_LATER, later))
    return [blocks.actions(buttons, ids.PAGE_BLOCK)] if buttons else []


def _kind_select(reader: Reader, chosen: SessionType) -> Block:
    kinds = list(SessionType)
    options = [blocks.option(session_type_name(reader, kind), kind) for kind in kinds]
    return blocks.select(reader.text("Session"), ids.KIND_BLOCK, ids.BOOK_KIND, options, options[kinds.index(chosen)])


def _format_select(reader: Reader, chosen: MeetingFormat) -> Block:
    formats = list(MeetingFormat)
    options = [blocks.option(format_name(reader, choice), choice) for choice in formats]
    preselected = options[formats.index(chosen)]
    return blocks.select(reader.text("Format"), ids.FORMAT_BLOCK, BOOK_FORMAT, options, preselected, dispatch=True)


def _place(drawing: Drawing) -> list[Block]:
    """Where, as the format needs it. The link of a video session is the consultant's to give."""
    reader = drawing.reader
    element: Block = {"type": "plain_text_input", "action_id": ids.BOOK_PLACE, "max_length": _LONGEST_PLACE}
    match drawing.form.meeting_format:
        case MeetingFormat.IN_PERSON:
            return [blocks.field(reader.text("Place"), ids.PLACE_BLOCK, element, optional=True)]
        case MeetingFormat.PHONE:
            return [blocks.field(reader.text("Number to call"), ids.PHONE_BLOCK, element, optional=True)]
    if drawing.user.role is Role.BENEFICIARY:
        return []
    element = {"type": "url_text_input", "action_id": ids.BOOK_PLACE}
    return [blocks.field(reader.text("Video link (https://…)"), ids.LINK_BLOCK, element, optional=True)]


def _age(drawing: Drawing) -> list[Block]:
    """As of when the consultant's own calendars are known, where that is long ago."""
    reader, since = drawing.reader, drawing.choices.stale_since
    if since is None:
        return []
    return [blocks.context(reader.text("The consultant’s calendar was last read {when}.", when=reader.when(since)))]


def _recap(drawing: Drawing) -> list[Block]:
    """What is about to be asked for and what it uses; or, before a time is chosen, what choosing does."""
    reader, hours, hold = drawing.reader, drawing.choices.hours, drawing.hold
    has_bought = hours.purchased_minutes is not None
    if hold is None:
        left = [reader.text("Hours left: {left}.", left=reader.duration(hours.remaining_minutes))] if has_bought else []
        held_when_chosen = reader.text("The time that you choose is kept for you for a few minutes.")
        return [blocks.context(" ".join([*left, held_when_chosen]))]
    minutes = hold.time.span.minutes
    recap = [
        reader.text(
            "{when}, {duration}, {format}.",
            when=f"*{reader.heading(reader.when(hold.time.span.starts_at))}*",
            duration=reader.duration(minutes),
            format=format_name(reader, drawing.form.meeting_format).lower(),
        )
    ]
    if has_bought:
        recap.append(
            reader.text(
                "Uses {used} of the {left} left; {after} will remain.",
                used=reader.duration(minutes),
                left=reader.duration(hours.remaining_minutes),
                after=reader.duration(hours.remaining_minutes - minutes),
            )
        )
    until = reader.time(hold.expires_at)
    kept = reader.text("Kept for you until {time}.", time=until)
    answered = reader.text("Your consultant confirms the request; you are told here.")
    is_theirs = drawing.user.role is Role.BENEFICIARY
    return [blocks.section("\n".join(recap)), blocks.context(f"{kept} {answered}" if is_theirs else kept)]


def _why_nothing(drawing: Drawing) -> str:
    """Say why there is nothing to choose, and what to do."""
    reader, choices = drawing.reader, drawing.choices
    if choices.times:
        shortest = min(time.span.minutes for time in choices.times)
        return reader.text(
            "The shortest session takes {shortest}, and {left} are left on this bilan. Please talk to your consultant "
            "or your centre.",
            shortest=reader.duration(shortest),
            left=reader.duration(choices.hours.remaining_minutes),
        )
    if choices.last < choices.horizon:
        return reader.text("No time is free until {day}. Look at later days.", day=reader.day(choices.last))
    return reader.text(
        "No time is free until {day}. Your consultant can open more: please ask them, and look again later.",
        day=reader.day(choices.horizon),
    )
