"""`/sessions` opens the list; its filter and its pages redraw it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot import modals
from creneau.bot.acknowledging import show
from creneau.bot.home.ids import read_page_value
from creneau.bot.person import get_person
from creneau.bot.sessions.ids import (
    SESSIONS_COMMAND,
    SESSIONS_FILTER,
    SESSIONS_NEXT,
    SESSIONS_OPEN,
    SESSIONS_PREVIOUS,
    Shown,
    read_filter,
)
from creneau.bot.sessions.reader import SessionsReader
from creneau.core.services.people import PeopleService


class SessionsListeners:
    def __init__(self, people: PeopleService, sessions: SessionsReader) -> None:
        self._people = people
        self._sessions = sessions

    def register(self, app: App) -> None:
        app.command(SESSIONS_COMMAND)(self.open)
        app.action(SESSIONS_OPEN)(self.open)
        app.action(SESSIONS_FILTER)(self.choose)
        app.action(SESSIONS_PREVIOUS)(self.turn)
        app.action(SESSIONS_NEXT)(self.turn)

    def open(self, ack: Ack, body: Mapping[str, Any], client: WebClient, context: BoltContext) -> None:
        """Open a loading view before anything is read (a trigger lives three seconds), then fill it."""
        ack()
        view_id = modals.open_loading(client, body, context)
        show(client, view_id, self._sessions.draw(get_person(self._people, body), Shown()))

    def choose(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        """Show the first page of another filter."""
        ack()
        self._show(body, client, Shown(read_filter(body["actions"][0]["selected_option"]["value"])))

    def turn(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        """Show another page of one part."""
        ack()
        part, number = read_page_value(body["actions"][0]["value"])
        shown = Shown.from_metadata(body["view"]["private_metadata"])
        self._show(body, client, replace(shown, pages={**shown.pages, part: number}))

    def _show(self, body: Mapping[str, Any], client: WebClient, shown: Shown) -> None:
        show(client, body["view"]["id"], self._sessions.draw(get_person(self._people, body), shown))
