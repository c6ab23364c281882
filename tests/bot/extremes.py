"""Extreme values of every type that views are drawn from: the longest texts, the latest zones, many of everything.

Values are made from type hints, so that a new view is drawn here without a word, and a new field is filled.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import cache
from random import Random
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.bilan import BilanHours
from creneau.core.domain.booking import LIVE, Booking, Status
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.diary import PARTS_OF, Diary, Page, Part
from creneau.core.domain.errors import Refusal, SameTime, SlotBusyElsewhere, SlotOutsideRules
from creneau.core.domain.ids import BookingId
from creneau.core.domain.lifecycle import Action, possible_actions
from creneau.core.domain.people import Actor, Role, User
from creneau.core.domain.policy import Discretion, Policy
from creneau.core.domain.time import BookableTime, LocalSpan, Span
from creneau.core.domain.time_off import OtherHours
from creneau.core.i18n.reader import Reader
from creneau.core.usecases.choosing import Choices, Engagement

SECRET = "Éléonore-Épine"
"""Part of every text that people typed, so that it is found where it should not be seen."""
ZONES = ("America/Argentina/ComodRivadavia", "Antarctica/DumontDUrville", "Europe/Paris")
NAME = f"{SECRET} <!channel> *de* _la_ ~Tour~ `d’Auvergne` & <https://e.example|Fils> Maximilienne-Alexandrine"
LONG = (f"{SECRET} a écrit : " + "un texte <@U0MARIE> très long & *appuyé*, " * 60)[:1000]
LINK = "https://visio.example.org/" + "salle-" * 300
LONGEST_TEXTS = ("notes", "feedback", "materials")
LONG_TEXTS = ("reason", "notes", "feedback", "comment", "materials", "message", "location")
LENGTHS = (0, 1, 2, 7, 130)
MOST = {"drafts": 14, "proposals": 3}
"""Sequences that no form makes longer: two windows a day of the week, three times at once."""
PEOPLE = 3

hints_of = cache(get_type_hints)
"""Evaluated once a type: it is most of what making a value takes."""


class Extremes:
    """Makes values of one language; the same seed makes the same. `ids` names the ids to use, by type.

    `levels` are the discretion policies to choose from, `sizes` how many bookings a page of each part has.
    """

    def __init__(
        self,
        seed: int,
        locale: str,
        ids: Mapping[str, Sequence[UUID]] | None = None,
        levels: Sequence[Discretion] = tuple(Discretion),
        sizes: Mapping[Part, int] | None = None,
    ) -> None:
        self.levels = levels
        self.sizes = sizes or dict.fromkeys(Part, 12)
        self.random = Random(seed)  # noqa: S311 - samples, not secrets
        self.locale = locale
        self._ids = dict(ids or {})
        self._depth = 0

    def make(self, wanted: Any, name: str = "") -> Any:
        maker = _MAKERS.get(wanted)
        if maker is not None:
            return maker(self)
        if wanted == dict[str, Any]:  # a block that somebody else drew
            return {"type": "section", "text": {"type": "mrkdwn", "text": "Rendez-vous"}}
        if isinstance(wanted, NewType):
            return self.random.choice(self.pool(wanted))
        origin, arguments = get_origin(wanted), get_args(wanted)
        if origin in (Union, types.UnionType):
            return self._one_of(arguments, name)
        if origin is Literal:
            return self.random.choice(arguments)
        if origin in (Sequence, list, tuple, frozenset, set) or wanted in (tuple, list):
            return self._many(origin, arguments, name)
        if origin in (Mapping, dict):
            return self._mapping(arguments, name)
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return self.random.choice(list(wanted))
        if is_dataclass(origin or wanted):
            return self._record(wanted)
        return self._plain(wanted, name)

    def pool(self, kind: Any) -> Sequence[UUID]:
        """Return the few ids of a kind that everything refers to."""
        if kind.__name__ not in self._ids:
            self._ids[kind.__name__] = [UUID(int=self.random.getrandbits(128)) for _ in range(PEOPLE)]
        return self._ids[kind.__name__]

    def _one_of(self, arguments: tuple[Any, ...], name: str) -> Any:
        if type(None) in arguments and self.random.random() < 0.3:
            return None
        return self.make(self.random.choice([one for one in arguments if one is not type(None)]), name)

    def _many(self, origin: Any, arguments: tuple[Any, ...], name: str) -> Any:
        if origin is tuple and arguments and Ellipsis not in arguments:
            return tuple(self.make(one, name) for one in arguments)
        if isinstance(arguments[0], type) and issubclass(arguments[0], Enum):
            return [one for one in arguments[0] if self.random.random() < 0.7]
        lengths = LENGTHS if self._depth == 0 else LENGTHS[:4]
        self._depth += 1
        try:
            count = min(self.random.choice(lengths), MOST.get(name, max(lengths)))
            made = [self.make(arguments[0], name.removesuffix("s")) for _ in range(count)]
        finally:
            self._depth -= 1
        if is_dataclass(arguments[0]) and "id" in hints_of(arguments[0]):
            ids = [*self.pool(hints_of(arguments[0])["id"]), *(self.make(UUID) for _ in made)]
            made = [replace(row, id=one) for row, one in zip(made, ids, strict=False)]  # rows of one table
        if arguments[0] is BookableTime:  # as listed: in order, one of each start
            made = [time for _, time in sorted({time.span.starts_at: time for time in made}.items())]
        if arguments[0] is Engagement:  # one of each bilan, and one at least
            made = list({one.bilan.id: one for one in (self.make(Engagement) for _ in range(count or 1))}.values())
        if arguments[0] is Booking:
            made.sort(key=lambda booking: booking.span.starts_at)
        return made if origin in (Sequence, list) else origin(made)

    def _mapping(self, arguments: tuple[Any, ...], name: str) -> Any:
        key, value = arguments
        if isinstance(key, NewType):
            made = {one: self.make(value, name) for one in self.pool(key)}
            is_row = is_dataclass(value) and "id" in {field.name for field in fields(value)}
            return {one: replace(row, id=one) if is_row else row for one, row in made.items()}
        if isinstance(key, type) and issubclass(key, Enum):
            return {one: self.make(value, name) for one in key}
        return {self.make(key, name): self.make(value, name) for _ in range(self.random.choice(LENGTHS[:4]))}

    def _record(self, wanted: Any) -> Any:
        """Make a record, also one of a generic kind, such as a page of users."""
        kind = get_origin(wanted) or wanted
        parameters = dict(zip(getattr(kind, "__parameters__", ()), get_args(wanted), strict=True))
        hints = {name: _filled(hint, parameters) for name, hint in hints_of(kind).items()}
        return kind(**{field.name: self.make(hints[field.name], field.name) for field in fields(kind) if field.init})

    def _plain(self, wanted: Any, name: str) -> Any:
        if wanted is str:
            return self._text(name)
        if wanted is bool:
            return self.random.random() < 0.5
        if wanted is int:
            return self._number(name)
        if wanted is float:
            return self.random.choice([0.0, 4.75])
        raise TypeError(f"no extreme value of {wanted} for {name}: name one in tests/bot/extremes.py")

    def _text(self, name: str) -> str:
        if "zone" in name:
            return self.random.choice(ZONES)
        if name == "locale":
            return self.locale
        if name == "title":
            return "x" * 24  # what titles say is looked at where they are said
        if name == "action":
            return self.random.choice(list(Action)).value
        if name == "email":
            return f"{'marie.durand' * 5}@{'exemple' * 5}.example.org"
        if any(word in name for word in ("link", "url", "href", "address", "https", "webcal", "further")):
            return LINK
        if name.endswith("_id") or name in ("ts", "hash"):
            return "U0ABCDEFGHIJ"
        if any(word in name for word in LONGEST_TEXTS):
            return LONG * 4
        return LONG if any(word in name for word in LONG_TEXTS) else NAME

    def _number(self, name: str) -> int:
        if "minutes" in name:
            return self.random.choice([5, 90, 475, 1440])
        if "rating" in name:
            return self.random.choice([1, 5])
        if "day_of_week" in name:
            return self.random.choice([0, 6])
        if "page" in name:
            return self.random.choice([0, 1])
        return self.random.choice([0, 1, 2, 100])


def _filled(hint: Any, parameters: Mapping[Any, Any]) -> Any:
    """Put the type that a generic record is of in the place of its parameter."""
    if hint in parameters:
        return parameters[hint]
    open_ = getattr(hint, "__parameters__", ())
    return hint[tuple(parameters.get(one, one) for one in open_)] if parameters and open_ else hint


def _instant(extremes: Extremes) -> datetime:
    return datetime(2026, 11, 30, 8, 0, tzinfo=UTC) + timedelta(minutes=15 * extremes.random.randrange(4000))


def _span(extremes: Extremes) -> Span:
    starts_at = _instant(extremes)
    return Span(starts_at, starts_at + timedelta(minutes=extremes.random.choice([5, 90, 475])))


def _local(extremes: Extremes) -> LocalSpan:
    return LocalSpan(_instant(extremes).date(), time(9), time(16, 55), extremes.random.choice(ZONES))


def _wall(extremes: Extremes) -> time:
    return time(extremes.random.randrange(24), 45)


def _reader(extremes: Extremes) -> Reader:
    return Reader(extremes.locale, extremes.random.choice(ZONES))


def _file(extremes: Extremes) -> BookingFile:
    """A booking file whose people are the booking's."""
    booking = extremes.make(Booking)
    hints = hints_of(BookingFile)
    made = {
        field.name: extremes.make(hints[field.name], field.name)
        for field in fields(BookingFile)
        if field.name not in ("booking", "consultant", "beneficiary")
    }
    consultant = replace(extremes.make(User), id=booking.consultant_id)
    beneficiary = replace(extremes.make(User), id=booking.beneficiary_id)
    return BookingFile(booking=booking, consultant=consultant, beneficiary=beneficiary, **made)


def _draft(extremes: Extremes) -> SlotDraft:
    """Hours of a weekday or of a date, not of both."""
    draft = extremes._record(SlotDraft)
    on = extremes.random.choice(
        [{"day_of_week": None, "date_specific": extremes.make(date)}, {"date_specific": None, "day_of_week": 6}]
    )
    return replace(draft, **on)


def _choices(extremes: Extremes) -> Choices:
    """The chosen bilan is one of those there are, each of which is there once."""
    choices = extremes._record(Choices)
    others = {engagement.bilan.id: engagement for engagement in (*choices.engagements, choices.chosen)}
    return replace(choices, engagements=tuple(others.values()), chosen=others[choices.chosen.bilan.id])


def _other_hours(extremes: Extremes) -> OtherHours:
    """A day has two windows at most in its form."""
    hours = extremes._record(OtherHours)
    return replace(hours, slots=hours.slots[:2])


def _booking(extremes: Extremes) -> Booking:
    """A booking of two different people."""
    booking = extremes._record(Booking)
    if booking.consultant_id == booking.beneficiary_id:
        others = [one for one in extremes.pool(hints_of(Booking)["consultant_id"]) if one != booking.consultant_id]
        booking = replace(booking, beneficiary_id=others[0])
    return booking


def _diary(extremes: Extremes) -> Diary:
    """A diary with the parts of its reader's role, each a page of a list: empty, short or as long as pages get."""
    reader, policy = extremes.make(User), extremes.make(Policy)
    now = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    bookings = {part: _listed(extremes, part, reader) for part in PARTS_OF[reader.role]}
    shown = [booking for listed in bookings.values() for booking in listed]
    proposed = {one.id: extremes.random.choice((one.consultant_id, reader.id)) for one in shown[::3]}
    parts = {}
    for part, listed in bookings.items():
        total = len(listed) + extremes.random.choice([0, 95]) * bool(listed)
        number = extremes.random.choice([0, 1]) if total > len(listed) else 0
        parts[part] = Page(tuple(listed), total, number, len(listed) or 1)
    sides = {side for booking in shown for side in (booking.consultant_id, booking.beneficiary_id)}
    actor = Actor.from_user(reader)
    return Diary(
        reader,
        now,
        parts,
        {side: replace(extremes.make(User), id=side) for side in sides},
        proposed,
        {one.id: possible_actions(one, actor, policy, now, is_proposed_to=one.id in proposed) for one in shown},
        extremes.random.choice([None, *shown]),
        extremes.make(BilanHours | None),
    )


def _listed(extremes: Extremes, part: Part, reader: User) -> list[Booking]:
    """Bookings of a page of a part, with its reader on one side, in order."""
    size = extremes.sizes[part]
    states = set(Status) - LIVE if part is Part.PAST else LIVE
    made = []
    for _ in range(extremes.random.choice([0, 1, size])):
        booking = replace(extremes.make(Booking), id=BookingId(extremes.make(UUID)))
        booking = replace(booking, status=extremes.random.choice(sorted(states)))
        side = "consultant_id" if reader.role is Role.CONSULTANT else "beneficiary_id"
        made.append(booking if reader.role is Role.ORG_ADMIN else replace(booking, **{side: reader.id}))
    return sorted(made, key=lambda booking: booking.span.starts_at, reverse=part is Part.PAST)


_MAKERS: dict[Any, Callable[[Extremes], Any]] = {
    datetime: _instant,
    date: lambda extremes: _instant(extremes).date(),
    time: _wall,
    timedelta: lambda extremes: timedelta(minutes=extremes.random.choice([5, 90, 475])),
    Span: _span,
    LocalSpan: _local,
    Reader: _reader,
    Booking: _booking,
    BookingFile: _file,
    SlotDraft: _draft,
    Discretion: lambda extremes: extremes.random.choice(extremes.levels),
    Diary: _diary,
    Choices: _choices,
    OtherHours: _other_hours,
    Refusal: lambda extremes: extremes.random.choice([SlotOutsideRules(), SlotBusyElsewhere(), SameTime()]),
    UUID: lambda extremes: UUID(int=extremes.random.getrandbits(128)),
}
