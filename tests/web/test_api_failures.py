"""What is no refusal of the core: unknown addresses, crashes, a database that does not answer, readiness."""

from uuid import uuid4

import psycopg
import pytest
import sqlalchemy.exc

from creneau.core.storage.database import Database
from creneau.web.application import WebParts, create_web
from tests.conftest import Centre, MovableClock, Urls, build_centre
from tests.web.api_client import API, Api, build_api, build_authenticator, services_of


@pytest.fixture
def api(centre: Centre, clock: MovableClock) -> Api:
    """On the centre's own services, for a test to break."""
    return build_api(centre, clock)


def test_an_unknown_address_and_a_wrong_verb_are_told_apart(api: Api, centre: Centre):
    nowhere = api.get(centre.admin, "/nowhere")
    wrong = api.put(centre.admin, "/bookings", {})

    assert (nowhere.status_code, nowhere.json["code"]) == (404, "route.not_found")
    assert (wrong.status_code, wrong.json["code"]) == (405, "route.method_not_allowed")
    assert "POST" in wrong.headers["Allow"]


def test_a_crash_says_nothing_of_itself(api: Api, centre: Centre, monkeypatch: pytest.MonkeyPatch):
    def crash(*_: object) -> None:
        raise RuntimeError("a password")

    monkeypatch.setattr(centre.scheduling, "get_booking", crash)

    answer = api.get(centre.admin, f"/bookings/{uuid4()}")

    assert (answer.status_code, answer.json["code"], answer.json["details"]) == (500, "internal", {})
    assert "password" not in answer.text


@pytest.mark.parametrize(
    "failure",
    [
        sqlalchemy.exc.TimeoutError("QueuePool limit"),
        sqlalchemy.exc.OperationalError("select 1", {}, Exception("gone")),
        psycopg.OperationalError("gone"),
        psycopg.errors.LockNotAvailable("waited"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_database_that_does_not_answer_is_a_503(
    api: Api, centre: Centre, monkeypatch: pytest.MonkeyPatch, failure: Exception
):
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(centre.scheduling, "get_booking", fail)

    answer = api.get(centre.admin, f"/bookings/{uuid4()}")

    assert (answer.status_code, answer.json["code"]) == (503, "service.unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_pool_without_a_free_connection_is_a_503(fresh_urls: Urls, clock: MovableClock):
    database = Database(fresh_urls.runtime, pool_size=1)
    centre = build_centre(database, clock)
    api = build_api(centre, clock)

    with database.transaction(centre.organization.id):
        answer = api.get(centre.admin, f"/bookings/{uuid4()}")
    database.close()

    assert (answer.status_code, answer.json["code"]) == (503, "service.unavailable")


def test_answers_of_the_api_are_not_stored(api: Api, centre: Centre):
    assert api.get(centre.admin, f"/bookings/{uuid4()}").headers["Cache-Control"] == "no-store"


def test_health_needs_nothing_and_readiness_names_what_failed(centre: Centre, clock: MovableClock):
    def web(**checks: bool) -> object:
        authenticator = build_authenticator(centre, clock)
        return create_web(WebParts(services_of(centre, clock), authenticator, lambda: checks)).test_client()

    ready, waiting = web(database=True, migrations=True), web(database=True, migrations=False)

    assert (ready.get("/health").status_code, waiting.get("/health").status_code) == (200, 200)
    assert ready.get("/ready").json == {"status": "ready", "checks": {"database": True, "migrations": True}}
    assert waiting.get("/ready").status_code == 503
    assert waiting.get("/ready").json["details"] == {"failed": ["migrations"]}


def test_the_api_answers_in_english_sentences_when_there_is_one(api: Api, centre: Centre):
    answer = api.app.test_client().get(f"{API}/bookings/{uuid4()}", headers=api.bearer(centre.admin))

    assert answer.json["code"] == "booking.not_found"
    assert answer.json["error"]
