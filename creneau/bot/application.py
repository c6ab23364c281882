"""The Bolt app: the same for HTTP and Socket Mode, built from services and nothing else."""

import re
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt import Ack, App, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from creneau.bot.answering.listeners import AnsweringListeners
from creneau.bot.authorize import create_authorize
from creneau.bot.availability.listeners import AvailabilityListeners
from creneau.bot.booking.listeners import BookingListeners
from creneau.bot.home.listeners import HomeListeners
from creneau.bot.home.publisher import HomePublisher
from creneau.bot.outbox import Outbox
from creneau.bot.person import NotRegistered, get_person
from creneau.bot.refusals import sentence, sentence_for_stranger
from creneau.core.clock import Clock
from creneau.core.domain.errors import Refusal
from creneau.core.i18n.catalog import LOCALES
from creneau.core.i18n.reader import Reader
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService
from creneau.core.services.slack import SlackService

log = structlog.get_logger()

LISTENER_THREADS = 32  # Bolt's own five are all taken by five slow listeners


_TRIGGER_GONE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})


class TriggerExpired(Refusal):
    """Slack gave up on opening a window: the three seconds that a click is good for had passed."""

    code = "slack.trigger_expired"


@dataclass(frozen=True, slots=True)
class BotParts:
    scheduling: SchedulingService
    availability: AvailabilityService
    people: PeopleService
    slack: SlackService
    outbox: Outbox
    homes: HomePublisher
    clock: Clock


def create_bot(parts: BotParts, signing_secret: str, client: WebClient) -> App:
    """Build the app. `client` carries the API's address; each request gets a copy with its workspace's token."""
    app = App(
        signing_secret=signing_secret,
        authorize=create_authorize(parts.slack),  # type: ignore[arg-type]  # Bolt takes None for "not installed"
        client=client,
        listener_executor=ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="bolt"),
        raise_error_for_unhandled_request=False,
    )
    BookingListeners(parts.scheduling, parts.people, parts.clock).register(app)
    AnsweringListeners(parts.scheduling, parts.people, parts.outbox).register(app)
    AvailabilityListeners(parts.availability, parts.scheduling, parts.people, parts.clock).register(app)
    HomeListeners(parts.people, parts.homes).register(app)
    app.action(re.compile(".*"))(_acknowledge)  # buttons of messages that an older version posted
    app.error(ErrorReport(parts.people))
    return app


class ErrorReport:
    """Tells the person what went wrong where they are: a refusal by its sentence, a fault by a reference."""

    def __init__(self, people: PeopleService) -> None:
        self._people = people

    def __call__(self, error: Exception, body: Mapping[str, Any], client: WebClient) -> BoltResponse | None:
        user = body.get("user", {}).get("id") or body.get("user_id")
        text = self._text(error, body)
        if user:
            channel = body.get("channel", {}).get("id") or body.get("channel_id") or user
            client.chat_postEphemeral(channel=channel, user=user, text=text)
        return None

    def _text(self, error: Exception, body: Mapping[str, Any]) -> str:
        if isinstance(error, NotRegistered):
            return sentence_for_stranger(error)
        if isinstance(error, SlackApiError) and error.response.get("error") in _TRIGGER_GONE:
            return sentence(get_person(self._people, body).reader, TriggerExpired())
        if isinstance(error, Refusal):
            return sentence(get_person(self._people, body).reader, error)
        reference = secrets.token_hex(4)
        log.error("slack.listener_failed", reference=reference, exc_info=error)
        # In both languages: whatever failed may be what would have told us who is reading.
        return "\n".join(
            Reader(locale, "Europe/Paris").text(
                "Something went wrong on our side. Nothing was changed. Reference: {reference}", reference=reference
            )
            for locale in LOCALES
        )


def _acknowledge(ack: Ack) -> None:
    ack()
