"""How fast Slack is acknowledged: `/book` and a button, against a listener of Bolt's that does nothing but acknowledge.

Both stand on one server in this process. What follows an acknowledgement is real: listeners read
Postgres and call a Slack, in another process, that answers at once.
"""

import hashlib
import hmac
import json
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import count
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Blueprint, Flask, Response, jsonify, request
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bench.ground import Ground, open_ground
from bench.ratio import Result
from creneau.app.settings import Settings
from creneau.app.wiring import Creneau, wire
from creneau.bot.ids import ANSWER_CONFIRM, BOOK_COMMAND, booking_value
from creneau.bot.listener_pool import ListenerPool
from creneau.core.domain.ids import BookingId
from creneau.core.domain.slack import BotTokens, SlackGrant, SlackInstallation
from creneau.core.secrets import generate_key

_PARALLEL = 32
_REQUESTS = 128  # fewer than may wait for a listener, so that each is acknowledged for good
_SECRET = "bench-signing-secret"  # noqa: S105 - of servers that live as long as a benchmark
_TEAM, _USER = "T0BENCH", "U0BENCH"
_OURS, _EMPTY = "/slack/events", "/slack/empty"
_TENTH_OF_SLACKS_PATIENCE = 0.3

_numbers = count(1)

Payload = Callable[[int], tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Burst:
    """Requests sent at once: how many were acknowledged a second, and how long each waited."""

    per_second: float
    waits: list[float]


@dataclass(frozen=True, slots=True)
class Measured:
    """Bursts at ours and at the empty listener, in turn."""

    ratio: float
    p99_seconds: float


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """A benchmark has no use for a line a request."""


def ack_book(rounds: int) -> Result:
    """Acknowledging `/book`: how many a second."""
    return _throughput("slack.ack_book", _measure(_command, rounds))


def ack_button(rounds: int) -> Result:
    """Acknowledging a click on Confirm: how many a second."""
    return _throughput("slack.ack_button", _measure(_click, rounds))


def ack_book_p99(rounds: int) -> Result:
    """How long the slowest hundredth of `/book` waits for its acknowledgement."""
    return _patience("slack.ack_book_p99", _measure(_command, rounds))


def ack_button_p99(rounds: int) -> Result:
    return _patience("slack.ack_button_p99", _measure(_click, rounds))


def _throughput(name: str, measured: Measured) -> Result:
    against = f"an empty Bolt listener on the same server, {_PARALLEL} requests at once"
    return Result(name, round(measured.ratio, 2), "ratio", 0.5, "higher", against)


def _patience(name: str, measured: Measured) -> Result:
    ratio = measured.p99_seconds / _TENTH_OF_SLACKS_PATIENCE
    return Result(name, round(ratio, 2), "ratio", 1.0, "lower", "a tenth of the three seconds that Slack waits")


def _measure(payload: Payload, rounds: int) -> Measured:
    with open_ground() as ground, ExitStack() as stack:
        slack = stack.enter_context(_slack_elsewhere())
        creneau = _wire(ground, slack)
        creneau.web.register_blueprint(_empty_listener())
        server = stack.enter_context(_served(creneau.web))
        pairs = []
        for _ in range(rounds + 1):  # the first is to warm up
            mine = _burst(server, _OURS, payload)
            _wait_for_listeners(creneau.bot)
            pairs.append((mine, _burst(server, _EMPTY, payload)))
        creneau.close()
    pairs = pairs[1:]
    waits = [wait for mine, _ in pairs for wait in mine.waits]
    return Measured(median(mine.per_second / theirs.per_second for mine, theirs in pairs), quantiles(waits, n=100)[-1])


def _wait_for_listeners(bot: App) -> None:
    """Let what the acknowledged requests asked for be done, so that it does not slow the next burst."""
    pool = bot.listener_runner.listener_executor
    assert isinstance(pool, ListenerPool)  # noqa: S101 - of our own app
    pool.wait_until_idle(60)


def _burst(address: tuple[str, int], path: str, payload: Payload) -> Burst:
    """Send signed requests from as many threads as are to be answered at once, each on a connection of its own."""
    waits: list[float] = []
    gate = threading.Barrier(_PARALLEL + 1)

    def send(_: int) -> list[float]:
        requests = [_signed(payload(next(_numbers))) for _ in range(_REQUESTS // _PARALLEL)]
        gate.wait()
        return [_post(address, path, *request) for request in requests]

    with ThreadPoolExecutor(_PARALLEL) as pool:
        senders = [pool.submit(send, n) for n in range(_PARALLEL)]
        gate.wait()
        began = time.perf_counter()
        for sender in senders:
            waits += sender.result()
        seconds = time.perf_counter() - began
    return Burst(len(waits) / seconds, waits)


def _post(address: tuple[str, int], path: str, body: bytes, headers: dict[str, str]) -> float:
    began = time.perf_counter()
    connection = HTTPConnection(*address, timeout=10)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status != HTTPStatus.OK or said:
        raise RuntimeError(f"not acknowledged: {answer.status} {said!r}")
    return time.perf_counter() - began


def _signed(request: tuple[str, bytes]) -> tuple[bytes, dict[str, str]]:
    content_type, body = request
    stamp = str(int(time.time()))
    digest = hmac.new(_SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }


def _command(number: int) -> tuple[str, bytes]:
    fields = {"command": BOOK_COMMAND, "text": "", "team_id": _TEAM, "user_id": _USER, "trigger_id": f"1.{number}"}
    return "application/x-www-form-urlencoded", urlencode(fields).encode()


def _click(number: int) -> tuple[str, bytes]:
    unknown = booking_value(BookingId(UUID(int=number)))
    payload = {
        "type": "block_actions",
        "team": {"id": _TEAM},
        "user": {"id": _USER, "team_id": _TEAM},
        "trigger_id": f"2.{number}",
        "actions": [
            {"action_id": ANSWER_CONFIRM, "block_id": "b", "type": "button", "value": unknown, "action_ts": f"{number}"}
        ],
    }
    return "application/x-www-form-urlencoded", urlencode({"payload": json.dumps(payload)}).encode()


def _wire(ground: Ground, slack: tuple[str, int]) -> Creneau:
    organization_id = ground.beneficiary.organization_id
    settings = Settings(
        CRENEAU_ENCRYPTION_KEYS=generate_key(),
        CRENEAU_JWT_SECRET=_SECRET * 2,
        SLACK_SIGNING_SECRET=_SECRET,
        SLACK_API_URL=f"http://{slack[0]}:{slack[1]}/api/",
    )
    creneau = wire(settings, ground.owner_url)
    creneau.people.link_slack_team(organization_id, _TEAM)
    creneau.slack.save_installation(
        SlackInstallation(organization_id, SlackGrant(_TEAM, "B1", "U1", BotTokens("xoxb-bench")))
    )
    return creneau


def _empty_listener() -> Blueprint:
    app = App(
        signing_secret=_SECRET,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id=_TEAM, bot_token="xoxb-bench"),  # noqa: S106 - no Slack knows it
    )

    def acknowledge(ack: Callable[[], Any]) -> None:
        ack()

    app.command(BOOK_COMMAND)(acknowledge)
    app.action(ANSWER_CONFIRM)(acknowledge)
    handler, blueprint = SlackRequestHandler(app), Blueprint("empty", __name__)
    blueprint.post(_EMPTY)(lambda: handler.handle(request))
    return blueprint


def _be_slack(server: BaseWSGIServer) -> None:
    """Take everything at once, as Slack on a good day."""
    web = Flask(__name__)

    @web.post("/api/<method>")
    def answer(method: str) -> Response:
        return jsonify(ok=True, view={"id": "V1", "hash": "1"}, channel="D1", ts="1.1")

    server.app = web
    server.serve_forever()


@contextmanager
def _slack_elsewhere() -> Iterator[tuple[str, int]]:
    """A Slack in a process of its own: what it does is not our work."""
    server = make_server("127.0.0.1", 0, Flask(__name__), threaded=True, request_handler=_Quiet)
    process = multiprocessing.get_context("fork").Process(target=_be_slack, args=(server,), daemon=True)
    process.start()
    yield "127.0.0.1", server.server_port
    process.terminate()
    process.join()
    server.server_close()


@contextmanager
def _served(web: Callable[[WSGIEnvironment, StartResponse], Any]) -> Iterator[tuple[str, int]]:
    server = make_server("127.0.0.1", 0, web, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield "127.0.0.1", server.server_port
    server.shutdown()
    server.server_close()
