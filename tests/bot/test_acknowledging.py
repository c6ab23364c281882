"""Who acknowledges a request, and with what when nobody can."""

import json
import threading
from typing import Any

import pytest
from slack_bolt import Ack, BoltContext, BoltResponse
from structlog.contextvars import bound_contextvars, get_contextvars

from creneau.bot import acknowledging
from creneau.bot.acknowledging import Acknowledger, EarlyAck
from creneau.bot.listener_pool import ListenerPool

VIEW = {
    "id": "V1",
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Form"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {"type": "section", "block_id": "s", "text": {"type": "mrkdwn", "text": "Hello"}},
        {"type": "input", "block_id": "note", "element": {"type": "plain_text_input", "action_id": "text"}},
        {
            "type": "input",
            "block_id": "day",
            "element": {"type": "static_select", "action_id": "d", "options": [1, 2], "initial_option": 1},
        },
    ],
    "state": {
        "values": {
            "note": {"text": {"type": "plain_text_input", "value": "typed"}},
            "day": {"d": {"type": "static_select", "selected_option": 2}},
        }
    },
}


class Client:
    """Slack's side of `views.update`."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []

    def views_update(self, view_id: str, view: dict[str, Any]) -> None:
        assert view_id == "V1"
        self.shown.append(view)


@pytest.fixture
def pool() -> ListenerPool:
    return ListenerPool(threads=1, waiting=1)


def acknowledge(pool: ListenerPool, body: dict[str, Any], context: BoltContext | None = None) -> BoltResponse | str:
    """Return what the middleware answers by itself, or `passed on`."""
    context = BoltContext({}) if context is None else context
    return Acknowledger(pool)(context, body, lambda: "passed on")  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    "body", [{"command": "/book"}, *({"type": t} for t in ("block_actions", "shortcut", "view_closed"))]
)
def test_what_says_nothing_is_acknowledged_before_any_listener(pool: ListenerPool, body: dict[str, Any]):
    context = BoltContext({})

    assert acknowledge(pool, body, context) == "passed on"

    assert isinstance(context.ack, EarlyAck)
    assert context.ack.response.status == 200


def test_a_submission_is_the_listeners_while_there_is_time(pool: ListenerPool):
    context = BoltContext({})
    acknowledge(pool, {"type": "view_submission", "view": VIEW}, context)

    assert context.ack.response is None
    context.ack(response_action="clear")
    assert json.loads(context.ack.response.body) == {"response_action": "clear"}


def late(monkeypatch: pytest.MonkeyPatch, pool: ListenerPool) -> tuple[Ack, Client]:
    monkeypatch.setattr(acknowledging, "IN_TIME_SECONDS", -1)
    client = Client()
    context = BoltContext({"client": client})
    acknowledge(pool, {"type": "view_submission", "view": VIEW}, context)
    answer = json.loads(context.ack.response.body)
    assert "Un instant…" in str(answer["view"])
    return context.ack, client


def test_a_late_answer_is_shown_in_the_loading_view(monkeypatch: pytest.MonkeyPatch, pool: ListenerPool):
    ack, client = late(monkeypatch, pool)

    ack(response_action="update", view={"type": "modal", "blocks": []})

    assert client.shown == [{"type": "modal", "blocks": []}]


def test_late_errors_are_shown_above_the_form_with_what_was_typed(monkeypatch: pytest.MonkeyPatch, pool: ListenerPool):
    ack, client = late(monkeypatch, pool)

    ack(response_action="errors", errors={"day": "Taken <now>"})

    (form,) = client.shown
    assert form["blocks"][0]["text"]["text"] == "Taken &lt;now&gt;"
    assert form["blocks"][2]["element"]["initial_value"] == "typed"
    assert form["blocks"][3]["element"]["initial_option"] == 2
    assert form["submit"] == VIEW["submit"]
    assert "state" not in form


def test_a_view_that_would_have_closed_says_that_it_is_done(monkeypatch: pytest.MonkeyPatch, pool: ListenerPool):
    ack, client = late(monkeypatch, pool)

    ack()

    assert "C’est fait." in str(client.shown)


def test_full_is_said_politely_and_nothing_waits(pool: ListenerPool):
    gate = threading.Event()
    running = [pool.submit(gate.wait) for _ in range(2)]
    assert pool.is_full
    try:
        said = acknowledge(pool, {"command": "/book"})
        assert "Veuillez réessayer dans une minute" in json.loads(said.body)["text"]
        under_the_field = json.loads(acknowledge(pool, {"type": "view_submission", "view": VIEW}).body)
        assert list(under_the_field["errors"]) == ["note"]
        assert json.loads(acknowledge(pool, {"type": "block_suggestion"}).body) == {"options": []}
        assert acknowledge(pool, {"type": "event_callback", "event": {}}).status == 503  # Slack sends it again
        assert acknowledge(pool, {"type": "block_actions"}).status == 503
    finally:
        gate.set()
    for one in running:
        one.result()
    assert not pool.is_full
    pool.shutdown()


def test_what_a_listener_says_after_an_early_acknowledgement_is_not_lost():
    said: list[Any] = []
    ack = EarlyAck(said.append)

    ack("help")
    ack()
    ack(text="two", blocks=[{"type": "divider"}])

    assert said == [{"text": "help"}, {"text": "two", "blocks": [{"type": "divider"}]}]
    assert ack.response.body == ""


def test_what_a_listener_logs_has_the_id_of_its_request():
    pool = ListenerPool(threads=1, waiting=1)
    with bound_contextvars(request_id="abc"):
        inside = pool.submit(get_contextvars)
    outside = pool.submit(get_contextvars)

    assert inside.result()["request_id"] == "abc"
    assert outside.result().get("request_id") != "abc"


@pytest.mark.parametrize("kind", ["view_submission", "block_suggestion"])
def test_a_listener_that_slack_waits_for_lets_nobody_pass(pool: ListenerPool, kind: str):
    passing = count_passes(pool)
    acknowledge(pool, {"type": "block_actions"})
    pool.submit(int).result()
    assert len(passing) == 1

    acknowledge(pool, {"type": kind, "view": VIEW})
    pool.submit(int).result()

    assert len(passing) == 1


def count_passes(pool: ListenerPool) -> list[str]:
    """Return a list that grows each time a listener lets acknowledgements pass."""
    passing: list[str] = []
    pool.right_of_way.give = lambda: passing.append("passed")  # type: ignore[method-assign]
    return passing
