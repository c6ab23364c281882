"""The curl commands of the report that the first system was described by, sent to a running server as they stand."""

import shlex
from datetime import UTC, datetime

import httpx

from tests.conftest import Centre, MovableClock
from tests.web.api_client import Api

COMMANDS = """
# 1. Create availability slot
curl -X POST http://localhost:3001/api/scheduling/availability \\
  -H "Content-Type: application/json" \\
  -H "x-organization-id: {org-id}" \\
  -H "Authorization: Bearer {token}" \\
  -d '{
    "day_of_week": 0,
    "start_time": "09:00",
    "end_time": "17:00",
    "timezone": "Europe/Paris"
  }'

# 2. Get available slots
curl http://localhost:3001/api/scheduling/availability \\
  -H "x-organization-id: {org-id}" \\
  -H "Authorization: Bearer {token}"

# 3. Create booking
curl -X POST http://localhost:3001/api/scheduling/bookings \\
  -H "Content-Type: application/json" \\
  -H "x-organization-id: {org-id}" \\
  -H "Authorization: Bearer {token}" \\
  -d '{
    "bilan_id": "{bilan-uuid}",
    "consultant_id": "{consultant-uuid}",
    "scheduled_date": "2025-02-15",
    "scheduled_start_time": "09:00",
    "scheduled_end_time": "10:30",
    "session_type": "FOLLOW_UP",
    "meeting_format": "VIDEO"
  }'
"""
SATURDAY = {"day_of_week": 6, "start_time": "09:00", "end_time": "12:00", "duration_minutes": 90}


def test_the_commands_of_the_report_work_as_they_stand(api: Api, centre: Centre, clock: MovableClock, address: str):
    clock.set(datetime(2025, 2, 10, 8, 0, tzinfo=UTC))
    assert api.post(centre.consultant, "/availability", SATURDAY).status_code == 201
    create_slot, list_slots, create_booking = (
        filled(command, api, centre, address) for command in COMMANDS.split("\n# ")[1:]
    )

    slot, slots, booking = (run(command) for command in (create_slot, list_slots, create_booking))

    assert (slot.status_code, slots.status_code, booking.status_code) == (201, 200, 201)
    assert slot.json()["data"]["duration_minutes"] == 120
    assert slot.json()["data"]["id"] in [found["id"] for found in slots.json()["data"]]
    assert slots.json()["total"] == 7
    for answer in (slot, slots, booking):
        assert answer.json()["success"] is True
        assert answer.json()["message"]
    assert {"status": "SCHEDULED", "session_type": "FOLLOW_UP", "starts_at": "2025-02-15T08:00:00Z"}.items() <= (
        booking.json()["data"].items()
    )


def filled(command: str, api: Api, centre: Centre, address: str) -> str:
    values = {
        "http://localhost:3001/api/scheduling": address,
        "{org-id}": str(centre.organization.id),
        "{token}": api.bearer(centre.consultant)["Authorization"].removeprefix("Bearer "),
        "{bilan-uuid}": str(centre.bilan.id),
        "{consultant-uuid}": str(centre.consultant.id),
    }
    for placeholder, value in values.items():
        command = command.replace(placeholder, value)
    return command.partition("\n")[2]


def run(command: str) -> httpx.Response:
    """Send what curl would."""
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    method, url, content, headers = "GET", "", None, {}
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            content = next(words)
        else:
            url = word
    return httpx.request(method, url, headers=headers, content=content, trust_env=False)
