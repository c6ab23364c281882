"""The calendar modal, the way to our own page, and the question before a calendar is disconnected."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from creneau.bot import blocks
from creneau.bot.blocks import Block, View
from creneau.bot.calendars import feeds
from creneau.bot.calendars.ids import (
    CALENDAR_CONNECT,
    CALENDAR_LEAVE,
    CALENDAR_LEAVE_VIEW,
    CALENDAR_PAGE,
    CALENDAR_PUSH,
    HOURS_HIDE,
    HOURS_SHOW,
    KEEP,
    LEAVE_BLOCK,
    REMOVE,
)
from creneau.core.domain.calendar import CalendarHealth, HoursHealth, PushFailure
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.feeds import FeedKind, IssuedFeed
from creneau.core.i18n.reader import Reader

_LINK_MINUTES = 15
_CUT_OFF = frozenset({PushFailure.WRONG_PASSWORD, PushFailure.NOT_FOUND, PushFailure.UNREADABLE})
"""What only connecting again mends."""


def calendar(
    reader: Reader,
    health: CalendarHealth | None,
    kinds: Sequence[FeedKind],
    issued: Mapping[FeedKind, IssuedFeed],
    *,
    can_connect: bool,
    notice: str | None = None,
) -> View:
    """Everything about a person's calendars. `notice` says what was just done."""
    drawn: list[Block] = [blocks.section(blocks.literal(notice))] if notice else []
    if can_connect:
        drawn += [blocks.header(reader.text("Your CalDAV calendar")), *_connection(reader, health)]
    drawn += [blocks.header(reader.text("Feeds for calendar programs")), *feeds.list_of(reader, kinds, issued)]
    drawn.append(blocks.context(reader.text("Times are in {zone}.", zone=reader.zone_name())))
    return blocks.modal(reader.text("My calendars"), reader.text("Close"), drawn)


def page_link(reader: Reader, address: str) -> View:
    """The way to our page: passwords are not typed into Slack."""
    button = {
        **blocks.button(reader.text("Open the page"), CALENDAR_PAGE, "v1", "primary"),
        "url": address,
    }
    minutes = reader.duration(_LINK_MINUTES)
    return blocks.modal(
        reader.text("Connect a calendar"),
        reader.text("Back"),
        [
            blocks.section(
                reader.text("The account is entered on a page of this service: never type a password here.")
            ),
            blocks.actions([button]),
            blocks.context(reader.text("The link is yours alone. It works once, for {minutes}.", minutes=minutes)),
        ],
    )


def leave(reader: Reader) -> View:
    """Ask what becomes of what stands in the calendar: nothing stays behind unless that is asked for."""
    options = [
        blocks.option(reader.text("Remove it from the calendar"), REMOVE),
        blocks.option(reader.text("Leave it in the calendar"), KEEP),
    ]
    question: Block = {
        "type": "input",
        "block_id": LEAVE_BLOCK,
        "label": blocks.plain(reader.text("What Creneau put there")),
        "element": {
            "type": "radio_buttons",
            "action_id": LEAVE_BLOCK,
            "options": options,
            "initial_option": options[0],
        },
    }
    return blocks.modal(
        reader.text("Disconnect"),
        reader.text("Back"),
        [
            question,
            blocks.context(
                reader.text(
                    "New sessions no longer go to this calendar, and events in it no longer block your times. Your own"
                    " events stay as they are."
                )
            ),
        ],
        callback_id=CALENDAR_LEAVE_VIEW,
        submit=blocks.plain(reader.text("Disconnect")),
    )


def refused(reader: Reader, said: str) -> View:
    return blocks.modal(reader.text("My calendars"), reader.text("Close"), [blocks.section(blocks.literal(said))])


def _connection(reader: Reader, health: CalendarHealth | None) -> list[Block]:
    if health is None:
        return [
            blocks.section(reader.text("No calendar is connected. Confirmed sessions could be put into yours.")),
            blocks.actions([blocks.button(reader.text("Connect a calendar"), CALENDAR_CONNECT, "v1", "primary")]),
        ]
    host = urlsplit(health.calendar_url).hostname or ""
    pushed = reader.when(health.pushed_at) if health.pushed_at else reader.text("not yet")
    drawn = [
        blocks.fields(
            (reader.text("Connected"), " · ".join(filter(None, (health.username, host, server_name(health.server))))),
            (reader.text("Since"), reader.when(health.linked_at)),
            (reader.text("Last sent"), pushed),
            (reader.text("Waiting to be sent"), reader.many("{count} session", "{count} sessions", health.waiting)),
        )
    ]
    if health.failure is not None and health.failed_at is not None:
        said = reader.text("Last failure, {when}:", when=reader.when(health.failed_at))
        drawn.append(_failed(reader, said, health.failure))
    if health.refused:
        drawn.append(blocks.context(refused_sentence(reader, health.refused)))
    drawn += _reading(reader, health)
    drawn += _hours(reader, health.hours)
    is_cut_off = bool({health.failure, health.read_failure} & _CUT_OFF)
    is_behind = bool(health.waiting or health.refused) and not is_cut_off
    connect = reader.text("Connect again") if is_cut_off else reader.text("Connect again or another")
    buttons = [
        blocks.button(reader.text("Send again now"), CALENDAR_PUSH, "v1", "primary" if is_behind else None),
        blocks.button(connect, CALENDAR_CONNECT, "v1", "primary" if is_cut_off else None),
        blocks.button(reader.text("Disconnect"), CALENDAR_LEAVE, "v1", "danger"),
    ]
    return [*drawn, blocks.actions(buttons)]


def server_name(server: ServerKind) -> str | None:
    """Return what a server's makers call it; None where it did not tell what it is."""
    return {
        ServerKind.BAIKAL: "Baïkal",
        ServerKind.CYRUS: "Cyrus",
        ServerKind.DAVICAL: "DAViCal",
        ServerKind.FASTMAIL: "Fastmail",
        ServerKind.GMX: "GMX",
        ServerKind.GOOGLE: "Google",
        ServerKind.ICLOUD: "iCloud",
        ServerKind.NEXTCLOUD: "Nextcloud",
        ServerKind.OPEN_XCHANGE: "Open-Xchange",
        ServerKind.PURELYMAIL: "Purelymail",
        ServerKind.RADICALE: "Radicale",
        ServerKind.SABRE: "sabre/dav",
        ServerKind.SOGO: "SOGo",
        ServerKind.STALWART: "Stalwart",
        ServerKind.XANDIKOS: "Xandikos",
        ServerKind.ZIMBRA: "Zimbra",
        ServerKind.UNKNOWN: None,
    }[server]


def _reading(reader: Reader, health: CalendarHealth) -> list[Block]:
    """When busy time was last read, and what could not be."""
    read = reader.when(health.read_at) if health.read_at else reader.text("not yet")
    drawn = [blocks.fields((reader.text("Busy time last read"), read))]
    if health.read_failure is not None and health.read_failed_at is not None:
        said = reader.text("Reading failed, {when}:", when=reader.when(health.read_failed_at))
        drawn.append(_failed(reader, said, health.read_failure))
    if health.doubtful:
        said = reader.many(
            "{count} event could not be read in full.", "{count} events could not be read in full.", health.doubtful
        )
        drawn.append(blocks.context(said))
    return drawn


def _hours(reader: Reader, hours: HoursHealth | None) -> list[Block]:
    """Where the bookable hours are shown, and the button that changes it."""
    if hours is None or hours.is_ending:
        said = reader.text("They are not shown in your account.")
        button = blocks.button(reader.text("Show bookable hours"), HOURS_SHOW, "v1")
    else:
        said = reader.text("In a calendar of their own") if hours.is_own else reader.text("In the calendar you chose")
        button = blocks.button(reader.text("Hide bookable hours"), HOURS_HIDE, "v1")
    facts = [(reader.text("Bookable hours"), said)]
    if hours is not None and not hours.is_ending:
        told = reader.when(hours.told_at) if hours.told_at else reader.text("not yet")
        facts.append((reader.text("Hours last in step"), told))
    drawn = [blocks.fields(*facts)]
    if hours is not None and hours.failure is not None and hours.failed_at is not None:
        failed = reader.text("Showing hours failed, {when}:", when=reader.when(hours.failed_at))
        drawn.append(_failed(reader, failed, hours.failure))
    return [*drawn, blocks.actions([button])]


def _failed(reader: Reader, said: str, failure: PushFailure) -> Block:
    return blocks.section(f"*{blocks.literal(said)}*\n{blocks.literal(failure_sentence(reader, failure))}")


def refused_sentence(reader: Reader, count: int) -> str:
    return reader.many(
        "{count} session is refused by the server. It is sent again when it changes, or some hours later.",
        "{count} sessions are refused by the server. They are sent again when they change, or some hours later.",
        count,
    )


def failure_sentence(reader: Reader, failure: PushFailure) -> str:
    """What went wrong, and what the consultant can do."""
    return {
        PushFailure.WRONG_PASSWORD: reader.text(
            "The server no longer accepts the password. Connect the calendar again with a new one."
        ),
        PushFailure.HOST_NOT_ALLOWED: reader.text(
            "The address leads into a private network that is not allowed here. Please contact your administrator."
        ),
        PushFailure.NOT_FOUND: reader.text("The calendar is no longer there. Connect another one."),
        PushFailure.UNREACHABLE: reader.text("The server did not answer. It is tried again by itself."),
        PushFailure.REFUSED: reader.text("The server refused an event. It may be full, or not let us write."),
        PushFailure.OTHER_EVENT: reader.text("An event of somebody else stands in the place of a session."),
        PushFailure.MISTRUSTED: reader.text(
            "Many sessions vanished from the calendar at once. It is left alone until you have answered the message."
        ),
        PushFailure.NOT_MADE: reader.text(
            "The server does not let us make a calendar. Make one yourself, and choose it when you connect again."
        ),
        PushFailure.UNREADABLE: reader.text("The stored password cannot be read any more. Connect the calendar again."),
    }[failure]
