"""See details, from whatever message or list."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot import modals as windows
from creneau.bot.acknowledging import show
from creneau.bot.buttons import SESSION_DETAILS
from creneau.bot.details.reader import DetailsReader
from creneau.bot.ids import read_booking_value
from creneau.bot.person import get_person
from creneau.core.services.people import PeopleService


class DetailsListeners:
    def __init__(self, people: PeopleService, details: DetailsReader) -> None:
        self._people = people
        self._details = details

    def register(self, app: App) -> None:
        app.action(SESSION_DETAILS)(self.open)

    def open(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view_id = windows.open_loading(client, body, context)
        person = get_person(self._people, body)
        view = self._details.draw(person, read_booking_value(body["actions"][0]["value"]))
        show(client, view_id, view)
