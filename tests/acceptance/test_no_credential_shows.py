"""Each credential is used, well and badly, while parts fail around it: then all that was left is searched for it."""

import base64
import hashlib
import hmac
import json
import logging
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import httpx
import psycopg
import pytest
import structlog
from psycopg import sql
from werkzeug.wrappers import Request, Response

from creneau.app.logging import configure_logging
from creneau.core.domain.feeds import FeedKind
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.page_links import PagePurpose
from creneau.core.domain.people import Actor
from tests.acceptance.conftest import Story
from tests.acceptance.gestures import ask_and_confirm, booking_of
from tests.calendar_sync.test_caldav import Server
from tests.web.api_client import API

CALENDAR_PASSWORD = "canary-of-a-calendar-password"
ANOTHER_PASSWORD = "canary-that-was-typed-wrong"


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure_logging(logging.DEBUG)
    yield written
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def echo(request: Request) -> Response:
    """A calendar server that quotes whatever it was sent, and takes nothing."""
    given = request.authorization
    said = f"<html>{request.headers} {given.username}:{given.password}</html>" if given else "who?"
    return Response(said, 500, content_type="text/html")


def stored(story: Story) -> str:
    """Return every row of every table as text, bytes in hex, as whoever owns the database reads them."""
    with psycopg.connect(story.stage.urls.owner, autocommit=True) as owner:
        tables = owner.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'"
        ).fetchall()
        for (table,) in tables:
            owner.execute(sql.SQL("alter table {} no force row level security").format(sql.Identifier(table)))
        rows = [
            row
            for (table,) in tables
            for row in owner.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(table)))
        ]
    return "\n".join(text for (text,) in rows)


def ids_of(actor: Actor) -> tuple[OrganizationId, UserId]:
    return actor.organization_id, actor.user_id


def signed(secret: str, body: str) -> dict[str, str]:
    at = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}", "Content-Type": "application/json"}


def test_no_credential_is_in_a_log_a_metric_an_error_or_a_table(
    logs: StringIO, story: Story, monkeypatch: pytest.MonkeyPatch
):
    creneau, base, settings = story.creneau, story.stage.web_url, story.creneau.settings
    paul, marie = story.stage.actor("paul"), story.stage.actor("marie")
    user = creneau.people.get_user(paul.organization_id, paul.user_id)
    jwt = creneau.issue_token(user, timedelta(hours=1))
    feed = creneau.feeds.issue_feed_token(user, FeedKind.SESSIONS, paul)
    page = creneau.page_links.issue(paul, PagePurpose.CONNECT_CALENDAR)
    bot = creneau.slack.find_installation(paul.organization_id).grant.tokens.bot_token
    secrets = {
        "jwt": jwt,
        "feed": feed,
        "page": page,
        "calendar": CALENDAR_PASSWORD,
        "another": ANOTHER_PASSWORD,
        "calendar in a header": base64.b64encode(f"paul:{CALENDAR_PASSWORD}".encode()).decode(),
        "bot": bot,
        "signing": settings.slack_signing_secret.get_secret_value(),
        "signing keys": settings.jwt_secret.get_secret_value(),
        "encryption": settings.encryption_keys[0].get_secret_value(),
        "mail": (mail := "canary-of-a-mail-server"),
        "client": settings.slack_client_secret.get_secret_value(),
    }
    said: list[httpx.Response] = []

    with httpx.Client(base_url=base, trust_env=False) as web, Server(echo).running() as server:
        bearer = {"Authorization": f"Bearer {jwt}"}
        assert web.get(f"{API}/bookings", headers=bearer).status_code == 200
        assert web.get(f"/feeds/{feed}/sessions.ics").status_code == 200
        assert page in web.get(f"/calendar/{page}").request.url.path
        said += [
            web.get(f"{API}/bookings", headers={"Authorization": f"Bearer {jwt[:-3]}"}),
            web.get(f"{API}/bookings/{jwt}", headers=bearer),
            web.get(f"{API}/bookings?status={jwt}&date_from={feed}", headers=bearer),
            web.post(f"{API}/bookings", headers=bearer, json={"bilan_id": jwt, "notes": feed}),
            web.get(f"/feeds/{feed}/busy.ics"),
            web.post(f"/feeds/{feed}/sessions.ics"),
            web.get(f"/feeds/{feed}/a/b?{feed}"),
            web.get(f"/{feed}"),
            web.put(f"/calendar/{page}"),
            web.post("/slack/events", content=json.dumps({"token": bot}), headers=signed("not-the-secret", "x")),
        ]
        form = {"address": server.url, "username": "paul", "password": ANOTHER_PASSWORD}
        shown = web.post(f"/calendar/{page}", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        assert ANOTHER_PASSWORD not in shown.text
        assert {one.status_code for one in said} <= {400, 401, 403, 404, 405, 422}
        garbage = json.dumps({"type": "event_callback", "token": bot, "event": {"type": bot}})
        web.post("/slack/events", content=garbage, headers=signed(secrets["signing"], garbage))

        creneau.calendars.link_calendar(paul, paul.user_id, server.url, "paul", CALENDAR_PASSWORD)
        story.slack.faults.refuse("chat.update", f"invalid_auth {bot}")
        ask_and_confirm(story)
        story.work_again()
        assert [asked.authorization.password for asked in server.asked] != []

        booking = booking_of(story)
        secrets["session page"] = link = creneau.booking_links.issue(booking, creneau.people.get_user(*ids_of(marie)))
        assert web.get(f"/booking/{link}").status_code == 200
        said += [web.get(f"/booking/{link[:-3]}"), web.put(f"/booking/{link}"), web.get(f"{API}/bookings/{link}")]

        def crash(*_: object) -> None:
            raise RuntimeError(
                f"Bearer {jwt}, /booking/{link}/move, smtps://u:{mail}@mail.example, /feeds/{feed}/sessions.ics, {bot}"
            ) from ValueError(bot)

        monkeypatch.setattr(creneau.scheduling, "get_booking", crash)
        monkeypatch.setattr(creneau.feeds, "open_feed", crash)
        said += [web.get(f"{API}/bookings/{marie.user_id}", headers=bearer), web.get(f"/feeds/{feed}/sessions.ics")]
        assert [one.status_code for one in said[-2:]] == [500, 500]
        metrics = web.get("/metrics").text

    told = logs.getvalue()
    for event in ("web.request_crashed", "web.request_answered", "calendar.push_failed", "RuntimeError"):
        assert event in told
    places = {
        "logs": told,
        "metrics": metrics,
        "errors": "\n".join(f"{one.headers}{one.text}" for one in said),
        "tables": stored(story),
    }
    found = [
        (kind, place)
        for place, text in places.items()
        for kind, secret in secrets.items()
        if secret in text or secret[4:-4] in text or secret.encode().hex() in text
    ]
    assert found == []
