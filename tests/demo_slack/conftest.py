"""A stand-in with two workspaces, a small Bolt app on its own server, and a clock that tests turn by hand."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask, request
from playwright.sync_api import Page
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from werkzeug.serving import make_server

from creneau.demo.slack import Actor, Command, Manifest, Person, Shortcut, SlackStandIn, Workspace

from .browser import open_page

SECRET = "test-signing-secret"
MANIFEST = Manifest(
    name="Tiny",
    commands=(Command("/book", "Book a session"), Command("/fail", "Fail")),
    shortcuts=(Shortcut("book_session", "Book a session"),),
)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def option(text: str, value: str) -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def button(text: str, action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Book"), "blocks": list(blocks), **more}


def field(block_id: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def two_workspaces() -> list[Workspace]:
    centre = Workspace(
        "T1",
        "Centre",
        "xoxb-one",
        people=[
            Person("U1", "ada", "Ada Lovelace", "ada@example.org", locale="en-GB", title="Beneficiary"),
            Person("U2", "marie", "Marie Curie", "marie@example.org"),
        ],
    )
    other = Workspace("T2", "Other", "xoxb-two", people=[Person("U9", "alan", "Alan Turing", "alan@example.org")])
    return [centre, other]


@pytest.fixture
def slack(clock: Clock) -> Iterator[SlackStandIn]:
    with SlackStandIn(
        two_workspaces(), SECRET, manifest=MANIFEST, clock=clock, retry_delays=None, ack_seconds=1.0
    ) as stand_in:
        yield stand_in


@pytest.fixture
def page() -> Iterator[Page]:
    with open_page() as page:
        yield page


@pytest.fixture
def ada(slack: SlackStandIn) -> Actor:
    return slack.person("T1", "U1")


@pytest.fixture
def client(slack: SlackStandIn) -> WebClient:
    return WebClient("xoxb-one", base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def bolt(slack: SlackStandIn) -> Iterator[App]:
    """A Bolt app whose workspace is found by team id, served over HTTP; tests add the listeners."""
    tokens = {"T1": "xoxb-one", "T2": "xoxb-two"}
    executor = ThreadPoolExecutor(10)

    def authorize(team_id: str) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id=team_id, bot_token=tokens[team_id], bot_id="B1", bot_user_id="UBOT00001"
        )

    app = App(
        signing_secret=SECRET,
        authorize=authorize,
        client=WebClient(base_url=slack.api_url),
        listener_executor=executor,
    )
    with serve(lambda: SlackRequestHandler(app).handle(request)) as url:
        slack.request_url = url
        yield app
    executor.shutdown(wait=False)


class Served:
    """A Flask view on a free port, for as long as the `with` block lasts."""

    def __init__(self, view: Callable[[], Any]) -> None:
        web = Flask(__name__)
        web.add_url_rule("/slack/events", "events", view, methods=["POST"])
        self._server = make_server("127.0.0.1", 0, web, threaded=True)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}/slack/events"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


serve = Served


class RawApp:
    """An app without Bolt: answers what a test tells it to, and keeps what it was sent."""

    def __init__(self) -> None:
        self.answer: Any = ("", 200)
        self.received: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    def __call__(self) -> Any:
        self.headers.append(dict(request.headers))
        if request.is_json:
            self.received.append(request.get_json())
        elif "payload" in request.form:
            self.received.append(json.loads(request.form["payload"]))
        else:
            self.received.append(request.form.to_dict())
        return self.answer(self.received[-1]) if callable(self.answer) else self.answer


@pytest.fixture
def raw(slack: SlackStandIn) -> Iterator[RawApp]:
    app = RawApp()
    with serve(app) as url:
        slack.request_url = url
        yield app
