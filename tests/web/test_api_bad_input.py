"""Bad input: refused with a code and in the one shape, and nothing is written."""

import json

import httpx
import pytest

from tests.conftest import Centre
from tests.web.api_client import API, Api, a_booking

SECRET_LOOKING = "do-not-echo-me"

BAD_MEMBERS: list[dict[str, object]] = [
    {"status": "CONFIRMED"},
    {"organization_id": "00000000-0000-4000-8000-000000000000"},
    {"beneficiary_id": "00000000-0000-4000-8000-000000000000"},
    {"bilan_id": SECRET_LOOKING},
    {"bilan_id": None},
    {"bilan_id": 1},
    {"consultant_id": ["x"]},
    {"scheduled_date": "01/12/2026"},
    {"scheduled_date": 0},
    {"scheduled_date": "2026-02-30"},
    {"scheduled_date": "0000-00-00"},
    {"scheduled_date": "9999-12-31"},
    {"scheduled_date": "2026-12-01T00:00:00"},
    {"scheduled_start_time": "25:00"},
    {"scheduled_start_time": "9:00"},
    {"scheduled_start_time": "10:00+05:00"},
    {"scheduled_start_time": 36000},
    {"starts_at": "2026-12-01T09:00:00"},
    {"starts_at": 1},
    {"starts_at": "0001-01-01T00:00:00+14:00"},
    {"duration_minutes": "60"},
    {"duration_minutes": True},
    {"duration_minutes": -60},
    {"duration_minutes": 10**30},
    {"duration_minutes": 60.5},
    {"meeting_format": "HOLOGRAM"},
    {"session_type": "; drop table users"},
    {"meeting_location": "x" * 256},
    {"meeting_location": "a\0b"},
    {"meeting_location": "\ud800"},
    {"meeting_location": "\x1b[31m"},
    {"meeting_link": "javascript:alert(1)"},
    {"meeting_link": "http://example.org/"},
    {"timezone": "Europe/Paris\0"},
    {"timezone": "\ud800"},
    {"timezone": ""},
    {"timezone": "x" * 65},
    {"\0": 1},
    {"\ud800": 1},
]


@pytest.mark.parametrize("members", BAD_MEMBERS, ids=ascii)
def test_a_booking_with_a_bad_member_is_refused(api: Api, centre: Centre, members: dict[str, object]):
    answer = api.post(centre.beneficiary, "/bookings", a_booking(centre, **members))

    assert answer.status_code == 422
    assert set(answer.json) == {"error", "code", "details"}
    assert answer.json["code"] in ("request.invalid", "text.invalid", "link.invalid", "time.unknown_zone")
    assert SECRET_LOOKING not in answer.text
    nothing_is_written(api, centre)


RAW: dict[str, tuple[bytes, str, int, str]] = {
    "not JSON": (b"{", "application/json", 400, "request.malformed"),
    "not an object": (b"[]", "application/json", 400, "request.malformed"),
    "JSON within JSON": (b'"{}"', "application/json", 400, "request.malformed"),
    "a number": (b"1", "application/json", 400, "request.malformed"),
    "NaN": (b'{"duration_minutes": NaN}', "application/json", 400, "request.malformed"),
    "infinite": (b'{"duration_minutes": -Infinity}', "application/json", 400, "request.malformed"),
    "a key twice": (b'{"bilan_id": "a", "bilan_id": "b"}', "application/json", 400, "request.malformed"),
    "deep arrays": (b"[" * 30_000, "application/json", 400, "request.malformed"),
    "deep objects": (b'{"a":' * 12_000, "application/json", 400, "request.malformed"),
    "a very long number": (b'{"a": ' + b"9" * 10_000 + b"}", "application/json", 400, "request.malformed"),
    "not UTF-8": (b'{"a": "\xff"}', "application/json", 400, "request.malformed"),
    "a gzip": (b"\x1f\x8b\x08\x00", "application/json", 400, "request.malformed"),
    "too large": (b'{"a": "' + b"x" * 70_000 + b'"}', "application/json", 413, "request.too_large"),
    "a form": (b"bilan_id=1", "application/x-www-form-urlencoded", 415, "request.not_json"),
    "text": (b"{}", "text/plain", 415, "request.not_json"),
    "no type": (b"{}", "", 415, "request.not_json"),
    "empty object": (b"{}", "application/json", 422, "request.invalid"),
    "nothing": (b"", "application/json", 422, "request.invalid"),
}


@pytest.mark.parametrize("name", RAW)
def test_a_body_that_is_no_readable_json_is_refused(api: Api, centre: Centre, name: str):
    sent, content_type, status, code = RAW[name]

    answer = api.app.test_client().post(
        f"{API}/bookings", data=sent, content_type=content_type, headers=api.bearer(centre.beneficiary)
    )

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert set(answer.json) == {"error", "code", "details"}
    assert "Body" not in answer.get_data(as_text=True)  # our own class
    nothing_is_written(api, centre)


def test_a_refusal_names_the_fields_and_not_their_values(api: Api, centre: Centre):
    answer = api.post(centre.beneficiary, "/bookings", {"bilan_id": SECRET_LOOKING, "consultant_id": 1})

    fields = answer.json["details"]["fields"]
    assert {field["field"] for field in fields} == {
        "bilan_id",
        "consultant_id",
        "scheduled_date",
        "scheduled_start_time",
    }
    assert all(field["problem"] for field in fields)


@pytest.mark.parametrize(
    "query",
    [
        {"date_from": "yesterday"},
        {"date_from": "1764547200"},
        {"date_to": "\0"},
        {"date_from": "2026-12-02", "date_to": "2026-12-01"},
        {"date_from": "2026-12-01", "date_to": "2028-12-01"},
        {"limit": "201"},
        {"day_of_week": "7"},
        {"sort": "id"},
    ],
    ids=str,
)
def test_a_bad_listing_of_times_is_refused(api: Api, centre: Centre, query: dict[str, str]):
    answer = api.get(centre.beneficiary, f"/availability/{centre.consultant.id}/slots", **query)

    assert answer.status_code == 422
    assert answer.json["code"] in ("request.invalid", "time.invalid_range")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "1e9"},
        {"limit": "10000000000000000000000"},
        {"offset": "-1"},
        {"offset": "x"},
        {"status": "DELETED"},
        {"status": "' or 1=1 --"},
        {"sort": "id"},
        {"date_from": "2026-12-02", "date_to": "2026-12-01"},
    ],
    ids=str,
)
def test_a_bad_listing_of_bookings_is_refused(api: Api, centre: Centre, query: dict[str, str]):
    answer = api.get(centre.consultant, f"/consultant/{centre.consultant.id}/bookings", **query)

    assert answer.status_code == 422
    assert answer.json["code"] in ("request.invalid", "time.invalid_range")


@pytest.mark.parametrize("day", [{"date_from": "0002-01-01"}, {"date_to": "9998-12-31"}], ids=str)
def test_the_ends_of_time_are_only_empty(api: Api, centre: Centre, day: dict[str, str]):
    answer = api.get(centre.consultant, f"/consultant/{centre.consultant.id}/bookings", **day)

    assert (answer.status_code, answer.json["total"]) == (200, 0)


@pytest.mark.parametrize("malformed", ["1", "me", "%00", "00000000-0000-0000-0000-00000000000g", "..", "%ED%A0%80"])
def test_a_malformed_id_in_an_address_is_refused(api: Api, centre: Centre, malformed: str):
    for path in (f"/availability/{malformed}/slots", f"/bookings/{malformed}", f"/consultant/{malformed}/bookings"):
        answer = api.get(centre.consultant, path)

        assert answer.status_code in (400, 404)
        assert answer.json["code"] in ("request.malformed_id", "route.not_found")


@pytest.mark.parametrize("reason", [None, "", "   ", "x" * 501, 1, "a\0b", "\ud800", "\x07"], ids=ascii)
def test_cancelling_needs_a_reason_in_plain_words(api: Api, centre: Centre, reason: object):
    booking = api.post(centre.beneficiary, "/bookings", a_booking(centre)).json["data"]

    answer = api.put(centre.beneficiary, f"/bookings/{booking['id']}/cancel", {"cancellation_reason": reason})

    assert answer.status_code == 422
    assert api.get(centre.beneficiary, f"/bookings/{booking['id']}").json["data"] == booking


def test_confirming_takes_nothing_it_cannot_keep(api: Api, centre: Centre):
    booking = api.post(centre.beneficiary, "/bookings", a_booking(centre)).json["data"]

    answer = api.put(centre.consultant, f"/bookings/{booking['id']}/confirm", {"status": "COMPLETED"})

    assert (answer.status_code, answer.json["code"]) == (422, "request.invalid")


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"day_of_week": 7},
        {"day_of_week": -1},
        {"day_of_week": "1"},
        {"day_of_week": 1, "date_specific": "2026-12-01"},
        {"day_of_week": 1, "is_recurring": False},
        {"day_of_week": 1, "end_time": "08:00"},
        {"day_of_week": 1, "end_time": "24:00"},
        {"day_of_week": 1, "duration_minutes": 481},
        {"day_of_week": 1, "duration_minutes": 1},
        {"day_of_week": 1, "max_concurrent_bookings": 0},
        {"day_of_week": 1, "max_concurrent_bookings": 101},
        {"day_of_week": 1, "timezone": "Europe/Atlantis"},
        {"day_of_week": 1, "timezone": "Europe"},
        {"day_of_week": 1, "recurring_until": "soon"},
        {"day_of_week": 1, "is_available": "yes"},
        {"day_of_week": 1, "deleted_at": None},
    ],
    ids=str,
)
def test_a_bad_rule_is_refused(api: Api, centre: Centre, members: dict[str, object]):
    before = api.times(centre.consultant, centre.consultant)

    answer = api.post(centre.consultant, "/availability", {"start_time": "09:00", "end_time": "17:00", **members})

    assert answer.status_code == 422
    assert set(answer.json) == {"error", "code", "details"}
    assert api.times(centre.consultant, centre.consultant) == before


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        ([b"x" * 1024] * 70, 413),
        ([b"{}", b" " * 65_535], 413),
        ([b"[" * 1024] * 30, 400),
        ([b"{", b"}", b"\0"], 400),
        ([b"{", b"}"], 422),
    ],
    ids=["too large", "one too many", "deep", "trailing", "empty"],
)
def test_a_body_in_chunks_is_held_to_the_same(api: Api, centre: Centre, address: str, chunks: list[bytes], status: int):
    headers = {**api.bearer(centre.beneficiary), "Content-Type": "application/json"}

    answer = httpx.post(f"{address}/bookings", content=iter(chunks), headers=headers, trust_env=False)

    assert answer.status_code == status
    assert set(answer.json()) == {"error", "code", "details"}


def nothing_is_written(api: Api, centre: Centre) -> None:
    listed = api.get(centre.beneficiary, f"/beneficiary/{centre.beneficiary.id}/bookings")
    assert json.loads(listed.data)["total"] == 0
