"""Requests that are made again, and requests that mean one version: Idempotency-Key, ETag, If-Match, If-None-Match."""

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Centre
from tests.web.api_client import API, Api, a_booking


def send(api: Api, user: object, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
    sent = {} if body is None else {"json": body}
    return api.app.test_client().open(API + path, method=method, headers={**api.bearer(user), **headers}, **sent)


@pytest.fixture
def booking(api: Api, centre: Centre) -> TestResponse:
    return api.post(centre.beneficiary, "/bookings", a_booking(centre))


def path_of(booking: TestResponse) -> str:
    return f"/bookings/{booking.json['data']['id']}"


def test_a_booking_has_the_same_tag_until_it_changes(api: Api, centre: Centre, booking: TestResponse):
    read = api.get(centre.consultant, path_of(booking))
    confirmed = api.put(centre.consultant, f"{path_of(booking)}/confirm")

    assert read.headers["ETag"] == booking.headers["ETag"]
    assert read.headers["ETag"].startswith('"1-')
    assert confirmed.headers["ETag"].startswith('"2-')


def test_what_the_caller_has_already_is_not_sent_again(api: Api, centre: Centre, booking: TestResponse):
    known = {"If-None-Match": booking.headers["ETag"]}

    same = send(api, centre.consultant, "GET", path_of(booking), **known)
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", booking.headers["ETag"])

    # Another session on the bilan leaves fewer hours: what would be shown is not the same, though the version is.
    api.post(centre.beneficiary, "/bookings", a_booking(centre, scheduled_start_time="14:00"))
    assert send(api, centre.consultant, "GET", path_of(booking), **known).status_code == 200


def test_a_change_of_a_version_that_is_past_is_refused(api: Api, centre: Centre, booking: TestResponse):
    seen = {"If-Match": booking.headers["ETag"]}
    confirmed = send(api, centre.consultant, "PUT", f"{path_of(booking)}/confirm", **seen)
    assert confirmed.status_code == 200

    reason = {"cancellation_reason": "Unwell"}
    stale = send(api, centre.beneficiary, "PUT", f"{path_of(booking)}/cancel", reason, **seen)
    assert (stale.status_code, stale.json["code"], stale.json["details"]) == (412, "booking.changed", {"version": 2})

    now = {"If-Match": confirmed.headers["ETag"]}
    assert send(api, centre.beneficiary, "PUT", f"{path_of(booking)}/cancel", reason, **now).status_code == 200


@pytest.mark.parametrize(("tag", "status"), [("*", 200), ('"1"', 200), ('W/"1-ab"', 200), ('"2"', 412)])
def test_any_form_of_the_tag_will_do(api: Api, centre: Centre, booking: TestResponse, tag: str, status: int):
    assert send(api, centre.consultant, "PUT", f"{path_of(booking)}/confirm", **{"If-Match": tag}).status_code == status


@pytest.mark.parametrize("tag", ["1", '"one"', '"0"', '"1", "2"', "", "'1'", '"99999999999999999999"'])
def test_what_is_no_tag_of_ours_is_refused(api: Api, centre: Centre, booking: TestResponse, tag: str):
    answer = send(api, centre.consultant, "PUT", f"{path_of(booking)}/confirm", **{"If-Match": tag})

    assert (answer.status_code, answer.json["code"]) == (422, "request.invalid")
    assert api.get(centre.consultant, path_of(booking)).json["data"]["status"] == "SCHEDULED"


def creates(centre: Centre) -> dict[str, tuple[object, dict[str, object], dict[str, object]]]:
    rule = {"day_of_week": 6, "start_time": "09:00", "end_time": "12:00"}
    person = {"role": "BENEFICIARY", "name": "Zoé", "email": f"{centre.bilan.id}@example.org"}
    pair = {"beneficiary_id": str(centre.beneficiary.id), "consultant_id": str(centre.consultant.id)}
    return {
        "/availability": (centre.consultant, rule, {**rule, "day_of_week": 0}),
        "/availability/bulk": (centre.consultant, {"slots": [rule]}, {"slots": [rule, rule]}),
        "/bookings": (centre.beneficiary, a_booking(centre), a_booking(centre, scheduled_start_time="14:00")),
        "/time-off": (
            centre.consultant,
            {"first_date": "2027-01-04", "last_date": "2027-01-05"},
            {"first_date": "2027-01-04", "last_date": "2027-01-06"},
        ),
        "/users": (centre.admin, person, {**person, "locale": "en"}),
        "/bilans": (centre.admin, pair, {**pair, "purchased_minutes": 600}),
    }


@pytest.mark.parametrize("path", ["/availability", "/availability/bulk", "/bookings", "/time-off", "/bilans", "/users"])
def test_a_create_under_one_key_is_done_once(api: Api, centre: Centre, path: str):
    user, body, other = creates(centre)[path]
    key = {"Idempotency-Key": "a key"}

    first, again = (send(api, user, "POST", path, body, **key) for _ in range(2))
    reused = send(api, user, "POST", path, other, **key)
    unnamed = send(api, user, "POST", path, body, **{"Idempotency-Key": "k" * 256})

    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert (reused.status_code, reused.json["code"]) == (422, "idempotency.key_reused")
    assert (unnamed.status_code, unnamed.json["code"]) == (422, "idempotency.invalid_key")


def test_one_key_does_not_stand_for_two_kinds_of_things(api: Api, centre: Centre):
    key = {"Idempotency-Key": "a key"}
    made = creates(centre)
    assert send(api, centre.consultant, "POST", "/availability", made["/availability"][1], **key).status_code == 201

    answer = send(api, centre.consultant, "POST", "/time-off", made["/time-off"][1], **key)

    assert answer.json["code"] == "idempotency.key_reused"


def test_every_create_that_the_document_lists_takes_a_key(api: Api):
    document = api.app.test_client().get(f"{API}/openapi.json").json
    keyed = {
        path.removeprefix(API)
        for path, item in document["paths"].items()
        if any(parameter["name"] == "Idempotency-Key" for parameter in item.get("post", {}).get("parameters", []))
    }
    posted = {path.removeprefix(API) for path, item in document["paths"].items() if "post" in item}

    assert posted - keyed == {"/availability/{slotId}/preview"}
