"""Too many requests: 429 in the one shape, with when to come back; what is left is told with every answer."""

from datetime import timedelta

import pytest

from creneau.core.domain.rates import RateLimit, RateLimits
from creneau.web.tokens import issue_token
from tests.conftest import Centre, MovableClock
from tests.web.api_client import API, SETTINGS, Api, a_booking, build_api


@pytest.fixture
def api(centre: Centre, clock: MovableClock) -> Api:
    return build_api(centre, clock, RateLimits(token=RateLimit(3), organization=RateLimit(5)))


def test_what_is_left_is_told_and_then_when_to_come_back(api: Api, centre: Centre, clock: MovableClock):
    path = f"/availability/{centre.consultant.id}/slots"
    answers = [api.get(centre.beneficiary, path) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers.get("RateLimit") for answer in answers] == [
        '"token";r=2;t=20', '"token";r=1;t=40', '"token";r=0;t=60', None,
    ]  # fmt: skip
    assert answers[0].headers["RateLimit-Policy"] == '"token";q=3;w=60'
    assert answers[3].json == {
        "error": "Too many requests. Try again in 20 seconds.",
        "code": "rate.exceeded",
        "details": {"limit": "token", "retry_after_seconds": 20},
    }
    assert answers[3].headers["Retry-After"] == "20"

    clock.move(seconds=20)
    again = issue_token(SETTINGS, centre.beneficiary, clock.now() - timedelta(seconds=20), timedelta(hours=1))
    client = api.app.test_client()
    assert client.get(API + path, headers={"Authorization": f"Bearer {again}"}).status_code == 200


def test_everybody_of_an_organization_counts_together_and_other_organizations_do_not(
    api: Api, centre: Centre, other_centre: Centre
):
    path = f"/availability/{centre.consultant.id}/slots"
    people = [centre.beneficiary, centre.consultant, centre.admin]

    answers = [api.get(user, path) for user in people for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[5].json["details"]["limit"] == "organization"
    assert api.get(other_centre.admin, f"/availability/{other_centre.consultant.id}/slots").status_code == 200


def test_a_refused_request_writes_nothing(api: Api, centre: Centre):
    for _ in range(3):
        api.get(centre.beneficiary, "/nowhere")
        api.get(centre.beneficiary, f"/availability/{centre.consultant.id}/slots")

    assert api.post(centre.beneficiary, "/bookings", a_booking(centre)).status_code == 429
    bookings = api.get(centre.admin, f"/consultant/{centre.consultant.id}/bookings")
    assert bookings.json["total"] == 0


def test_a_bad_token_is_refused_before_anything_is_counted(api: Api, centre: Centre):
    client = api.app.test_client()
    for _ in range(10):
        assert client.get(f"{API}/bookings/x", headers={"Authorization": "Bearer a.b.c"}).status_code == 401

    assert api.get(centre.beneficiary, f"/availability/{centre.consultant.id}/slots").status_code == 200
