"""How many requests a second the API answers, beside a bare Flask route that sends Postgres the same statements.

The statements of our endpoint are recorded as they leave: text, parameters, where transactions end. The bare route
sends them again and answers with the JSON that ours answered. Both are served by gunicorn, one process of four threads,
and asked in turn over connections that are kept.
"""

import itertools
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import psycopg
from flask import Flask, Response, jsonify, request
from gunicorn.app.base import BaseApplication
from psycopg_pool import ConnectionPool
from structlog.testing import capture_logs

from bench import slot_rows
from bench.bookings import Asked, ask, list_starts
from bench.ground import Ground, StandingClock, open_ground
from bench.ratio import Result
from creneau.app.logging import configure_logging
from creneau.app.settings import Settings
from creneau.app.wiring import Creneau, wire
from creneau.core.domain.people import Role, User
from creneau.core.secrets import generate_key
from creneau.core.storage import libpq
from creneau.core.storage.database import runtime_conninfo

PREFIX = "/api/scheduling"
ZONE = ZoneInfo("Europe/Paris")
_THREADS = 4
_SLOT_REQUESTS = 200  # a round
_BOOKING_REQUESTS = 80
_PATIENCE = 60
_BASELINE = "a bare Flask route that sends the same statements"
_WRITTEN = "session_bookings, session_analytics, audit_log, procrastinate_jobs, request_rates"
_SPAWN = get_context("spawn")


@dataclass(frozen=True, slots=True)
class Statement:
    """What was sent, with its parameters, and whether these are written `$1`, as Postgres does, or `%s`."""

    text: bytes
    params: Any
    is_raw: bool


@dataclass
class Recording:
    """The transactions of one request, and what was answered."""

    transactions: list[list[Statement]] = field(default_factory=lambda: [[]])
    answer: Any = None


def slots(rounds: int) -> Result:
    """The bookable times of two weeks: a hundred."""
    with open_ground() as ground:
        slot_rows.analyze(ground)
        options = settings_of(ground)
        with opened(ground, options) as creneau:
            wanted = ask_for_slots(creneau, ground)
            recorded = [record(creneau, wanted)]
        ratio = compare(ground, options, recorded, [wanted] * _SLOT_REQUESTS, None, rounds)
    return Result("api.slots", round(ratio, 2), "ratio", 0.5, "higher", _BASELINE)


def book(rounds: int) -> Result:
    """A session of an hour with one of fifty consultants, with all that follows from it in its transaction."""
    with open_ground() as ground:
        consultants = [ground.consultant.id, *slot_rows.add_colleagues(ground, 49)]
        asked = ask(ground, consultants, list_starts(ground, days=42), beneficiaries=20)
        slot_rows.analyze(ground)
        options = settings_of(ground)
        count = (rounds + 1) * _BOOKING_REQUESTS
        with opened(ground, options) as creneau:
            wanted = [ask_for_booking(creneau, ground, one) for one in asked[: 2 * count]]
            recorded = [record(creneau, one) for one in wanted[:count]]
        forget(ground)
        ratio = compare(ground, options, recorded, wanted[count:], _BOOKING_REQUESTS, rounds)
    return Result("api.book", round(ratio, 2), "ratio", 0.5, "higher", _BASELINE)


# What is asked


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request, and the bytes that it is on the wire."""

    method: str
    path: str
    token: str
    body: dict[str, str] | None = None

    def to_bytes(self) -> bytes:
        body = b"" if self.body is None else json.dumps(self.body).encode()
        kind = "" if self.body is None else "Content-Type: application/json\r\n"
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n{kind}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def ask_for_slots(creneau: Creneau, ground: Ground) -> Wanted:
    token = creneau.issue_token(ground.beneficiary, timedelta(hours=1))
    return Wanted("GET", f"{PREFIX}/availability/{ground.consultant.id}/slots", token)


def ask_for_booking(creneau: Creneau, ground: Ground, asked: Asked) -> Wanted:
    organization_id = ground.consultant.organization_id
    person = User(asked.beneficiary_id, organization_id, Role.BENEFICIARY, "B", "b", "Europe/Paris", "fr", None)
    local = asked.starts_at.astimezone(ZONE)
    body = {
        "bilan_id": str(asked.bilan_id),
        "consultant_id": str(asked.consultant_id),
        "scheduled_date": str(local.date()),
        "scheduled_start_time": local.strftime("%H:%M"),
    }
    return Wanted("POST", f"{PREFIX}/bookings", creneau.issue_token(person, timedelta(hours=1)), body)


# What is recorded


def record(creneau: Creneau, wanted: Wanted) -> Recording:
    """Answer one request in this process, and keep what it sends."""
    kept = Recording()
    execute, run_plainly, run_prepared = psycopg.Cursor.execute, libpq.run_plainly, libpq.run_prepared

    def keep_cursor(cursor: Any, query: Any, params: Any = None, **more: Any) -> Any:
        text = query if isinstance(query, str) else query.decode() if isinstance(query, bytes) else query.as_string()
        if text not in ("", ";"):  # whether the connection lives
            kept.transactions[-1].append(Statement(text.encode(), params, isinstance(cursor, psycopg.RawCursor)))
        return execute(cursor, query, params, **more)

    def keep_plain(connection: Any, statements: bytes) -> None:
        if statements == b"commit":
            kept.transactions.append([])
        else:
            kept.transactions[-1].append(Statement(statements, None, is_raw=True))
        run_plainly(connection, statements)

    def keep_prepared(connection: Any, prepared: Any, number: int, text: bytes, values: Any) -> Any:
        kept.transactions[-1].append(Statement(text, values, is_raw=True))
        return run_prepared(connection, prepared, number, text, values)

    headers = {"Authorization": f"Bearer {wanted.token}"}
    with (
        mock.patch.object(psycopg.Cursor, "execute", keep_cursor),
        mock.patch.object(libpq, "run_plainly", keep_plain),
        mock.patch.object(libpq, "run_prepared", keep_prepared),
        capture_logs(),
    ):
        answer = creneau.web.test_client().open(wanted.path, method=wanted.method, json=wanted.body, headers=headers)
    if answer.status_code not in (200, 201):
        raise RuntimeError(answer.text)
    kept.transactions = [statements for statements in kept.transactions if statements]
    kept.answer = answer.json
    return kept


def forget(ground: Ground) -> None:
    """Remove what recording wrote, so that it can be written again."""
    with psycopg.connect(ground.owner_url, autocommit=True) as connection:
        connection.execute(f"truncate {_WRITTEN} cascade".encode())
        connection.execute("vacuum analyze")


# What is served


def settings_of(ground: Ground) -> dict[str, str]:
    return {
        "DATABASE_URL": ground.owner_url,
        "CRENEAU_ENCRYPTION_KEYS": generate_key(),
        "CRENEAU_JWT_SECRET": generate_key(),
        "SLACK_SIGNING_SECRET": "not used here",
        "CRENEAU_TOKEN_REQUESTS_PER_MINUTE": "1000000",
        "CRENEAU_ORGANIZATION_REQUESTS_PER_MINUTE": "1000000",
    }


@contextmanager
def opened(ground: Ground, options: dict[str, str]) -> Iterator[Creneau]:
    creneau = wire(Settings.model_validate(options), ground.owner_url, StandingClock())
    yield creneau
    creneau.close()


def serve_ours(port: int, url: str, options: dict[str, str]) -> None:
    def build() -> Flask:
        configure_logging()
        return wire(Settings.model_validate(options), url, StandingClock(), pool_size=_THREADS).web

    serve(port, build)


def serve_bare(port: int, url: str, recorded: Sequence[Recording]) -> None:
    serve(port, lambda: bare(url, recorded))


def bare(url: str, recorded: Sequence[Recording]) -> Flask:
    app = Flask(__name__)
    pool = ConnectionPool(runtime_conninfo(url), min_size=_THREADS, max_size=_THREADS, open=True)
    turns = itertools.cycle(recorded)

    @app.route("/<path:_path>", methods=["GET", "POST"])
    def answer(_path: str) -> Response:
        if request.method == "POST":
            request.get_json()
        turn = next(turns)
        for statements in turn.transactions:
            with pool.connection() as connection:
                for one in statements:
                    kind = psycopg.RawCursor if one.is_raw else psycopg.Cursor
                    cursor = kind(connection).execute(one.text, one.params)
                    if cursor.description:
                        cursor.fetchall()
        return jsonify(turn.answer)

    return app


def serve(port: int, build: Callable[[], Flask]) -> None:
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - ours writes its lines to the end; nobody reads them here
    options = {"bind": f"127.0.0.1:{port}", "workers": 1, "worker_class": "gthread", "threads": _THREADS}

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            for name, value in {**options, "keepalive": 75, "control_socket_disable": True}.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return build()

    Server().run()


@contextmanager
def served(target: Callable[..., None], *arguments: Any) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = _SPAWN.Process(target=target, args=(port, *arguments))
    process.start()
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.join(_PATIENCE)


def _wait_for(port: int) -> None:
    until = perf_counter() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if perf_counter() > until:
                raise
        else:
            return


# What is measured


def compare(
    ground: Ground,
    options: dict[str, str],
    recorded: Sequence[Recording],
    wanted: Sequence[Wanted],
    step: int | None,
    rounds: int,
) -> float:
    """Return the median of (requests a second of ours / of the bare route), the two taken in turn each round.

    With a step each round asks for the next so many; else for the same again.
    """
    sent = [one.to_bytes() for one in wanted]
    with ExitStack() as stack:
        ours = stack.enter_context(served(serve_ours, ground.owner_url, options))
        other = stack.enter_context(served(serve_bare, ground.owner_url, recorded))
        ratios = []
        for number in range(rounds + 1):
            part = sent if step is None else sent[number * step : (number + 1) * step]
            ratios.append(rate(ours, part) / rate(other, part))
    return median(ratios[1:])  # the first round warms both


def rate(port: int, requests: Sequence[bytes]) -> float:
    """Return the requests a second, asked over as many connections as the server has threads."""
    failures: list[bytes] = []

    def ask_all(own: Sequence[bytes]) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as connection:
            for one in own:
                connection.sendall(one)
                head = _read_answer(connection)
                if head.split(b" ", 2)[1] not in (b"200", b"201", b"304"):
                    failures.append(head)

    threads = [Thread(target=ask_all, args=(requests[place::_THREADS],)) for place in range(_THREADS)]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = perf_counter() - began
    if failures:
        raise RuntimeError(f"{len(failures)} requests failed: {failures[0]!r}")
    return len(requests) / seconds


def _read_answer(connection: socket.socket) -> bytes:
    """Read one answer whole and return its head."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += connection.recv(65536)
    head, _, body = read.partition(b"\r\n\r\n")
    if head.split(b" ", 2)[1] == b"304":
        return head
    length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
    left = length - len(body)
    while left > 0:
        left -= len(connection.recv(left))
    return head
