"""Every view and message that the code can draw: found by what functions say they return, and drawn."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from creneau import bot
from creneau.bot.home import views as home
from creneau.bot.message import Message
from creneau.bot.sessions import views as sessions
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.diary import Part
from creneau.core.domain.lifecycle import Action
from creneau.core.domain.messages import Purpose
from creneau.core.domain.people import User
from creneau.core.domain.policy import Discretion
from creneau.demo.slack.rendering import stored_blocks
from creneau.demo.slack.values import initial_values
from tests.bot.extremes import Extremes, hints_of

DRAWINGS = 20
FOLDER = Path(bot.__file__).parent
Json = dict[str, Any]


@dataclass(frozen=True)
class Painter:
    """A function that draws: `kind` is "View" or "Message"."""

    name: str
    kind: str
    draw: Callable[..., Any]


@cache
def painters() -> list[Painter]:
    """Every public function of the bot that returns a view or a message."""
    found = []
    for path in sorted(FOLDER.rglob("*.py")):
        module_name = ".".join(("creneau.bot", *path.relative_to(FOLDER).with_suffix("").parts)).removesuffix(
            ".__init__"
        )
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.returns is None:
                continue
            returns = ast.unparse(node.returns).removesuffix(" | None")
            if returns in ("View", "Message") and module_name not in BUILDERS:
                function = getattr(importlib.import_module(module_name), node.name)
                found.append(Painter(f"{module_name.removeprefix('creneau.bot.')}.{node.name}", returns, function))
    return found


BUILDERS = {"creneau.bot.blocks", "creneau.bot.discretion"}
"""Modules that make parts for others, with whatever they are given."""

CHOSEN: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "answering.views.draw": {
        "purpose": [Purpose.REQUEST, Purpose.RECEIPT, Purpose.CONFIRMED, Purpose.DECLINED, Purpose.CANCELLED]
    },
    "reminders.views.reminder": {"purpose": [Purpose.REMINDER_3D, Purpose.REMINDER_24H, Purpose.REMINDER_1H]},
    "reminders.views.chase": {"purpose": [Purpose.CHASE, Purpose.LAST_CHASE]},
    "changing.views.too_late": {"action": [Action.CANCEL, Action.RESCHEDULE]},
}
"""Arguments that only some values fit: painter, parameter, values to choose from."""


SIZES_OF: Mapping[str, Mapping[Part, int]] = {
    "home.views.home": home.SIZES,
    "sessions.views.sessions": sessions.SIZES,
}
"""How long the pages of a diary are that a painter is given."""


def drawings(
    painter: Painter,
    locale: str,
    ids: Mapping[str, Sequence[UUID]] | None = None,
    times: int = DRAWINGS,
    levels: Sequence[Discretion] = tuple(Discretion),
) -> Iterator[Any]:
    """Draw with extreme values, again and again, in one language."""
    signature = inspect.signature(painter.draw)
    hints = hints_of(painter.draw)
    for seed in range(times):
        extremes = Extremes(seed, locale, ids, levels, SIZES_OF.get(painter.name))
        given = {
            name: _argument(extremes, painter, name, hints[name])
            for name, parameter in signature.parameters.items()
            if parameter.default is parameter.empty or extremes.random.random() < 0.7
        }
        drawn = painter.draw(**_agreeing(extremes, given))
        if drawn is not None:
            yield drawn


@cache
def drawn_by(painter: Painter, locale: str) -> tuple[Any, ...]:
    """What a painter draws in a language, for tests that only look."""
    return tuple(drawings(painter, locale))


@cache
def discreetly_drawn_by(painter: Painter, locale: str) -> tuple[Any, ...]:
    """The same in centres that do not want everything told in a first line."""
    return tuple(drawings(painter, locale, levels=(Discretion.STRICT, Discretion.DISCREET)))


def _argument(extremes: Extremes, painter: Painter, name: str, wanted: Any) -> Any:
    chosen = CHOSEN.get(painter.name, {}).get(name)
    if chosen is not None:
        return extremes.random.choice(chosen)
    if wanted == Mapping[str, Any]:
        return _shown_before(extremes, painter)
    return extremes.make(wanted, name)


def _agreeing(extremes: Extremes, given: dict[str, Any]) -> dict[str, Any]:
    """Let the person to whom a booking's message goes be one of the booking's two."""
    file = next((value for value in given.values() if isinstance(value, BookingFile)), None)
    if file is None:
        return given
    two = (file.consultant, file.beneficiary)
    return {name: extremes.random.choice(two) if isinstance(value, User) else value for name, value in given.items()}


def _shown_before(extremes: Extremes, painter: Painter) -> Json:
    """A modal of the same module as Slack would send it back, to be drawn again."""
    module = painter.name.rsplit(".", 1)[0]
    others = [
        other
        for other in painters()
        if other.kind == "View"
        and other.name.startswith(module + ".")
        and Mapping[str, Any] not in hints_of(other.draw).values()
    ]
    other = extremes.random.choice(others)
    seed = extremes.random.randrange(5)
    return as_sent_back(list(drawings(other, extremes.locale, times=seed + 1))[-1])


def as_sent_back(view: Json) -> Json:
    """A view with its state, as Slack hands it to the app."""
    blocks = stored_blocks(view["blocks"])
    return {
        "id": "V1",
        "hash": "1.a",
        "private_metadata": "",
        **view,
        "blocks": blocks,
        "state": {"values": initial_values(blocks)},
    }


def blocks_of(drawn: Any) -> list[Json]:
    return drawn.blocks if isinstance(drawn, Message) else drawn["blocks"]
