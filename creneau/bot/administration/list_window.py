"""A list in a window: opened, turned page by page, and drawn again when a form that it opened has acted."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient

from creneau.bot import modals
from creneau.bot.acknowledging import show
from creneau.bot.administration import ids
from creneau.bot.blocks import View
from creneau.bot.person import Person, get_person
from creneau.bot.refusals import sentence
from creneau.core.domain.errors import Refusal
from creneau.core.services.people import PeopleService


class ListWindow:
    """`draw` draws a page, counted from 0, for the person who looks."""

    def __init__(self, people: PeopleService, draw: Callable[[Person, int], View]) -> None:
        self._people = people
        self._draw = draw

    def open(self, ack: Ack, body: Mapping[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        view_id = modals.open_loading(client, body, context)
        show(client, view_id, self._draw(get_person(self._people, body), 0))

    def turn(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        ack()
        page = ids.read_number(body["actions"][0]["value"])
        show(client, body["view"]["id"], self._draw(get_person(self._people, body), page))

    def save(
        self,
        ack: Ack,
        body: Mapping[str, Any],
        client: WebClient,
        person: Person,
        act: Callable[[], object],
        block_of: Callable[[Refusal], str | None],
    ) -> None:
        """Act and show the list as it is then; what is refused stands at its field, or at the first one."""
        fields = [block["block_id"] for block in body["view"]["blocks"] if block["type"] == "input"]
        try:
            act()
        except Refusal as refusal:
            block = block_of(refusal) or next(iter(fields), None)
            if block is None:
                raise
            ack(response_action="errors", errors={block: sentence(person.reader, refusal)})
        else:
            ack()
            modals.show_beneath(client, body, self._draw(person, 0))
