"""Logs: one JSON line an event, and no token in any of them."""

import json
import logging
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from slack_bolt import App
from slack_sdk import WebClient

from creneau.app.logging import configure_logging

SECRETS = [
    "xoxb-1234-5678-abcDEF",
    "xoxp-1234-5678-abcDEF",
    "xapp-1-A1-2-3abc",
    "xoxe.xoxb-1-Mi0yLTk",
    "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln-bmF0_dXJl",
    "/feeds/Zk3x_9-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/sessions.ics",
    "/booking/Zk3x_9-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/cancel",
    "postgresql://creneau:hunter2@db.example.org/creneau",
    "postgres://creneau:hunter2@db.example.org/creneau",
    "smtps://creneau:hunter2@mail.example.org:465",
]
TELLING = ["1234-5678", "1-A1-2", "Mi0yLTk", "eyJ", "Zk3x_9", "hunter2"]


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Configures logging as the service does; gives what was logged."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure_logging()

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in written.getvalue().splitlines()]

    yield read
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def test_an_event_is_one_line_of_json_with_its_time_and_level(logs: Any):
    structlog.get_logger().info("booking.created", booking_id="b1", text="two\nlines")

    [event] = logs()
    assert event.pop("timestamp").endswith("Z")
    assert event == {"event": "booking.created", "level": "info", "booking_id": "b1", "text": "two\nlines"}


def test_a_bot_token_in_the_environment_is_no_reason_for_a_warning(logs: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")

    App(client=WebClient(), signing_secret="a-secret", authorize=lambda: None)

    assert logs() == []


def test_the_warnings_of_libraries_are_lines_of_json_too_and_their_chatter_is_not(logs: Any):
    library = logging.getLogger("some.library")

    library.info("chatter")
    library.warning("watch out: %s", "this")

    assert [(event["event"], event["level"]) for event in logs()] == [("watch out: this", "warning")]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_a_value_is_struck_out(logs: Any, secret: str):
    structlog.get_logger().warning("slack.failed", problem=f"calling with {secret} failed")

    assert_struck_out(logs())


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_a_library_s_message_is_struck_out(logs: Any, secret: str):
    logging.getLogger("some.library").error("calling with %s failed", secret)

    assert_struck_out(logs())


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_a_stack_trace_is_struck_out(logs: Any, secret: str):
    try:
        fail(secret)
    except RuntimeError:
        structlog.get_logger().exception("job.failed")
        logging.getLogger("some.library").exception("job failed")

    assert_struck_out(logs(), lines=2)


@pytest.mark.parametrize("value", [{"headers": {"Authorization": "Bearer eyJx"}}, ["xoxb-1234-5678"], ("Bearer eyJx",)])
def test_a_secret_inside_a_structure_is_struck_out(logs: Any, value: object):
    structlog.get_logger().warning("slack.failed", value=value)

    assert_struck_out(logs())


@pytest.mark.parametrize(
    "secret",
    [
        "postgresql+psycopg://creneau:hunter2@db/creneau",  # a scheme that DATABASE_URL may have
        "host=db user=creneau password=hunter2",  # how libpq writes it
        "postgresql://creneau:a@hunter2@db/creneau",
    ],
)
def test_a_database_password_is_struck_out_however_it_is_written(logs: Any, secret: str):
    structlog.get_logger().warning("database.failed", problem=secret)

    assert_struck_out(logs())


def fail(message: str) -> None:
    raise RuntimeError(message)


def assert_struck_out(events: list[dict[str, Any]], lines: int = 1) -> None:
    assert len(events) == lines
    for event in events:
        shown = json.dumps(event)
        assert "[secret]" in shown
        assert [telling for telling in TELLING if telling in shown] == []
