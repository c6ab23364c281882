"""API3:2023, broken object property level authorization: what is sent beside what is asked for changes nothing.

Cal.com trusted an e-mail address that the client sent (CVE-2026-23478), Cal.diy a team's id in a body (CVE-2026-16624).
Names of fields that answers have: `tests/web/test_api_document.py::test_answers_are_as_documented`.
"""

import re
from typing import Any

from tests.conftest import Centre, new_id
from tests.security.test_api1_object_level import dump
from tests.web.api_client import Api, a_booking

SECRET = re.compile(r"password|sealed|secret|hash|bot_token|refresh_token|access_token|signature|private_metadata")


def planted(centre: Centre, other: Centre) -> dict[str, Any]:
    """Members that no body of ours has, all of them about who somebody is and where something stands."""
    return {
        "organization_id": str(other.organization.id),
        "organizationId": str(other.organization.id),
        "tenant": str(other.organization.id),
        "user_id": str(centre.admin.id),
        "actor_id": str(centre.admin.id),
        "created_by": str(centre.admin.id),
        "email": centre.admin.email,
        "role": "ORG_ADMIN",
        "roles": ["ORG_ADMIN"],
        "is_admin": True,
        "id": str(other.bilan.id),
        "status": "CONFIRMED",
        "version": 77,
        "confirmed_at": "2026-11-30T08:00:00Z",
        "cancelled_by": str(centre.admin.id),
        "rated_by": str(centre.admin.id),
        "deleted_at": None,
        "__proto__": {"role": "ORG_ADMIN"},
        "constructor": {},
    }


def test_nobody_becomes_anybody_and_nothing_lands_elsewhere_by_what_a_body_says(
    api: Api, centre: Centre, other_centre: Centre
):
    extra = planted(centre, other_centre)
    asked = {
        "/bookings": (centre.beneficiary, a_booking(centre)),
        "/availability": (
            centre.consultant,
            {"day_of_week": 6, "start_time": "09:00", "end_time": "10:00", "duration_minutes": 60},
        ),
        "/time-off": (centre.consultant, {"first_date": "2027-01-04", "last_date": "2027-01-05"}),
        "/users": (centre.admin, {"role": "BENEFICIARY", "name": "Zoé", "email": f"{new_id()}@example.org"}),
    }
    before = dump(other_centre), dump(centre)
    for path, (user, body) in asked.items():
        for name, value in extra.items():
            if name not in body:
                answer = api.post(user, path, {**body, name: value})
                assert (answer.status_code, answer.json["code"]) == (422, "request.invalid"), (path, name)
    assert (dump(other_centre), dump(centre)) == before
    for path, (user, body) in asked.items():
        made = api.post(user, path, body)
        assert made.status_code == 201, path
        assert made.json["data"].get("organization_id", str(centre.organization.id)) == str(centre.organization.id)
    assert dump(other_centre) == before[0]
    api.get(centre.beneficiary, "/me", **{name: str(value) for name, value in extra.items()})
    me = api.get(centre.beneficiary, "/me").json["data"]
    assert (me["role"], me["email"]) == ("BENEFICIARY", centre.beneficiary.email)
    assert api.get(centre.beneficiary, "/audit").status_code == 403


def test_no_answer_has_a_member_for_a_secret(api: Api):
    document = api.app.test_client().get("/api/scheduling/openapi.json").json
    members = {
        f"{name}.{member}"
        for name, schema in document["components"]["schemas"].items()
        for member in schema.get("properties", {})
    }
    assert len(members) > 100
    assert [member for member in sorted(members) if SECRET.search(member)] == []
