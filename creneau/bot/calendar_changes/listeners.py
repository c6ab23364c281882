"""The answers: ask for the new time, put an event back, put all of them back."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot.acknowledging import rewrite
from creneau.bot.acting import Acting
from creneau.bot.calendar_changes import views
from creneau.bot.calendar_changes.ids import CALENDAR_PUT_ALL_BACK, CHANGE_ASK, CHANGE_PUT_BACK
from creneau.bot.failures import tell
from creneau.bot.ids import read_booking_value
from creneau.bot.person import get_person
from creneau.bot.refusals import sentence
from creneau.core.domain.errors import Refusal
from creneau.core.services.calendar_changes import CalendarChangeService
from creneau.core.services.people import PeopleService


class CalendarChangeListeners:
    def __init__(self, changes: CalendarChangeService, people: PeopleService, acting: Acting) -> None:
        self._changes = changes
        self._people = people
        self._acting = acting

    def register(self, app: App) -> None:
        app.action(CHANGE_ASK)(self.ask)
        app.action(CHANGE_PUT_BACK)(self.put_back)
        app.action(CALENDAR_PUT_ALL_BACK)(self.put_all_back)

    def ask(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Propose the new time to the beneficiary; if it cannot be had any more, say so."""
        ack()
        booking_id = read_booking_value(body["actions"][0]["value"])
        self._acting.act(body, context, client, booking_id, self._changes.ask_for_new_time)

    def put_back(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        booking_id = read_booking_value(body["actions"][0]["value"])
        self._acting.act(body, context, client, booking_id, self._changes.put_back)

    def put_all_back(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = get_person(self._people, body)
        try:
            self._changes.put_all_back(person.actor, person.user.id)
            said = person.reader.text("Your sessions are on their way back into the calendar.")
        except Refusal as refusal:
            said = sentence(person.reader, refusal)
            tell(context, client, said)
        rewrite(client, body, views.emptied_before(person.user, said))
