"""The main job over HTTP: list, post back, confirm, decline, cancel, read."""

import pytest

from creneau.core.domain.people import Role
from tests.conftest import Centre, MovableClock, weekly
from tests.web.api_client import Api, a_booking

LISTED = {
    "availability_slot_id",
    "consultant_id",
    "scheduled_date",
    "scheduled_start_time",
    "scheduled_end_time",
    "duration_minutes",
    "timezone",
    "starts_at",
    "ends_at",
    "seats_left",
}


def booked(api: Api, centre: Centre, **members: object) -> dict[str, object]:
    answer = api.post(centre.beneficiary, "/bookings", a_booking(centre, **members))
    assert answer.status_code == 201, answer.json
    return answer.json["data"]


def test_a_listed_time_has_the_field_names_of_a_booking(api: Api, centre: Centre):
    answer = api.get(
        centre.beneficiary,
        f"/availability/{centre.consultant.id}/slots",
        date_from="2026-12-01",
        date_to="2026-12-01",
    )

    assert answer.json["success"] is True
    assert answer.json["total"] == len(answer.json["data"]) == 8
    assert set(answer.json["data"][0]) == LISTED
    assert answer.json["data"][0] == {
        "availability_slot_id": str(centre.slots[1].id),
        "consultant_id": str(centre.consultant.id),
        "scheduled_date": "2026-12-01",
        "scheduled_start_time": "09:00",
        "scheduled_end_time": "10:00",
        "duration_minutes": 60,
        "timezone": "Europe/Paris",
        "starts_at": "2026-12-01T08:00:00Z",
        "ends_at": "2026-12-01T09:00:00Z",
        "seats_left": 1,
    }


def test_a_listed_time_can_be_posted_back_as_it_is(api: Api, centre: Centre):
    listed = api.times(centre.beneficiary, centre.consultant)[3]

    answer = api.post(centre.beneficiary, "/bookings", {**listed, "bilan_id": str(centre.bilan.id)})

    assert answer.status_code == 201
    booking = answer.json["data"]
    assert {name: booking[name] for name in LISTED - {"seats_left"}} == {
        name: listed[name] for name in LISTED - {"seats_left"}
    }
    assert (booking["status"], booking["version"], booking["meeting_format"]) == ("SCHEDULED", 1, "VIDEO")
    assert listed not in api.times(centre.beneficiary, centre.consultant)


def test_the_smallest_body_is_read_on_the_consultants_wall_clock(api: Api, centre: Centre):
    booking = booked(api, centre)

    assert (booking["starts_at"], booking["scheduled_start_time"]) == ("2026-12-01T09:00:00Z", "10:00")
    assert booking["beneficiary_id"] == str(centre.beneficiary.id)


def test_another_zone_may_be_named(api: Api, centre: Centre):
    booking = booked(api, centre, scheduled_start_time="04:00", scheduled_end_time="05:00", timezone="America/New_York")

    assert (booking["starts_at"], booking["timezone"]) == ("2026-12-01T09:00:00Z", "Europe/Paris")


@pytest.mark.parametrize(
    "wrong",
    [
        {"scheduled_end_time": "11:30"},
        {"duration_minutes": 90},
        {"ends_at": "2026-12-01T10:30:00Z"},
        {"availability_slot_id": "00000000-0000-4000-8000-000000000000"},
        {"scheduled_start_time": "10:30"},
        {"scheduled_date": "2026-12-06"},
    ],
    ids=str,
)
def test_a_body_that_disagrees_with_the_offer_is_outside_the_rules(api: Api, centre: Centre, wrong: dict[str, object]):
    answer = api.post(centre.beneficiary, "/bookings", a_booking(centre, **wrong))

    assert (answer.status_code, answer.json["code"]) == (422, "slot.outside_rules")
    assert len(answer.json["details"]["alternatives"]) == 3
    assert set(answer.json["details"]["alternatives"][0]) == LISTED
    assert api.get(centre.beneficiary, f"/beneficiary/{centre.beneficiary.id}/bookings").json["total"] == 0


def test_instants_with_an_offset_are_the_same_instants(api: Api, centre: Centre):
    booking = booked(api, centre, starts_at="2026-12-01T10:00:00+01:00", ends_at="2026-12-01T05:00:00-05:00")

    assert booking["ends_at"] == "2026-12-01T10:00:00Z"


def test_a_taken_time_is_a_conflict_with_the_next_free_times(api: Api, centre: Centre):
    booked(api, centre)
    other, bilan = centre.add_beneficiary()

    answer = api.post(other, "/bookings", a_booking(centre, bilan_id=str(bilan.id)))

    assert (answer.status_code, answer.json["code"]) == (409, "slot.taken")
    alternatives = answer.json["details"]["alternatives"]
    assert [alternative["scheduled_start_time"] for alternative in alternatives] == ["11:00", "12:00", "13:00"]
    assert api.post(other, "/bookings", {**alternatives[0], "bilan_id": str(bilan.id)}).status_code == 201


def test_a_beneficiary_who_is_busy_is_told_so_and_not_offered_that_time(api: Api, centre: Centre):
    booked(api, centre)
    colleague = centre.people.add_user(centre.organization, Role.CONSULTANT, "Léa Roux", "lea@example.org")
    assert api.post(colleague, "/availability", a_rule(day_of_week=2)).status_code == 201

    answer = api.post(centre.beneficiary, "/bookings", a_booking(centre, consultant_id=str(colleague.id)))

    assert (answer.status_code, answer.json["code"]) == (409, "beneficiary.busy")
    tuesday = {"date_from": "2026-12-01", "date_to": "2026-12-01"}
    starts = [time["scheduled_start_time"] for time in api.times(centre.beneficiary, colleague, **tuesday)]
    assert "10:00" not in starts
    assert "10:00" in [time["scheduled_start_time"] for time in api.times(colleague, colleague, **tuesday)]


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ({"scheduled_date": "2026-11-27"}, "slot.past"),
        ({"scheduled_date": "2027-02-01"}, "slot.horizon"),
        ({"scheduled_date": "1000-01-01"}, "slot.past"),
        ({"scheduled_date": "9000-01-01"}, "slot.horizon"),
        ({"timezone": "Mars/Olympus"}, "time.unknown_zone"),
        ({"timezone": "../../etc/passwd"}, "time.unknown_zone"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_its_reason(api: Api, centre: Centre, when: dict[str, str], code: str):
    answer = api.post(centre.beneficiary, "/bookings", a_booking(centre, **when))

    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_a_time_that_the_clocks_jump_over_does_not_exist(api: Api, centre: Centre, clock: MovableClock):
    clock.move(days=100)
    answer = api.post(
        centre.beneficiary,
        "/bookings",
        a_booking(centre, scheduled_date="2027-03-28", scheduled_start_time="02:30"),
    )

    assert (answer.status_code, answer.json["code"]) == (422, "time.does_not_exist")


def test_the_consultant_confirms_and_the_beneficiary_cancels(api: Api, centre: Centre):
    booking = booked(api, centre, meeting_format="IN_PERSON", meeting_location="12 rue des Lilas")

    confirmed = api.put(centre.consultant, f"/bookings/{booking['id']}/confirm")
    cancelled = api.put(
        centre.beneficiary, f"/bookings/{booking['id']}/cancel", {"cancellation_reason": "  Empêchée  "}
    )

    assert confirmed.json["data"]["status"] == "CONFIRMED"
    assert confirmed.json["data"]["confirmed_at"] == "2026-11-30T08:00:00Z"
    assert cancelled.json["data"] == {
        **confirmed.json["data"],
        "status": "CANCELLED",
        "version": 3,
        "cancelled_at": "2026-11-30T08:00:00Z",
        "cancelled_by": str(centre.beneficiary.id),
        "cancellation_code": "BY_BENEFICIARY",
        "cancellation_reason": "Empêchée",
        "bilan_hours": {"purchased_minutes": None, "used_minutes": 0, "remaining_minutes": 1440},
    }
    assert api.get(centre.consultant, f"/bookings/{booking['id']}").json["data"] == cancelled.json["data"]


def test_the_consultant_declines_with_or_without_a_reason(api: Api, centre: Centre):
    first, second = booked(api, centre), booked(api, centre, scheduled_start_time="11:00")

    silent = api.put(centre.consultant, f"/bookings/{first['id']}/decline")
    spoken = api.put(centre.consultant, f"/bookings/{second['id']}/decline", {"reason": "Formation"})

    assert (silent.json["data"]["cancellation_code"], silent.json["data"]["cancellation_reason"]) == ("DECLINED", None)
    assert spoken.json["data"]["cancellation_reason"] == "Formation"


def test_moves_that_are_not_allowed_say_why(api: Api, centre: Centre):
    booking = booked(api, centre)

    by_beneficiary = api.put(centre.beneficiary, f"/bookings/{booking['id']}/confirm")
    api.put(centre.consultant, f"/bookings/{booking['id']}/confirm")
    again = api.put(centre.consultant, f"/bookings/{booking['id']}/confirm")
    stranger, _ = centre.add_beneficiary()

    assert (by_beneficiary.status_code, by_beneficiary.json["code"]) == (403, "actor.not_allowed")
    assert (again.status_code, again.json["code"]) == (409, "booking.illegal_transition")
    assert again.json["details"]["status"] == "CONFIRMED"
    assert api.get(stranger, f"/bookings/{booking['id']}").status_code == 404


def test_bookings_are_listed_by_status_day_and_page(api: Api, centre: Centre):
    bookings = [booked(api, centre, scheduled_date=f"2026-12-0{day}") for day in (1, 2, 3)]
    api.put(centre.consultant, f"/bookings/{bookings[0]['id']}/confirm")
    path = f"/consultant/{centre.consultant.id}/bookings"

    everything = api.get(centre.consultant, path)
    confirmed = api.get(centre.consultant, path, status="CONFIRMED")
    from_second = api.get(centre.admin, path, date_from="2026-12-02")
    only_second = api.get(
        centre.beneficiary,
        f"/beneficiary/{centre.beneficiary.id}/bookings",
        date_from="2026-12-02",
        date_to="2026-12-02",
    )
    second_page = api.get(centre.consultant, path, limit=2, offset=2)

    assert [b["id"] for b in everything.json["data"]] == [b["id"] for b in bookings]
    assert [b["id"] for b in confirmed.json["data"]] == [bookings[0]["id"]]
    assert [b["id"] for b in from_second.json["data"]] == [b["id"] for b in bookings[1:]]
    assert [b["id"] for b in only_second.json["data"]] == [bookings[1]["id"]]
    assert ([b["id"] for b in second_page.json["data"]], second_page.json["total"]) == ([bookings[2]["id"]], 3)


def test_days_of_a_listing_are_those_of_the_organization(api: Api, centre: Centre):
    centre.scheduling.create_availability_slot(
        centre.actor(centre.consultant), centre.consultant.id, weekly(4, "00:00", "01:00")
    )
    just_after_midnight = booked(api, centre, scheduled_date="2026-12-03", scheduled_start_time="00:00")

    listed = api.get(
        centre.consultant,
        f"/consultant/{centre.consultant.id}/bookings",
        date_from="2026-12-03",
        date_to="2026-12-03",
    )

    assert just_after_midnight["starts_at"] == "2026-12-02T23:00:00Z"
    assert [b["id"] for b in listed.json["data"]] == [just_after_midnight["id"]]


def a_rule(**members: object) -> dict[str, object]:
    return {"start_time": "09:00", "end_time": "17:00", "duration_minutes": 60, **members}


def test_a_consultant_opens_hours_and_day_zero_is_sunday(api: Api, centre: Centre):
    answer = api.post(centre.consultant, "/availability", a_rule(day_of_week=0, is_recurring=True))

    assert answer.status_code == 201
    slot = answer.json["data"]
    assert (slot["day_of_week"], slot["is_recurring"], slot["timezone"]) == (0, True, "Europe/Paris")
    sunday = api.times(centre.beneficiary, centre.consultant, date_from="2026-12-06", date_to="2026-12-06")
    assert {time["availability_slot_id"] for time in sunday} == {slot["id"]}


def test_an_administrator_opens_hours_for_a_consultant_and_nobody_else_does(api: Api, centre: Centre):
    colleague = centre.people.add_user(centre.organization, Role.CONSULTANT, "Léa Roux", "lea@example.org")
    rule = a_rule(date_specific="2026-12-05", consultant_id=str(centre.consultant.id))

    assert api.post(centre.admin, "/availability", rule).status_code == 201
    assert api.post(colleague, "/availability", rule).json["code"] == "actor.not_allowed"
    assert api.post(centre.beneficiary, "/availability", rule).status_code == 403
    assert api.post(centre.beneficiary, "/availability", a_rule(day_of_week=0)).status_code == 403
    assert len(api.times(centre.admin, centre.consultant, date_from="2026-12-05", date_to="2026-12-05")) == 8


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": "2026-12-01T10:00:00Z"},
        {"starts_at": "2026-12-01T09:00:00+01:00"},
        {"ends_at": "2026-12-01T10:00:00Z", "duration_minutes": 90},
    ],
    ids=str,
)
def test_a_body_that_contradicts_itself_is_outside_the_rules(api: Api, centre: Centre, wrong: dict[str, object]):
    answer = api.post(centre.beneficiary, "/bookings", a_booking(centre, **wrong))

    assert (answer.status_code, answer.json["code"]) == (422, "slot.outside_rules")
    assert api.get(centre.admin, f"/beneficiary/{centre.beneficiary.id}/bookings").json["total"] == 0


def test_the_same_request_under_one_idempotency_key_gets_the_same_answer(api: Api, centre: Centre):
    key = {"Idempotency-Key": "a key"}
    first, again = (api.post(centre.beneficiary, "/bookings", a_booking(centre), **key) for _ in range(2))
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)


@pytest.mark.parametrize(("key", "code"), [("a key", "idempotency.key_reused"), ("k" * 256, "idempotency.invalid_key")])
def test_a_key_with_another_request_and_an_unreadable_key_are_refused(api: Api, centre: Centre, key: str, code: str):
    assert (
        api.post(centre.beneficiary, "/bookings", a_booking(centre), **{"Idempotency-Key": "a key"}).status_code == 201
    )
    other = a_booking(centre, scheduled_start_time="14:00")
    refused = api.post(centre.beneficiary, "/bookings", other, **{"Idempotency-Key": key})
    assert (refused.status_code, refused.json["code"]) == (422, code)


def test_a_booking_over_the_hours_left_is_refused_with_what_is_left(api: Api, centre: Centre):
    centre.people.set_bilan_hours(centre.organization.id, centre.bilan.id, 30)

    refused = api.post(centre.beneficiary, "/bookings", a_booking(centre))

    assert (refused.status_code, refused.json["code"]) == (409, "bilan.hours_exhausted")
    assert refused.json["details"] == {"remaining_minutes": 30, "wanted_minutes": 60}
    assert (
        refused.json["error"]
        == "30\N{NO-BREAK SPACE}min are left on this engagement: not enough for 1\N{NO-BREAK SPACE}h."
    )


def test_a_time_is_explained_and_for_a_bilan_its_hours_count_too(api: Api, centre: Centre):
    centre.people.set_bilan_hours(centre.organization.id, centre.bilan.id, 30)
    path, start = f"/availability/{centre.consultant.id}", "2026-12-01T09:00:00Z"
    of_bilan = {"bilan_id": centre.bilan.id}

    free = api.get(centre.beneficiary, f"{path}/explain", starts_at=start)
    refused = api.get(centre.beneficiary, f"{path}/explain", starts_at=start, **of_bilan)

    assert (free.json["data"]["is_bookable"], free.json["data"]["reasons"]) == (True, [])
    assert refused.json["data"]["reasons"] == ["bilan.hours_exhausted"]
    assert api.times(centre.beneficiary, centre.consultant, **of_bilan) == []


def test_a_listing_is_cut_and_counted_and_keeps_to_a_day_of_the_week(api: Api, centre: Centre):
    path = f"/availability/{centre.consultant.id}/slots"

    page = api.get(centre.beneficiary, path, limit=2, offset=8, date_from="2026-12-01", date_to="2026-12-02")
    wednesdays = api.get(centre.beneficiary, path, day_of_week=3)

    assert page.json["total"] == 16
    assert [time["starts_at"] for time in page.json["data"]] == ["2026-12-02T08:00:00Z", "2026-12-02T09:00:00Z"]
    assert {time["scheduled_date"] for time in wednesdays.json["data"]} == {"2026-12-02", "2026-12-09"}


def test_the_life_of_a_session_goes_by_the_api_alone(api: Api, centre: Centre, clock: MovableClock):
    path = f"/bookings/{booked(api, centre)['id']}"
    offered = api.put(centre.consultant, f"{path}/propose", {"starts_at": ["2026-12-02T13:00:00Z"]})
    proposal = api.get(centre.beneficiary, f"{path}/proposals").json["data"][0]
    moved = api.put(centre.beneficiary, f"{path}/accept", {"proposal_id": proposal["id"]})
    noted = api.put(centre.consultant, f"{path}/notes", {"preparation_materials": "Bring your CV"})
    clock.move(days=2, hours=5)
    started = api.put(centre.consultant, f"{path}/start")
    held = api.put(centre.consultant, f"{path}/complete", {"attended": True})
    rated = api.put(centre.beneficiary, f"{path}/rate", {"beneficiary_rating": 5, "beneficiary_feedback": "Clear"})

    answers = (offered, moved, noted, started, held, rated)
    assert [answer.status_code for answer in answers] == [200] * 6, [answer.json for answer in answers]
    assert (moved.json["data"]["status"], moved.json["data"]["starts_at"]) == ("CONFIRMED", "2026-12-02T13:00:00Z")
    assert (rated.json["data"]["status"], rated.json["data"]["beneficiary_rating"]) == ("COMPLETED", 5)
    history = api.get(centre.admin, f"{path}/history").json["data"]
    assert [entry["action"] for entry in history] == ["REQUEST", "PROPOSE", "ACCEPT", "START", "COMPLETE"]
    told = api.get(centre.beneficiary, f"{path}/reminders").json["data"]
    states = {one["reminder_type"]: (one["state"], one["sent_at"], one["reason"]) for one in told}
    assert states["BENEFICIARY_1H"] == ("CANCELLED", None, None)
    assert states["BENEFICIARY_POST_SESSION"] == ("DUE", None, None)
    numbers = api.get(centre.consultant, f"/analytics/consultant/{centre.consultant.id}").json["data"]
    assert [(day["session_date"], day["average_rating"]) for day in numbers] == [("2026-12-02", 5.0)]


def test_a_bilan_s_bookings_have_the_address_that_the_report_gave_them(api: Api, centre: Centre):
    booking = booked(api, centre)

    listed = api.get(centre.beneficiary, f"/bookings/{centre.bilan.id}", status="SCHEDULED")

    assert listed.json["data"] == [booking]
    assert listed.json == api.get(centre.beneficiary, f"/bilans/{centre.bilan.id}/bookings").json


def test_a_note_on_a_confirmation_is_the_consultants_own(api: Api, centre: Centre):
    path = f"/bookings/{booked(api, centre)['id']}"

    assert api.put(centre.consultant, f"{path}/confirm", {"notes": "Ask about the CV"}).status_code == 200

    assert api.get(centre.consultant, f"{path}/notes").json["data"]["consultant_notes"] == "Ask about the CV"
    assert api.get(centre.beneficiary, f"{path}/notes").json["data"]["consultant_notes"] is None
