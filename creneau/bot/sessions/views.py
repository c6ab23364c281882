"""The list that `/sessions` shows, in a window that nobody else sees."""

from creneau.bot import blocks
from creneau.bot.blocks import Block, View
from creneau.bot.sessions.ids import (
    PARTS,
    SESSIONS_FILTER,
    SESSIONS_NEXT,
    SESSIONS_OPEN,
    SESSIONS_PREVIOUS,
    SESSIONS_VIEW,
    Filter,
    Shown,
)
from creneau.bot.sessions.paging import MOST_BLOCKS as PAGING_BLOCKS
from creneau.bot.sessions.paging import paging
from creneau.bot.sessions.rows import MOST_BLOCKS_A_ROW, rows
from creneau.core.domain.diary import Diary, Part
from creneau.core.domain.people import Role
from creneau.core.i18n.reader import Reader

SIZES = dict.fromkeys(Part, 10)
MOST_BLOCKS = 2 * (10 * MOST_BLOCKS_A_ROW + PAGING_BLOCKS + 1) + 3
"""Two parts of ten rows, each with a title; the filter, what there is nothing of, the zone."""

_FILTERS = {
    Role.BENEFICIARY: (Filter.COMING, Filter.AWAITING, Filter.PAST),
    Role.CONSULTANT: (Filter.COMING, Filter.AWAITING, Filter.TO_RECORD, Filter.PAST),
    Role.ORG_ADMIN: (Filter.COMING, Filter.AWAITING, Filter.TO_RECORD, Filter.PAST),
}


def sessions(diary: Diary, shown: Shown) -> View:
    """Draw one page of what a filter lets through; one that the reader is not offered is none."""
    reader, offered = Reader.from_user(diary.reader), _FILTERS[diary.reader.role]
    chosen = shown.filter if shown.filter in offered else Filter.COMING
    parts = [part for part in PARTS[chosen] if part in diary.parts and diary.parts[part].total]
    listed: list[Block] = []
    for part in parts:
        page = diary.parts[part]
        if len(PARTS[chosen]) > 1:
            listed.append(blocks.header(reader.text("Today") if part is Part.TODAY else reader.text("Coming sessions")))
        listed += rows(reader, diary, part, page)
        listed += paging(reader, part, page, SESSIONS_PREVIOUS, SESSIONS_NEXT)
    return blocks.modal(
        reader.text("Sessions"),
        reader.text("Close"),
        [
            _filter(reader, diary.reader.role, chosen),
            *(listed or [blocks.section(reader.text("Nothing for now."))]),
            blocks.context(reader.text("Times are in {zone}.", zone=reader.zone_name())),
        ],
        callback_id=SESSIONS_VIEW,
        private_metadata=Shown(
            chosen, {part: page.number for part, page in diary.parts.items() if page.number}
        ).to_metadata(),
    )


def open_button(reader: Reader) -> Block:
    return blocks.button(reader.text("All sessions"), SESSIONS_OPEN, "v1")


def _filter(reader: Reader, role: Role, chosen: Filter) -> Block:
    names = {
        Filter.COMING: reader.text("Today and coming"),
        Filter.AWAITING: reader.text("Waiting too long for an answer")
        if role is Role.ORG_ADMIN
        else reader.text("Awaiting your answer"),
        Filter.TO_RECORD: reader.text("Over, to be recorded"),
        Filter.PAST: reader.text("Past sessions"),
    }
    options = {choice: blocks.option(names[choice], choice) for choice in _FILTERS[role]}
    return blocks.actions(
        [
            {
                "type": "static_select",
                "action_id": SESSIONS_FILTER,
                "options": list(options.values()),
                "initial_option": options[chosen],
            }
        ]
    )
