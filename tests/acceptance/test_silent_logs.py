"""Nothing that people are or write gets into the logs: not when all goes well, and not when something breaks."""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from io import StringIO

import psycopg
import pytest
import structlog
from sqlalchemy import text

from creneau.app.logging import configure_logging
from creneau.core.domain.feeds import FeedKind
from creneau.core.domain.people import Role
from creneau.core.services.feeds import FeedService
from creneau.core.services.notes import NotesService
from creneau.core.services.operations import OperationsService
from creneau.core.storage.database import Database
from creneau.web.api.bookings import BookingsQuery
from creneau.web.application import WebParts, create_web
from creneau.web.feeds import feeds_door
from creneau.web.metrics import Metrics, metrics_blueprint
from tests.conftest import Centre, MovableClock, build_centre, new_id
from tests.web.api_client import API, Api, a_booking, build_api, build_authenticator, services_of

NAME, EMAIL, NOTE = "Zoé Canari-Nom", "canari.adresse@example.org", "canari-note-du-bilan"
CANARIES = re.compile(r"canari|eyJ|example\.org", re.IGNORECASE)

INSERT = text("""
  insert into users (organization_id, id, role, name, email, timezone, locale)
  values (:o, gen_random_uuid(), :role, :n, :e, 'Europe/Paris', 'fr')
""")


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure_logging()
    yield written
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def centre(database: Database, clock: MovableClock) -> Centre:
    return build_centre(database, clock)


def test_a_booking_with_a_note_and_its_refusals(
    logs: StringIO, centre: Centre, clock: MovableClock, database: Database
):
    api = build_api(centre, clock)
    zoe = centre.people.add_user(centre.organization, Role.BENEFICIARY, NAME, f"{new_id()}.{EMAIL}")
    bilan = centre.people.open_bilan(zoe, centre.consultant)
    body = a_booking(centre, bilan_id=str(bilan.id), meeting_location=NOTE)

    booking = api.post(zoe, "/bookings", body).json["data"]
    api.post(zoe, "/bookings", body)
    api.post(zoe, "/bookings", {**body, NOTE: NOTE})
    api.put(zoe, f"/bookings/{booking['id']}/cancel", {"cancellation_reason": NOTE})
    NotesService(database, clock, new_id).set_notes(centre.actor(zoe), booking["id"], NOTE)
    api.app.test_client().get(f"{API}/{NOTE}?q={NOTE}", headers={"Authorization": f"Bearer {NOTE}", "X-Note": NOTE})

    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    assert [line["status"] for line in lines if line["event"] == "web.request_answered"] == [201, 409, 422, 200, 404]
    assert CANARIES.findall(logs.getvalue()) == []


def failing_statement(database: Database, centre: Centre) -> None:
    with database.transaction(centre.organization.id) as tx:
        tx.execute(
            INSERT,
            {"o": centre.organization.id, "role": "NOBODY", "n": NAME, "e": EMAIL},
        )


def doubled_row(database: Database, centre: Centre) -> None:
    with database.transaction(centre.organization.id) as tx:
        for _ in range(2):
            tx.execute(
                INSERT,
                {"o": centre.organization.id, "role": "CONSULTANT", "n": NAME, "e": EMAIL},
            )


def bad_value(database: Database, centre: Centre) -> None:
    BookingsQuery.model_validate({"date_from": NOTE})


@pytest.mark.parametrize("crash", [failing_statement, doubled_row, bad_value])
def test_a_crash_with_somebody_in_it(
    logs: StringIO,
    centre: Centre,
    clock: MovableClock,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    crash: Callable[[Database, Centre], None],
):
    api: Api = build_api(centre, clock)
    monkeypatch.setattr(centre.scheduling, "get_booking", lambda *_: crash(database, centre))

    answer = api.get(centre.admin, f"/bookings/{new_id()}")

    assert answer.status_code == 500
    assert "web.request_crashed" in logs.getvalue()
    assert CANARIES.findall(logs.getvalue() + answer.text) == []


def test_a_feeds_address_is_in_no_log_and_no_metric(
    logs: StringIO, centre: Centre, clock: MovableClock, database: Database, monkeypatch: pytest.MonkeyPatch
):
    service, metrics = FeedService(database, clock, new_id), Metrics()
    read_figures = OperationsService(database, clock).read_figures
    blueprints = (metrics_blueprint(metrics, read_figures, None),)
    parts = WebParts(
        services_of(centre, clock),
        build_authenticator(centre, clock),
        dict,
        blueprints,
        metrics,
        doors={"/feeds/": feeds_door(service, "creneau")},
    )
    web = create_web(parts).test_client()
    token = service.issue_feed_token(centre.consultant, FeedKind.SESSIONS, centre.actor(centre.consultant))
    files = ("sessions.ics", "busy.ics", "busy.ifb", "other.ics")

    statuses = [web.get(f"/feeds/{token}/{file}", headers={"Referer": f"/feeds/{token}"}).status_code for file in files]
    statuses.append(web.post(f"/feeds/{token}/sessions.ics").status_code)
    service.revoke_feed_token(centre.actor(centre.consultant), FeedKind.SESSIONS)
    statuses.append(web.get(f"/feeds/{token}/sessions.ics").status_code)

    def crash(given: str, _kind: FeedKind) -> None:
        raise RuntimeError(f"no answer for /feeds/{given}/sessions.ics")

    monkeypatch.setattr(service, "open_feed", crash)
    statuses.append(web.get(f"/feeds/{token}/sessions.ics").status_code)

    def be_down(given: str, _kind: FeedKind) -> None:
        raise psycopg.OperationalError(f"server closed the connection on {given}")

    monkeypatch.setattr(service, "open_feed", be_down)
    down = web.get(f"/feeds/{token}/sessions.ics")
    statuses.append(down.status_code)

    assert statuses == [200, 404, 404, 404, 405, 404, 500, 503]
    assert (down.json["code"], down.headers["Retry-After"]) == ("service.unavailable", "2")
    assert logs.getvalue().count("web.request_answered") == len(statuses)
    assert "web.request_crashed" in logs.getvalue()
    counted = web.get("/metrics").text
    assert 'route="/feeds/<token>/<file>"' in counted
    with database.transaction(centre.organization.id) as tx:
        kept = str(tx.execute(text("select audit_log::text from audit_log")).all())
    for place in (logs.getvalue(), counted, kept):
        assert token not in place
        assert token[8:24] not in place
