"""Windows about one booking, opened by its buttons and sent back: drawn, or else the refusal told in them."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient

from creneau.bot import modals
from creneau.bot.acknowledging import show
from creneau.bot.blocks import View
from creneau.bot.ids import read_booking_value
from creneau.bot.outbox import Outbox
from creneau.bot.person import Person, get_person
from creneau.bot.refusals import sentence
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.errors import Refusal, TextInvalid
from creneau.core.domain.ids import BookingId
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.people import PeopleService


class BookingWindow:
    def __init__(self, people: PeopleService, files: BookingFileService, outbox: Outbox) -> None:
        self._people = people
        self._files = files
        self._outbox = outbox

    def open(
        self,
        body: Mapping[str, Any],
        context: BoltContext,
        client: WebClient,
        draw: Callable[[Person, BookingFile], View],
    ) -> None:
        """Open a window and draw it; where `draw` refuses, say why in it and bring the messages up to date."""
        view_id = modals.open_loading(client, body, context)
        person, booking_id = get_person(self._people, body), read_booking_value(body["actions"][0]["value"])
        try:
            view = draw(person, self._files.open_booking_file(person.actor, booking_id))
        except Refusal as refusal:
            view = self.refused(person, refusal)
            self._outbox.refresh_now(person.user.organization_id, booking_id)
        show(client, view_id, view)

    def submit(
        self,
        ack: Ack,
        person: Person,
        booking_id: BookingId,
        act: Callable[[], object],
        block_of: Callable[[str], str],
    ) -> None:
        """Do what a window asks for, close it, and bring the messages up to date.

        A text that cannot be kept is told at its field (`block_of` names its block), another refusal in its place.
        """
        try:
            act()
        except TextInvalid as refusal:
            block_id = block_of(str(refusal.details["field"]))
            ack(response_action="errors", errors={block_id: sentence(person.reader, refusal)})
            return
        except Refusal as refusal:
            ack(response_action="update", view=self.refused(person, refusal))
        else:
            ack(response_action="clear")
        self._outbox.refresh_now(person.user.organization_id, booking_id)

    @staticmethod
    def refused(person: Person, refusal: Refusal, title: str | None = None) -> View:
        return modals.told(person.reader, title or person.reader.text("Appointment"), sentence(person.reader, refusal))
