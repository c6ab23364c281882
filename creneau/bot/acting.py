"""Buttons that act at once: what came of a click is shown where it was made, and on every message of the booking."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import BoltContext
from slack_sdk import WebClient

from creneau.bot.acknowledging import show
from creneau.bot.details.ids import DETAILS_VIEW
from creneau.bot.details.reader import DetailsReader
from creneau.bot.failures import tell
from creneau.bot.outbox import Outbox
from creneau.bot.person import get_person
from creneau.bot.refusals import sentence
from creneau.bot.sessions.ids import SESSIONS_VIEW, Shown
from creneau.bot.sessions.reader import SessionsReader
from creneau.core.domain.errors import Refusal
from creneau.core.domain.ids import BookingId
from creneau.core.domain.people import Actor
from creneau.core.services.people import PeopleService


class Acting:
    def __init__(self, people: PeopleService, outbox: Outbox, details: DetailsReader, sessions: SessionsReader) -> None:
        self._people = people
        self._outbox = outbox
        self._details = details
        self._sessions = sessions

    def act(
        self,
        body: Mapping[str, Any],
        context: BoltContext,
        client: WebClient,
        booking_id: BookingId,
        move: Callable[[Actor, BookingId], object],
    ) -> None:
        """Make the move and show it; a stale or double click is told the state, and its message brought up to date."""
        person, view = get_person(self._people, body), body.get("view", {})
        listed = view.get("callback_id") == SESSIONS_VIEW
        shown = Shown.from_metadata(view["private_metadata"]) if listed else None
        said = None
        try:
            move(person.actor, booking_id)
        except Refusal as refusal:
            said = sentence(person.reader, refusal)
        if view.get("callback_id") == DETAILS_VIEW:
            show(client, view["id"], self._details.draw(person, booking_id, said))
        elif said:
            tell(context, client, said)
        if shown is not None:
            show(client, view["id"], self._sessions.draw(person, shown))
        self._outbox.refresh_now(person.user.organization_id, booking_id)
