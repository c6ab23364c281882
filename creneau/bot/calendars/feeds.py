"""Feeds: which there are, and a new address with what to do with it. An address is shown once, to its owner alone."""

from collections.abc import Mapping, Sequence

from creneau.bot import blocks
from creneau.bot.blocks import Block, View
from creneau.bot.calendars.ids import FEED_ISSUE, FEED_REVOKE, feed_value
from creneau.core.domain.feeds import CalendarProgram, FeedFetch, FeedKind, IssuedFeed
from creneau.core.i18n.reader import Reader


def list_of(reader: Reader, kinds: Sequence[FeedKind], issued: Mapping[FeedKind, IssuedFeed]) -> list[Block]:
    drawn = [blocks.context(reader.text("A program reads a feed now and then: a change may take hours to show there."))]
    for kind in kinds:
        drawn += _feed(reader, kind, issued.get(kind))
    return drawn


def address(reader: Reader, kind: FeedKind, https: str, webcal: str, further: str | None = None) -> View:
    """The address, as it is shown this once; `further` says the same to programs that ask for another form of it."""
    name, _ = _about(reader, kind)
    steps = [
        ("Apple", reader.text("File, New Calendar Subscription: paste the webcal address.")),
        ("Google", reader.text("On the web: Other calendars, +, From URL: paste the https address.")),
        ("Outlook", reader.text("Add calendar, Subscribe from web: paste the https address.")),
        ("Thunderbird", reader.text("New Calendar, On the Network: paste the https address.")),
    ]
    return blocks.modal(
        reader.text("Your feed"),
        reader.text("Back"),
        [
            blocks.section(f"*{blocks.literal(name)}*"),
            *(blocks.section(f"*{one.partition('://')[0]}*\n```{one}```") for one in (https, webcal)),
            *([blocks.section(f"{_further(reader, kind)}\n```{further}```")] if further else []),
            blocks.section(reader.text("Whoever has the address can read the feed. It is shown only now.")),
            blocks.section("\n".join(f"*{program}* · {blocks.literal(step)}" for program, step in steps)),
        ],
    )


def _further(reader: Reader, kind: FeedKind) -> str:
    if kind is FeedKind.BUSY:
        return reader.text("For programs that ask for a free-busy address:")
    return reader.text("For programs that read availability (VAVAILABILITY):")


def _feed(reader: Reader, kind: FeedKind, issued: IssuedFeed | None) -> list[Block]:
    name, about = _about(reader, kind)
    said = [name, about, *_state(reader, issued)]
    section = blocks.section("\n".join([f"*{blocks.literal(said[0])}*", *map(blocks.literal, said[1:])]))
    return [section, blocks.actions(_buttons(reader, kind, is_issued=issued is not None), f"feed-{kind}")]


def _state(reader: Reader, issued: IssuedFeed | None) -> list[str]:
    if issued is None:
        return [reader.text("No address yet.")]
    return [
        reader.text("Address given on {day}.", day=reader.day_of(issued.since)),
        _read(reader, issued.fetch) if issued.fetch else reader.text("No program has read it yet."),
    ]


def _read(reader: Reader, fetch: FeedFetch) -> str:
    programs = {
        CalendarProgram.APPLE: "Apple",
        CalendarProgram.GOOGLE: "Google",
        CalendarProgram.OUTLOOK: "Outlook",
        CalendarProgram.THUNDERBIRD: "Thunderbird",
        CalendarProgram.EVOLUTION: "Evolution",
        CalendarProgram.NEXTCLOUD: "Nextcloud",
        CalendarProgram.ANDROID: "Android",
        CalendarProgram.BROWSER: reader.text("a browser"),
        CalendarProgram.OTHER: reader.text("another program"),
    }
    return reader.text("Last read: {when}, by {program}.", when=reader.when(fetch.at), program=programs[fetch.program])


def _buttons(reader: Reader, kind: FeedKind, *, is_issued: bool) -> list[Block]:
    if not is_issued:
        return [blocks.button(reader.text("Get an address"), FEED_ISSUE, feed_value(kind))]
    rotate = blocks.confirm(
        reader.text("A new address?"),
        reader.text("The one you have stops working at once, in every program."),
        yes=reader.text("New address"),
        no=reader.text("Keep it"),
    )
    revoke = blocks.confirm(
        reader.text("Take the address back?"),
        reader.text("It stops working at once, in every program."),
        yes=reader.text("Take it back"),
        no=reader.text("Keep it"),
    )
    return [
        blocks.button(reader.text("New address"), FEED_ISSUE, feed_value(kind), confirm=rotate),
        blocks.button(reader.text("Take it back"), FEED_REVOKE, feed_value(kind), "danger", confirm=revoke),
    ]


def _about(reader: Reader, kind: FeedKind) -> tuple[str, str]:
    return {
        FeedKind.SESSIONS: (reader.text("Appointments"), reader.text("Your sessions, for your own calendar.")),
        FeedKind.AVAILABILITY: (reader.text("Bookable hours"), reader.text("When you can be booked.")),
        FeedKind.BUSY: (
            reader.text("Busy times"),
            reader.text("When you have sessions, and nothing else of them: to show to others."),
        ),
    }[kind]
