"""The buttons on messages and in App Home: confirm, decline, cancel."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from slack_bolt import Ack, App
from slack_sdk import WebClient

from creneau.bot.ids import ANSWER_CONFIRM, ANSWER_DECLINE, SESSION_CANCEL, read_booking_value
from creneau.bot.outbox import Outbox, SlackRefused, SlackUnavailable
from creneau.bot.person import get_person
from creneau.bot.refusals import sentence
from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import Refusal
from creneau.core.domain.ids import BookingId
from creneau.core.domain.people import Actor
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService

log = structlog.get_logger()


class AnsweringListeners:
    def __init__(self, scheduling: SchedulingService, people: PeopleService, outbox: Outbox) -> None:
        self._scheduling = scheduling
        self._people = people
        self._outbox = outbox

    def register(self, app: App) -> None:
        app.action(ANSWER_CONFIRM)(self.confirm)
        app.action(ANSWER_DECLINE)(self.decline)
        app.action(SESSION_CANCEL)(self.cancel)

    def confirm(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        ack()
        self._answer(body, client, self._scheduling.confirm_booking)

    def decline(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        ack()
        self._answer(body, client, self._scheduling.decline_booking)

    def cancel(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        ack()
        self._answer(body, client, self._scheduling.cancel_booking)

    def _answer(self, body: Mapping[str, Any], client: WebClient, move: Callable[[Actor, BookingId], Booking]) -> None:
        """Make the move and show it at once; a stale button is told the state, and its message brought up to date."""
        person = get_person(self._people, body)
        booking_id = read_booking_value(body["actions"][0]["value"])
        try:
            move(person.actor, booking_id)
        except Refusal as refusal:
            _say(body, client, sentence(person.reader, refusal))
        try:
            self._outbox.refresh(person.user.organization_id, booking_id)
        except (SlackUnavailable, SlackRefused) as problem:
            # The job of the same event does it again; a refusal has nothing else to bring up to date.
            log.warning("slack.refresh_failed", booking_id=str(booking_id), problem=str(problem))


def _say(body: Mapping[str, Any], client: WebClient, text: str) -> None:
    """Tell the person who clicked, and nobody else."""
    channel = body.get("channel", {}).get("id") or body["user"]["id"]
    client.chat_postEphemeral(channel=channel, user=body["user"]["id"], text=text)
