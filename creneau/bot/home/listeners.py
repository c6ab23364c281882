"""Opening App Home draws it afresh; every change of a booking publishes it again (see `bot.jobs`)."""

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from creneau.bot.home import views
from creneau.bot.home.ids import HOME_NEXT, HOME_PREVIOUS, read_page_value, read_pages
from creneau.bot.home.publisher import HomePublisher
from creneau.bot.person import get_person
from creneau.bot.refusals import sentence_for_stranger
from creneau.bot.stranger import NotRegistered, Strangers
from creneau.core.services.people import PeopleService

log = structlog.get_logger()


class HomeListeners:
    def __init__(self, people: PeopleService, publisher: HomePublisher, strangers: Strangers) -> None:
        self._people = people
        self._strangers = strangers
        self._publisher = publisher

    def register(self, app: App) -> None:
        app.event("app_home_opened")(self.open)
        app.action(HOME_PREVIOUS)(self.turn)
        app.action(HOME_NEXT)(self.turn)

    def open(self, body: Mapping[str, Any], event: Mapping[str, Any], client: WebClient) -> None:
        """Show the first pages. Slack tells of the messages tab too, and of the view that stands there by now."""
        if event.get("tab") != "home":
            return
        try:
            person = get_person(self._people, body)
        except NotRegistered as refusal:
            self._greet_stranger(body, client, refusal)
            return
        if self._publisher.stands(person.user, (event.get("view") or {}).get("hash")):
            self._publisher.publish(person.user, {})
        else:
            self._publisher.publish_anew(person.user)

    def _greet_stranger(self, body: Mapping[str, Any], client: WebClient, refusal: NotRegistered) -> None:
        """Say in the home what somebody can do who is no person of the centre, if they have one here."""
        told = sentence_for_stranger(self._strangers.recognize(refusal, body, client))
        try:
            client.views_publish(user_id=body["event"].get("user"), view=views.stranger(told))
        except SlackApiError as error:
            log.info("slack.stranger_without_home", problem=error.response.get("error"))

    def turn(self, ack: Ack, body: Mapping[str, Any]) -> None:
        """Show another page of one part; the others stay where they are."""
        ack()
        part, number = read_page_value(body["actions"][0]["value"])
        person = get_person(self._people, body)
        self._publisher.publish(person.user, {**read_pages(body["view"]["private_metadata"]), part: number})
