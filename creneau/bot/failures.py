"""What people are told when a listener fails: a refusal by its sentence, a fault by a reference, where they are."""

import secrets
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import BoltContext, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from creneau.bot import blocks
from creneau.bot.acknowledging import TimelyAck, show
from creneau.bot.blocks import Block
from creneau.bot.person import Person, get_person
from creneau.bot.refusals import in_every_language, sentence, sentence_for_stranger
from creneau.bot.stranger import NotRegistered, Strangers
from creneau.core.domain.errors import Refusal
from creneau.core.services.people import PeopleService

log = structlog.get_logger()

LOADING_VIEW = "loading_view"
"""Where a listener leaves the id of the view it has opened, in Bolt's context: a failure is told there."""

_TRIGGER_GONE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})


class TriggerExpired(Refusal):
    """Slack gave up on opening a window: the three seconds that a click is good for had passed."""

    code = "slack.trigger_expired"


class ErrorReport:
    """Bolt's error handler. What it cannot tell it logs: there is nobody behind it."""

    def __init__(self, people: PeopleService, strangers: Strangers, openers: Mapping[str, str]) -> None:
        """`openers` names the button that opens what a command, a shortcut or a menu opens."""
        self._people = people
        self._strangers = strangers
        self._openers = openers

    def __call__(
        self, error: Exception, body: Mapping[str, Any], context: BoltContext, client: WebClient
    ) -> BoltResponse | None:
        reference = secrets.token_hex(4)
        answer = None
        try:
            answer = self._report(error, body, context, client, reference)
        except Exception as failure:  # noqa: BLE001 - the edge: the database or Slack may be what failed
            log.warning("slack.report_failed", problem=type(failure).__name__)
        if not isinstance(error, Refusal) and not is_trigger_gone(error):
            log.error("slack.listener_failed", reference=reference, exc_info=error)
        return answer

    def _report(
        self, error: Exception, body: Mapping[str, Any], context: BoltContext, client: WebClient, reference: str
    ) -> BoltResponse | None:
        """Tell the person; return the answer to a submission that nobody has answered yet."""
        if is_trigger_gone(error):
            person = get_person(self._people, body)
            text = sentence(person.reader, TriggerExpired())
            tell(context, client, text, self._another_way(person, body))
            return None
        text = self._text(error, body, client, reference)
        told = blocks.modal("Creneau", "Fermer · Close", [blocks.section(blocks.literal(text))])
        awaits_answer = body.get("type") == "view_submission" and context.ack.response is None
        view_id = _waiting_view(context, body)
        if view_id:
            show(client, view_id, told)
        elif awaits_answer:
            return BoltResponse(status=200, body={"response_action": "update", "view": told})
        else:
            tell(context, client, text)
        return None

    def _text(self, error: Exception, body: Mapping[str, Any], client: WebClient, reference: str) -> str:
        if isinstance(error, NotRegistered):
            return sentence_for_stranger(self._strangers.recognize(error, body, client))
        if isinstance(error, Refusal):
            return sentence(get_person(self._people, body).reader, error)
        # In every language: whatever failed may be what would have told us who is reading.
        # And it may be done: an answer of the database's may be what was lost.
        return in_every_language(
            "Something went wrong on our side. What you asked for may have been done, or not: please look at this "
            "app's Home before you ask again. Reference: {reference}",
            reference=reference,
        )

    def _another_way(self, person: Person, body: Mapping[str, Any]) -> list[Block] | None:
        """Return a button for what a command, a shortcut or a menu was to open.

        A button that was clicked is still there, and is brought up to date there: a second one would not be.
        """
        chosen: Mapping[str, Any] = next(iter(body.get("actions", [])), {})
        asked = body.get("command") or body.get("callback_id") or chosen.get("action_id") or ""
        opener = self._openers.get(asked)
        if opener is None:
            return None
        button = blocks.button(person.reader.text("Open"), opener, "v1", "primary")
        return [blocks.section(sentence(person.reader, TriggerExpired())), blocks.actions([button])]


def tell(context: BoltContext, client: WebClient, text: str, drawn: list[Block] | None = None) -> None:
    """Say something to the person who acted and to nobody else: where they are, or else in a direct message."""
    if context.response_url:
        context.respond(text=text, blocks=drawn, response_type="ephemeral", replace_original=False)  # type: ignore[misc]
    elif context.channel_id and context.user_id:
        client.chat_postEphemeral(channel=context.channel_id, user=context.user_id, text=text, blocks=drawn)
    elif context.user_id:
        client.chat_postMessage(channel=context.user_id, text=text, blocks=drawn)


def _waiting_view(context: BoltContext, body: Mapping[str, Any]) -> str | None:
    """Return the loading view that somebody sits in front of, if there is one."""
    if isinstance(context.ack, TimelyAck) and context.ack.is_late:
        return str(body["view"]["id"])
    opened: str | None = context.get(LOADING_VIEW)
    return opened


def is_trigger_gone(error: Exception) -> bool:
    return isinstance(error, SlackApiError) and error.response.get("error") in _TRIGGER_GONE
