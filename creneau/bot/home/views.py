"""App Home: what waits for its reader first, then what is next, today, coming and past, each a page at a time.

A page is so short that all of them together stay within Slack's hundred blocks: `MOST_BLOCKS` is the sum.
"""

from creneau.bot import blocks
from creneau.bot.administration.ids import BILANS_OPEN, PEOPLE_OPEN, RULES_OPEN
from creneau.bot.availability.ids import AVAILABILITY_OPEN
from creneau.bot.blocks import Block, View
from creneau.bot.buttons import book
from creneau.bot.calendars.ids import CALENDAR_OPEN
from creneau.bot.home.ids import HOME_NEXT, HOME_PREVIOUS, pages_metadata
from creneau.bot.preferences import views as preferences
from creneau.bot.sessions import views as sessions
from creneau.bot.sessions.paging import paging
from creneau.bot.sessions.rows import MOST_BLOCKS_A_ROW, rows
from creneau.core.domain.diary import CentreState, Diary, Part
from creneau.core.domain.people import Role
from creneau.core.i18n.reader import Reader

SIZES = {Part.TO_ANSWER: 6, Part.TO_RECORD: 4, Part.TODAY: 8, Part.COMING: 6, Part.PAST: 5}
"""How many sessions a page of each part has."""
_BLOCKS_A_ROW = dict.fromkeys(Part, 2) | {Part.COMING: MOST_BLOCKS_A_ROW, Part.PAST: 1}
_AROUND_A_PART = 3  # its title, its paging, the line under it
_AROUND = 12  # what is next, hours, buttons, the state of the centre, the zone
MOST_BLOCKS = sum(SIZES[part] * _BLOCKS_A_ROW[part] + _AROUND_A_PART for part in Part) + _AROUND

_ALWAYS_SHOWN = {
    Role.BENEFICIARY: {Part.COMING},
    Role.CONSULTANT: {Part.TO_ANSWER, Part.TODAY, Part.COMING},
    Role.ORG_ADMIN: {Part.TO_ANSWER, Part.TODAY},
}
"""The parts that say so when they are empty. The others are left out."""
_NOT_AT_HOME = {Role.ORG_ADMIN: {Part.TO_RECORD, Part.COMING, Part.PAST}}
"""What an administrator looks up with `/sessions`: the home shows what needs them."""


def home(diary: Diary) -> View:
    """Draw the home of a diary's reader."""
    reader = Reader.from_user(diary.reader)
    role = diary.reader.role
    rest = [part for part in diary.parts if part is not Part.TO_ANSWER and part not in _NOT_AT_HOME.get(role, ())]
    is_empty = role is not Role.ORG_ADMIN and not any(page.total for page in diary.parts.values())
    drawn = [
        *([_first_steps(reader, diary)] if is_empty else []),
        *_part(reader, diary, Part.TO_ANSWER),
        *_next_and_hours(reader, diary),
        *_centre(reader, diary.centre),
        *_ways_on(reader, diary),
        *(block for part in rest for block in _part(reader, diary, part)),
    ]
    drawn.append(blocks.context(reader.text("Times are in {zone}.", zone=reader.zone_name())))
    return {
        "type": "home",
        "blocks": drawn,
        "private_metadata": pages_metadata({part: page.number for part, page in diary.parts.items()}),
    }


def stranger(sentence: str) -> View:
    return {"type": "home", "blocks": [blocks.section(blocks.literal(sentence))]}


def _first_steps(reader: Reader, diary: Diary) -> Block:
    """What to do first, for somebody with nothing before or behind them."""
    if diary.reader.role is Role.CONSULTANT:
        return blocks.section(
            reader.text(
                "No request and no session yet. Once your availability is there, people can book; their requests "
                "appear here."
            )
        )
    if diary.hours is None:
        return blocks.section(reader.text("bilan.not_active"))
    return blocks.section(reader.text("No appointment yet. Choose a first time with your consultant."))


def _next_and_hours(reader: Reader, diary: Diary) -> list[Block]:
    drawn = []
    if diary.next is not None:
        with_whom = ", ".join(blocks.literal(other.name) for other in diary.others(diary.next))
        drawn.append(
            blocks.section(
                reader.text(
                    "*Next appointment:* {when}, {name}.", when=reader.when(diary.next.span.starts_at), name=with_whom
                )
            )
        )
    hours = diary.hours
    if hours is not None and hours.purchased_minutes is not None:
        drawn.append(
            blocks.section(
                reader.text(
                    "*Hours:* {used} used of {purchased}, {left} left.",
                    used=reader.duration(hours.used_minutes),
                    purchased=reader.duration(hours.purchased_minutes),
                    left=reader.duration(hours.remaining_minutes),
                )
            )
        )
    elif hours is not None:
        drawn.append(blocks.section(reader.text("*Hours:* {used} used.", used=reader.duration(hours.used_minutes))))
    return drawn


def _centre(reader: Reader, centre: CentreState | None) -> list[Block]:
    """How the centre stands with Slack: what is to be done first, otherwise that all is well."""
    if centre is None:
        return []
    said = []
    if centre.access_ends_at is not None:
        said.append(
            reader.text(
                "The access of this app ends on {when}. Please have it installed again before that.",
                when=reader.when(centre.access_ends_at),
            )
        )
    if centre.unlinked:
        said.append(
            reader.many(
                "{count} person is not linked to Slack yet: the button People lets you link them.",
                "{count} people are not linked to Slack yet: the button People lets you link them.",
                centre.unlinked,
            )
        )
    if not said:
        said.append(reader.text("The app is installed, and everybody is linked."))
    return [blocks.section(f"*{reader.text('Slack:')}* {' '.join(said)}")]


def _ways_on(reader: Reader, diary: Diary) -> list[Block]:
    buttons = []
    if diary.reader.role is Role.BENEFICIARY and diary.hours is not None:
        buttons.append(book(reader))
    if diary.reader.role is Role.CONSULTANT:
        buttons.append(blocks.button(reader.text("Availability"), AVAILABILITY_OPEN, "v1"))
        buttons.append(blocks.button(reader.text("Calendar"), CALENDAR_OPEN, "v1"))
    if diary.reader.role is Role.ORG_ADMIN:
        buttons += [
            blocks.button(reader.text("People"), PEOPLE_OPEN, "v1"),
            blocks.button(reader.text("Engagements"), BILANS_OPEN, "v1"),
            blocks.button(reader.text("Rules of the centre"), RULES_OPEN, "v1"),
        ]
    return [blocks.actions([*buttons, sessions.open_button(reader), preferences.open_button(reader)])]


def _part(reader: Reader, diary: Diary, part: Part) -> list[Block]:
    page = diary.parts[part]
    if not page.total and not _is_told_when_empty(diary, part):
        return []
    drawn = [blocks.header(_title(reader, diary, part))]
    if not page.total:
        return [*drawn, blocks.section(reader.text("Nothing for now."))]
    return [*drawn, *rows(reader, diary, part, page), *paging(reader, part, page, HOME_PREVIOUS, HOME_NEXT)]


def _is_told_when_empty(diary: Diary, part: Part) -> bool:
    """Tell whether it is said that nothing is there: not under "Your appointments" below those of today."""
    role = diary.reader.role
    if role is Role.BENEFICIARY and part is Part.COMING and diary.parts[Part.TODAY].total:
        return False
    return part in _ALWAYS_SHOWN[role]


def _title(reader: Reader, diary: Diary, part: Part) -> str:
    role = diary.reader.role
    if part is Part.TO_ANSWER and role is Role.ORG_ADMIN:
        return reader.text("Waiting too long for an answer")
    if part is Part.COMING and role is Role.BENEFICIARY:
        return reader.text("Your appointments")
    return {
        Part.TO_ANSWER: reader.text("Awaiting your answer"),
        Part.TO_RECORD: reader.text("Over, to be recorded"),
        Part.TODAY: reader.text("Today"),
        Part.COMING: reader.text("Coming sessions"),
        Part.PAST: reader.text("Past sessions"),
    }[part]
