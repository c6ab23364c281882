"""The button Place opens a window in the details of a session; saving it brings every message up to date."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot import inputs
from creneau.bot.blocks import View
from creneau.bot.booking_window import BookingWindow
from creneau.bot.buttons import SESSION_PLACE
from creneau.bot.ids import read_booking_value, reading
from creneau.bot.outbox import Outbox
from creneau.bot.person import Person, get_person
from creneau.bot.placing import views
from creneau.bot.placing.views import LINK_BLOCK, LOCATION_BLOCK, PLACE_VIEW
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.meeting_place import MeetingPlace, require_placeable
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService


class PlacingListeners:
    def __init__(
        self, scheduling: SchedulingService, people: PeopleService, files: BookingFileService, outbox: Outbox
    ) -> None:
        self._scheduling = scheduling
        self._people = people
        self._window = BookingWindow(people, files, outbox)

    def register(self, app: App) -> None:
        app.action(SESSION_PLACE)(self.open)
        app.view(PLACE_VIEW)(self.save)

    def open(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        self._window.open(body, context, client, _draw)

    def save(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        """A field that was emptied removes what it said; what the window does not ask for stays."""
        person, booking_id = get_person(self._people, body), read_booking_value(view["private_metadata"])

        def act() -> None:
            booking = self._scheduling.get_booking(person.actor, booking_id)
            place = MeetingPlace(booking.meeting_link, booking.meeting_location)
            with reading():
                if inputs.has(view, LINK_BLOCK):
                    place = replace(place, link=inputs.typed(view, LINK_BLOCK))
                if inputs.has(view, LOCATION_BLOCK):
                    place = replace(place, location=inputs.typed(view, LOCATION_BLOCK))
            self._scheduling.set_meeting_place(person.actor, booking_id, place)

        self._window.submit(ack, person, booking_id, act, block_of=str)


def _draw(person: Person, file: BookingFile) -> View:
    require_placeable(file.booking, person.actor)
    return views.place(person.user, file)
