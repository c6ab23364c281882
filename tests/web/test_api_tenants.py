"""Another organization's ids, and an organization header: nothing is found, nothing is changed."""

from uuid import uuid4

import pytest

from tests.conftest import Centre
from tests.web.api_client import API, Api, a_booking


@pytest.fixture
def foreign_booking(api: Api, other_centre: Centre) -> dict[str, object]:
    return api.post(other_centre.beneficiary, "/bookings", a_booking(other_centre)).json["data"]


@pytest.mark.parametrize("role", ["beneficiary", "consultant", "admin"])
def test_ids_of_another_organization_are_not_found(
    api: Api, centre: Centre, other_centre: Centre, foreign_booking: dict[str, object], role: str
):
    user = getattr(centre, role)
    path = f"/bookings/{foreign_booking['id']}"
    mixed = [
        a_booking(centre, consultant_id=str(other_centre.consultant.id)),
        a_booking(centre, bilan_id=str(other_centre.bilan.id)),
        a_booking(centre, consultant_id=str(other_centre.consultant.id), timezone="Europe/Paris", duration_minutes=60),
    ]

    answers = [
        api.get(user, path),
        api.put(user, f"{path}/confirm"),
        api.put(user, f"{path}/decline"),
        api.put(user, f"{path}/cancel", {"cancellation_reason": "mine now"}),
        api.get(user, f"/availability/{other_centre.consultant.id}/slots"),
        api.get(user, f"/beneficiary/{other_centre.beneficiary.id}/bookings"),
        api.get(user, f"/consultant/{other_centre.consultant.id}/bookings"),
        *[api.post(user, "/bookings", body) for body in mixed],
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert api.get(other_centre.consultant, path).json["data"] == foreign_booking


def test_hours_cannot_be_opened_for_another_organizations_consultant(api: Api, centre: Centre, other_centre: Centre):
    rule = {
        "start_time": "09:00",
        "end_time": "17:00",
        "day_of_week": 0,
        "consultant_id": str(other_centre.consultant.id),
    }

    assert api.post(centre.admin, "/availability", rule).status_code == 404
    assert api.times(other_centre.admin, other_centre.consultant, date_from="2026-12-06", date_to="2026-12-06") == []


def test_the_organization_header_must_be_the_tokens(api: Api, centre: Centre, other_centre: Centre):
    def ask(organization_id: object) -> tuple[int, object]:
        answer = api.app.test_client().get(
            f"{API}/availability/{centre.consultant.id}/slots",
            headers={**api.bearer(centre.beneficiary), "x-organization-id": str(organization_id)},
        )
        return answer.status_code, answer.json.get("code")

    own = centre.organization.id
    assert ask(own) == (200, None)
    assert ask(str(own).upper()) == (200, None)
    assert ask(other_centre.organization.id) == (404, "organization.not_found")
    assert ask(uuid4()) == (404, "organization.not_found")
    assert ask("") == (400, "request.malformed_id")
    assert ask("1' or '1'='1") == (400, "request.malformed_id")
    assert ask(f"{own}, {own}") == (400, "request.malformed_id")
