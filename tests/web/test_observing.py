"""What a request leaves behind: an id, one line of log without anybody in it, a count, and headers for browsers."""

from collections.abc import MutableMapping
from typing import Any
from uuid import uuid4

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from werkzeug.test import Client

from creneau.core.domain.figures import Figures
from creneau.core.services.operations import OperationsService
from creneau.core.storage.database import Database
from creneau.web.application import WebParts, create_web
from creneau.web.metrics import Metrics, metrics_blueprint
from creneau.web.observing import Observed
from tests.conftest import Centre, MovableClock
from tests.web.api_client import API, Api, a_booking, build_api, build_authenticator, services_of


def logged(work: Any) -> list[MutableMapping[str, Any]]:
    with capture_logs(processors=[merge_contextvars]) as events:
        work()
    return events


def test_a_request_is_one_line_with_its_route_and_ids(api: Api, centre: Centre):
    def book() -> None:
        api.post(centre.beneficiary, "/bookings", a_booking(centre), **{"X-Request-Id": "abc-1"})

    [line] = logged(book)

    assert line.pop("duration_ms") > 0
    assert line == {
        "event": "web.request_answered",
        "log_level": "info",
        "method": "POST",
        "route": f"{API}/bookings",
        "status": 201,
        "organization_id": str(centre.organization.id),
        "user_id": str(centre.beneficiary.id),
        "request_id": "abc-1",
    }


def test_a_line_has_the_route_and_never_the_address(api: Api, centre: Centre):
    def ask() -> None:
        api.get(centre.admin, f"/bookings/{uuid4()}")
        api.app.test_client().get("/Marie-Durand")
        api.app.test_client().open("/health", method="MARIE")

    found, nowhere, odd = logged(ask)

    assert (found["route"], found["status"]) == (f"{API}/bookings/<bookingId>", 404)
    assert (nowhere["route"], nowhere["status"], nowhere["method"]) == ("unmatched", 404, "GET")
    assert (odd["route"], odd["method"]) == ("unmatched", "OTHER")


def test_all_lines_of_a_request_have_its_id_and_the_answer_too(centre: Centre, clock: MovableClock):
    api = build_api(centre, clock)

    def crash() -> str:
        raise RuntimeError

    api.app.add_url_rule("/crash", view_func=crash)
    answers: list[Any] = []

    events = logged(lambda: answers.append(api.app.test_client().get("/crash")))

    assert [event["event"] for event in events] == ["web.request_crashed", "web.request_answered"]
    assert {event["request_id"] for event in events} == {answers[0].headers["X-Request-Id"]}
    assert answers[0].status_code == 500


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 65, "é", "<script>", "a\tb"])
def test_an_id_that_cannot_stand_in_a_log_is_replaced(api: Api, given: str | None):
    headers = {} if given is None else {"X-Request-Id": given}

    first, second = (api.app.test_client().get("/health", headers=headers).headers["X-Request-Id"] for _ in range(2))

    assert len(first) == 32
    assert first.isalnum()
    assert given != first != second


@pytest.mark.parametrize("path", ["/", "/health", "/nowhere", "/ready", f"{API}/openapi.json", f"{API}/bookings"])
def test_every_answer_tells_browsers_to_be_careful(api: Api, path: str):
    headers = api.app.test_client().get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_an_answer_that_only_renews_what_is_kept_says_it_without_the_headers_again():
    def inner(environ: Any, start_response: Any) -> list[bytes]:
        start_response(environ["PATH_INFO"][1:], [("ETag", "x")])
        return []

    client = Client(Observed(inner, Metrics(), {"X-Frame-Options": "DENY"}))

    assert client.get("/200 OK").headers["X-Frame-Options"] == "DENY"
    assert [name for name, _ in client.get("/304 NOT MODIFIED").headers] == ["ETag", "X-Request-Id"]


def test_with_a_public_address_in_https_browsers_keep_to_it(centre: Centre, clock: MovableClock):
    authenticator = build_authenticator(centre, clock)
    web = create_web(WebParts(services_of(centre, clock), authenticator, dict, base_url="https://creneau.example.org"))

    assert web.test_client().get("/health").headers["Strict-Transport-Security"].startswith("max-age=31536000")


# Metrics


def build_web(
    centre: Centre, clock: MovableClock, database: Database, token: str | None = None, figures: Any = None
) -> Api:
    metrics = Metrics()
    read = figures or OperationsService(database, clock).read_figures
    parts = WebParts(
        services_of(centre, clock),
        build_authenticator(centre, clock),
        dict,
        (metrics_blueprint(metrics, read, token),),
        metrics,
    )
    return Api(create_web(parts), clock)


def scrape(api: Api, **headers: str) -> dict[str, float]:
    answer = api.app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_requests_are_counted_by_route_and_status_and_timed(centre: Centre, clock: MovableClock, database: Database):
    api = build_web(centre, clock, database)
    path = f"/availability/{centre.consultant.id}/slots"
    for _ in range(3):
        api.get(centre.beneficiary, path)
    api.app.test_client().get(API + path)
    api.app.test_client().get("/nowhere")

    counts = scrape(api)

    route = f'method="GET",route="{API}/availability/<consultantId>/slots"'
    assert counts[f'creneau_http_requests_total{{{route},status="200"}}'] == 3
    assert counts[f'creneau_http_requests_total{{{route},status="401"}}'] == 1
    assert counts[f"creneau_http_request_seconds_count{{{route}}}"] == 4
    assert counts['creneau_http_requests_total{method="GET",route="unmatched",status="404"}'] == 1
    assert str(centre.consultant.id) not in repr(counts)


def test_without_a_worker_its_age_is_infinite(centre: Centre, clock: MovableClock, database: Database):
    counts = scrape(build_web(centre, clock, database))

    assert counts["creneau_database_up"] == 1
    assert counts["creneau_worker_heartbeat_age_seconds"] == float("inf")
    assert counts["creneau_calendar_push_lag_seconds"] == 0


def test_without_its_database_a_scrape_tells_so_and_the_requests(
    centre: Centre, clock: MovableClock, database: Database
):
    def fail() -> Figures:
        raise RuntimeError

    api = build_web(centre, clock, database, figures=fail)
    api.app.test_client().get("/health")

    counts = scrape(api)

    assert counts["creneau_database_up"] == 0
    assert counts['creneau_http_requests_total{method="GET",route="/health",status="200"}'] == 1


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("fd00::1", {}, 200),
        ("93.184.216.34", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "93.184.216.34"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 404),
        ("127.0.0.1", {"X-Real-IP": "127.0.0.1"}, 404),
    ],
)
def test_metrics_answer_to_neighbours_who_ask_directly(
    centre: Centre, clock: MovableClock, database: Database, peer: str, headers: dict[str, str], status: int
):
    client = build_web(centre, clock, database).app.test_client()

    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})

    assert answer.status_code == status


def test_with_a_token_metrics_answer_to_the_token_alone(centre: Centre, clock: MovableClock, database: Database):
    client = build_web(centre, clock, database, token="a-token-of-metrics").app.test_client()

    def status(**headers: str) -> int:
        return client.get("/metrics", headers=headers).status_code

    assert status(Authorization="Bearer a-token-of-metrics") == 200
    assert [status(), status(Authorization="Bearer a-token"), status(Authorization="Bearer é")] == [404] * 3
