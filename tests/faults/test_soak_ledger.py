"""The soak's own eye for reminders: it lets pass what the rules allow, and sees whatever breaks them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from soak.history import History
from soak.ledger import Ledger

EIGHT = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)
START = EIGHT + timedelta(hours=3)
ASKED, AGREED, NOON = EIGHT + timedelta(minutes=1), EIGHT + timedelta(minutes=50), EIGHT + timedelta(hours=4)
PROPOSED, REFUSED = EIGHT + timedelta(minutes=70), EIGHT + timedelta(minutes=130)
A_MINUTE = timedelta(minutes=1)
WRITTEN = {1: ASKED, 2: AGREED, 3: PROPOSED}
Rows = dict[str, dict[str, Any]]


def act(version: int, action: str, status: str, at: datetime) -> dict[str, Any]:
    return {
        "booking_id": 1,
        "version": version,
        "action": action,
        "status_after": status,
        "at": at,
        "starts_at": START,
    }


def row(kind: str, at: datetime, state: str, *, ended: datetime, version: int = 1, why: str = "") -> dict[str, Any]:
    return {
        "id": kind,
        "session_booking_id": 1,
        "booking_version": version,
        "reminder_type": kind,
        "scheduled_time": at,
        "state": state,
        "error_message": why,
        "created_at": WRITTEN[version],
        "updated_at": ended,
        "posting_since": ended if state == "SENT" else None,
        "called_off_at": None,
        "sent_at": ended if state == "SENT" else None,
        "retry_count": 1,
    }


def as_it_should_be() -> Rows:
    """A session that is asked for at eight and agreed on before nine, reminded of at ten, and begun at eleven.

    Other times are proposed at ten past nine, asked about again soon after ten, and refused then.
    """
    a_day, an_hour, opens = (START - timedelta(hours=hours) for hours in (24, 1, 0.25))
    evening, late = EIGHT + timedelta(hours=10), timedelta(minutes=2)
    rows = [
        row("BENEFICIARY_24H", a_day, "SKIPPED", ended=ASKED, why="too_late"),
        row("CONSULTANT_24H", a_day, "SKIPPED", ended=ASKED, why="too_late"),
        row("BENEFICIARY_1H", an_hour, "SENT", ended=an_hour + late),
        row("CONSULTANT_1H", an_hour, "SKIPPED", ended=START + late, why="too_late"),
        row("CONSULTANT_CHASE", EIGHT + timedelta(minutes=90), "CANCELLED", ended=AGREED),
        row("CONSULTANT_LAST_CHASE", EIGHT + timedelta(minutes=135), "CANCELLED", ended=AGREED),
        row("BENEFICIARY_CHASE", EIGHT + timedelta(minutes=125), "SENT", ended=REFUSED - A_MINUTE, version=3),
        row("BENEFICIARY_LAST_CHASE", EIGHT + timedelta(minutes=135), "CANCELLED", ended=REFUSED, version=3),
        row("CONSULTANT_OPENING", opens, "SENT", ended=opens + late, version=2),
        row("CONSULTANT_OUTCOME", evening, "DUE", ended=AGREED, version=2),
    ]
    return {one["id"]: one for one in rows}


def ledger(rows: Rows) -> Ledger:
    history = [
        act(1, "REQUEST", "SCHEDULED", ASKED),
        act(2, "CONFIRM", "CONFIRMED", AGREED),
        act(3, "PROPOSE", "CONFIRMED", PROPOSED),
        act(4, "REFUSE", "CONFIRMED", REFUSED),
    ]
    return Ledger(list(rows.values()), History(history), timedelta(hours=3), fire_ends=NOON, now=NOON)


def test_what_the_rules_allow_is_let_pass_and_counted():
    seen = ledger(as_it_should_be())

    assert list(seen.check()) == []
    told = seen.count()
    assert (told["came due"], seen.sent_under_fire()) == (4, 3)
    assert told["sent"] == {"BENEFICIARY_1H": 1, "BENEFICIARY_CHASE": 1, "CONSULTANT_OPENING": 1}
    assert told["skipped"] == {"too_late": 1}
    assert told["latest"] == "0:04:00"


def test_a_reminder_of_a_sunday_comes_on_saturday_evening_and_not_before():
    monday, saturday = datetime(2026, 12, 7, 14, tzinfo=UTC), datetime(2026, 12, 5, 18, 59, tzinfo=UTC)
    history = History([act(1, "REQUEST", "SCHEDULED", ASKED) | {"starts_at": monday}])
    times = [saturday, saturday - timedelta(days=1)]
    rows = [row("BENEFICIARY_24H", at, "DUE", ended=ASKED) | {"id": str(at)} for at in times]
    told = [Ledger([one], history, timedelta(hours=3), fire_ends=NOON, now=NOON).check() for one in rows]
    assert [any("wrongly" in problem for problem in problems) for problems in told] == [False, True]


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("BENEFICIARY_24H", {"updated_at": AGREED}),
        ("BENEFICIARY_24H", {"scheduled_time": START - timedelta(hours=25), "created_at": EIGHT - timedelta(days=2)}),
        ("BENEFICIARY_1H", {"posting_since": START - timedelta(minutes=61)}),
        ("BENEFICIARY_1H", {"posting_since": START + timedelta(hours=1)}),
        ("BENEFICIARY_1H", {"scheduled_time": START - timedelta(minutes=50)}),
        ("CONSULTANT_1H", {"updated_at": START - timedelta(minutes=5)}),
        ("CONSULTANT_1H", {"error_message": "not_confirmed"}),
        ("CONSULTANT_1H", {"error_message": "not_live"}),
        ("CONSULTANT_1H", {"error_message": None}),
        ("CONSULTANT_1H", {"state": "CANCELLED", "updated_at": AGREED}),
        ("CONSULTANT_CHASE", {"updated_at": AGREED + timedelta(seconds=1)}),
        (
            "CONSULTANT_CHASE",
            {"state": "SKIPPED", "error_message": "answered", "scheduled_time": ASKED, "updated_at": ASKED + A_MINUTE},
        ),
        ("CONSULTANT_LAST_CHASE", {"state": "SENT", "posting_since": EIGHT + timedelta(minutes=140)}),
        ("BENEFICIARY_CHASE", {"posting_since": REFUSED + timedelta(minutes=31)}),
        ("BENEFICIARY_CHASE", {"state": "SKIPPED", "error_message": "too_late"}),
        ("BENEFICIARY_LAST_CHASE", {"updated_at": AGREED}),
        ("BENEFICIARY_LAST_CHASE", {"booking_version": 2}),
        ("BENEFICIARY_1H", {"state": "CANCELLED", "updated_at": REFUSED}),
        ("CONSULTANT_OPENING", {"booking_version": 1}),
    ],
)
def test_what_breaks_them_is_seen(kind: str, changed: dict[str, Any]):
    rows = as_it_should_be()
    rows[kind] |= changed
    assert list(ledger(rows).check()) != []
