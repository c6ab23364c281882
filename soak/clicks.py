"""What a person does in Slack. A click gets no answer there: each is remembered as what may have been done."""

import random
from collections.abc import Callable
from contextlib import suppress

from creneau.bot.answering.ids import (
    PROPOSAL_ACCEPT,
    PROPOSAL_REFUSE,
    PROPOSE_VIEW,
    TIMES_BLOCK,
    read_proposal_value,
)
from creneau.bot.buttons import ANSWER_PROPOSE
from creneau.bot.ids import ANSWER_CONFIRM, read_booking_value
from creneau.demo.slack import Actor, Message, View
from creneau.demo.slack.workspace import Json
from soak.told import Told

_LOOKS_AT = 60
"""How many messages back a person looks for a button."""
_FIRST_TIMES = 8
_MOST_TIMES = 3


class Clicks:
    def __init__(self, person: Actor, told: Told, draw: random.Random) -> None:
        self._person = person
        self._told = told
        self._draw = draw

    def confirm(self) -> None:
        """Confirm whatever can be confirmed."""
        self._press(ANSWER_CONFIRM, "CONFIRM")

    def refuse(self) -> None:
        self._press(PROPOSAL_REFUSE, "REFUSE")

    def accept(self, booking_id: str | None = None) -> None:
        """Take one of the times proposed, of one booking or of any."""
        self._press(PROPOSAL_ACCEPT, "ACCEPT", lambda value: booking_id in (None, str(read_proposal_value(value)[0])))

    def propose(self) -> None:
        """Open the window of other times at some booking, choose from the first ones, and send it."""
        if not self._press(ANSWER_PROPOSE):
            return
        with suppress(TimeoutError, LookupError):  # nothing came, or it says that it is too late
            [window] = self._person.wait_for(self._windows)
            first = window.options(TIMES_BLOCK)[:_FIRST_TIMES]
            self._person.check(
                TIMES_BLOCK, self._draw.sample(first, min(len(first), self._draw.randint(1, _MOST_TIMES)))
            )
            self._told.doubt(str(read_booking_value(window.body["private_metadata"])), "PROPOSE")
            self._person.submit()
        with suppress(LookupError):  # it has closed by itself
            self._person.close_modal(is_whole_stack=True)

    def _windows(self) -> list[View]:
        return [shown for shown in (self._person.modal,) if shown is not None and shown.callback_id == PROPOSE_VIEW]

    def _press(self, name: str, action: str | None = None, is_meant: Callable[[str], bool] = bool) -> bool:
        """Press one of the buttons whose name begins so; false when there is none. No action: it opens a window."""
        offered = [
            (message, block, element)
            for message in self._person.messages[-_LOOKS_AT:]
            for block, element in message.elements()
            if element.get("action_id", "").startswith(name) and is_meant(element["value"])
        ]
        if not offered:
            return False
        self._send(*self._draw.choice(offered), action)
        return True

    def _send(self, message: Message, block: Json, element: Json, action: str | None) -> None:
        if action == "ACCEPT":
            self._told.doubt(str(read_proposal_value(element["value"])[0]), action)
        elif action is not None:
            self._told.doubt(str(read_booking_value(element["value"])), action)
        self._person.gestures.press(message, block, element)
