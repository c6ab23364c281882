"""What a feed costs: one that has not changed beside a bare Flask route, one that has beside the icalendar library."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
from flask import Flask, Response
from icalendar import Calendar, Event
from structlog.testing import capture_logs

from bench import slot_rows
from bench.api import opened, rate, serve, serve_ours, served, settings_of
from bench.ground import MONDAY, Ground, StandingClock, new_id, open_ground
from bench.ratio import Result
from creneau.app.wiring import RENDERING_IN_FORCE
from creneau.core.domain.feeds import FeedKind
from creneau.core.services.feeds import FeedService

_SESSIONS = 1000
_REQUESTS = 400  # a round
_CHANGE = """
update session_bookings set version = version + 1, updated_at = updated_at + interval '1 ms'
where id = (select id from session_bookings limit 1)
"""


def unchanged(rounds: int) -> Result:
    """A program that asks again whether a feed of a thousand sessions has changed, over a connection that is kept."""
    with open_ground() as ground:
        path = _fill(ground)
        options = settings_of(ground)
        with opened(ground, options) as creneau, capture_logs():
            etag = creneau.web.test_client().get(path).headers["ETag"]
        asked = [f"GET {path} HTTP/1.1\r\nHost: bench\r\nIf-None-Match: {etag}\r\n\r\n".encode()] * _REQUESTS
        with ExitStack() as stack:
            ours = stack.enter_context(served(serve_ours, ground.owner_url, options))
            bare = stack.enter_context(served(_serve_bare, etag))
            ratios = [rate(bare, asked) / rate(ours, asked) for _ in range(rounds + 1)]
    value = round(median(ratios[1:]), 2)
    return Result("feeds.unchanged", value, "ratio", 1.5, "lower", "a bare Flask route that answers 304")


def changed(rounds: int) -> Result:
    """A feed of a thousand sessions of which one has just changed, from the request to the bytes."""
    with open_ground() as ground:
        path = _fill(ground)
        with (
            opened(ground, settings_of(ground)) as creneau,
            psycopg.connect(ground.owner_url, autocommit=True) as connection,
            capture_logs(),
        ):
            client = creneau.web.test_client()
            build = _icalendar(client.get(path).data)
            ratios = []
            for _ in range(rounds + 1):
                connection.execute(_CHANGE)
                ratios.append(_seconds(build) / _seconds(lambda: client.get(path)))
    ratio = median(ratios[1:])
    return Result(
        "feeds.changed", round(ratio, 1), "ratio", 20.0, "higher", "icalendar making the same thousand events"
    )


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _fill(ground: Ground) -> str:
    """Give the consultant a thousand sessions of the days that feeds are about, and an address to read them at."""
    slot_rows.add_sessions(ground, ground.consultant.id, MONDAY.date() - timedelta(days=80), _SESSIONS)
    slot_rows.analyze(ground)
    service = FeedService(ground.database, StandingClock(), new_id, RENDERING_IN_FORCE)
    return f"/feeds/{service.issue_feed_token(ground.consultant, FeedKind.SESSIONS)}/sessions.ics"


def _icalendar(body: bytes) -> Callable[[], object]:
    """Return what makes a feed that says the same as ours, value by value, and turns it into bytes."""
    ours: Any = Calendar.from_ical(body)
    values = [[(name, getattr(value, "dt", value)) for name, value in event.items()] for event in ours.walk("VEVENT")]
    if len(values) != _SESSIONS:
        raise RuntimeError(len(values))

    def make() -> bytes:
        calendar = Calendar()
        calendar.add("version", "2.0")
        calendar.add("prodid", "-//bench//EN")
        for said in values:
            event = Event()
            for name, value in said:
                event.add(name, value)
            calendar.add_component(event)
        made: bytes = calendar.to_ical()
        return made

    return make


def _serve_bare(port: int, etag: str) -> None:
    def build() -> Flask:
        app = Flask(__name__)

        @app.get("/feeds/<token>/<file>")
        def answer(token: str, file: str) -> Response:
            return Response(status=304, headers={"ETag": etag})

        return app

    serve(port, build)
