"""Opening App Home draws it afresh; every change of a booking publishes it again (see `bot.jobs`)."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from creneau.bot.home import views
from creneau.bot.home.publisher import HomePublisher
from creneau.bot.person import NotRegistered, get_person
from creneau.bot.refusals import sentence_for_stranger
from creneau.core.services.people import PeopleService


class HomeListeners:
    def __init__(self, people: PeopleService, publisher: HomePublisher) -> None:
        self._people = people
        self._publisher = publisher

    def register(self, app: App) -> None:
        app.event("app_home_opened")(self.open)

    def open(self, body: Mapping[str, Any], event: Mapping[str, Any], client: WebClient) -> None:
        if event.get("tab") != "home":
            return
        try:
            person = get_person(self._people, body)
        except NotRegistered as refusal:
            client.views_publish(user_id=event["user"], view=views.stranger(sentence_for_stranger(refusal)))
            return
        self._publisher.publish(person.user)
