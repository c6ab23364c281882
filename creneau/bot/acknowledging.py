"""The acknowledgement, before anything is read: Slack gives up after three seconds, whatever our database does.

Commands, clicks and shortcuts are acknowledged on the thread that received them. A submission, whose answer has to be
worked out, is acknowledged with a loading view when that takes too long, and the view is updated with the answer.
https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any

import structlog
from slack_bolt import Ack, BoltContext, BoltResponse
from slack_sdk.errors import SlackApiError

from creneau.bot import blocks
from creneau.bot.blocks import View
from creneau.bot.listener_pool import IS_AWAITED, ListenerPool
from creneau.bot.message import Message
from creneau.bot.refill import with_values
from creneau.bot.refusals import in_every_language

log = structlog.get_logger()

IN_TIME_SECONDS = 1.5
"""How long a submission may take before a loading view answers for it. Half of what Slack waits."""

_SAYS_NOTHING = frozenset({"block_actions", "shortcut", "message_action", "view_closed"})
_IS_ANSWERED = frozenset({"view_submission", "block_suggestion"})
_TRY_LATER = 503  # Slack tells the person that the app did not respond, and sends an event again


class EarlyAck(Ack):
    """An acknowledgement that is on its way already. What a listener says by it goes to the response URL."""

    def __init__(self, say: Callable[[Mapping[str, Any]], None]) -> None:
        self._answer = BoltResponse(status=200, body="")
        self._say = say

    @property
    def response(self) -> BoltResponse:
        return self._answer

    @response.setter
    def response(self, answer: BoltResponse | None) -> None:
        if answer is not None and answer.body:
            self._say(_read(answer))


class TimelyAck(Ack):
    """An acknowledgement that a loading view gives when no listener has in time; Bolt asks every ten milliseconds.

    What the listener answers after that is handed to `say_late`.
    """

    def __init__(self, loading: Mapping[str, Any], say_late: Callable[[Mapping[str, Any]], None]) -> None:
        self._answer: BoltResponse | None = None
        self._loading = loading
        self._say_late = say_late
        self._deadline = monotonic() + IN_TIME_SECONDS
        self._lock = threading.Lock()
        self.is_late = False

    @property
    def response(self) -> BoltResponse | None:
        with self._lock:
            if self._answer is None and monotonic() > self._deadline:
                self._answer = BoltResponse(status=200, body=dict(self._loading))
                self.is_late = True
            return self._answer

    @response.setter
    def response(self, answer: BoltResponse | None) -> None:
        with self._lock:
            if not self.is_late:
                self._answer = answer or self._answer
                return
        if answer is not None:
            self._say_late(_read(answer))


class Acknowledger:
    """Bolt's middleware in front of `authorize`: decides who acknowledges a request, and when."""

    def __init__(self, pool: ListenerPool) -> None:
        self._pool = pool

    def __call__(
        self,
        context: BoltContext,
        body: dict[str, Any],
        next: Callable[[], BoltResponse],  # noqa: A002 - Bolt's name
    ) -> BoltResponse:
        kind = _kind(body)
        if self._pool.is_full:
            log.warning("slack.listeners_full", kind=kind)
            return _busy(body)
        self._pool.right_of_way.claim()
        IS_AWAITED.set(kind in _IS_ANSWERED)
        if kind in _SAYS_NOTHING or kind == "command":
            context["ack"] = EarlyAck(lambda said: _respond(context, said))
        elif kind == "view_submission":
            context["ack"] = TimelyAck(_loading(), lambda answer: _show_late(context, body["view"], answer))
        elif kind == "block_suggestion":
            context["ack"] = TimelyAck({"options": []}, _forget)
        return next()


def show(client: Any, view_id: str, view: View, hash_: str | None = None) -> None:
    """Update a view, unless the person has closed it or gone on in it since `hash_`."""
    try:
        client.views_update(view_id=view_id, view=view, **({"hash": hash_} if hash_ else {}))
    except SlackApiError as error:
        if error.response.get("error") not in ("not_found", "hash_conflict"):
            raise


def rewrite(client: Any, body: Mapping[str, Any], message: Message) -> None:
    """Update the message that was clicked in, unless it is gone by now."""
    place = body.get("container", {})
    if "message_ts" not in place:
        return
    try:
        client.chat_update(
            channel=place["channel_id"], ts=place["message_ts"], text=message.text, blocks=message.blocks
        )
    except SlackApiError as error:
        if error.response.get("error") not in ("message_not_found", "cant_update_message", "channel_not_found"):
            raise


def loading_view() -> View:
    """Shown at once, before anything is read: the reader's language is not known yet."""
    return blocks.modal("Creneau", "Fermer · Close", [blocks.section("Un instant… · One moment…")])


def _read(answer: BoltResponse) -> Mapping[str, Any]:
    """Return what an acknowledgement says; Bolt has made text of it already."""
    said: dict[str, Any] = json.loads(answer.body) if answer.body.startswith("{") else {"text": answer.body}
    return said


def _respond(context: BoltContext, said: Mapping[str, Any]) -> None:
    if context.response_url and context.respond:
        context.respond(**said)


def _forget(_: Mapping[str, Any]) -> None:
    """Options that come too late are of no use to anybody."""


def _kind(body: Mapping[str, Any]) -> str:
    if "command" in body:
        return "command"
    return str(body.get("type", ""))


def _loading() -> View:
    return {"response_action": "update", "view": loading_view()}


def _show_late(context: BoltContext, view: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Show in the loading view what would have been the answer to a submission."""
    match answer.get("response_action"):
        case "update" | "push":
            shown = answer["view"]
        case "errors":
            shown = _with_errors(view, answer["errors"])
        case _:
            done = blocks.section(in_every_language("Done."))
            shown = blocks.modal("Creneau", "Fermer · Close", [done])
    show(context.client, view["id"], shown)


def _with_errors(view: Mapping[str, Any], errors: Mapping[str, str]) -> View:
    """Return a form as it was filled in, with what is wrong above it: an error can stand under a field no more."""
    kept = ("type", "callback_id", "private_metadata", "title", "submit", "close", "notify_on_close", "clear_on_close")
    wrong: Sequence[blocks.Block] = [blocks.section(blocks.literal(error)) for error in errors.values()]
    form = {key: view[key] for key in kept if view.get(key) is not None}
    return {**form, "blocks": [*wrong, *with_values(view)]}


def _busy(body: Mapping[str, Any]) -> BoltResponse:
    """Answer without a listener: all of them are taken, and so are the places to wait for one."""
    said = in_every_language("Too much is going on at the moment. Please try again in a minute.")
    match _kind(body):
        case "command":
            return BoltResponse(status=200, body={"response_type": "ephemeral", "text": said})
        case "block_suggestion":
            return BoltResponse(status=200, body={"options": []})
        case "view_submission":
            fields = [block["block_id"] for block in body["view"]["blocks"] if block["type"] == "input"]
            if fields:
                return BoltResponse(status=200, body={"response_action": "errors", "errors": {fields[0]: said}})
    return BoltResponse(status=_TRY_LATER, body="")
