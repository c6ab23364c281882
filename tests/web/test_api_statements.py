"""A request costs the same number of statements, however many rules, bookings and consultants there are."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from creneau.core.domain.people import Role
from tests.conftest import Centre, weekly
from tests.statements import record_statements
from tests.web.api_client import Api, a_booking


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    return record_statements(monkeypatch)


def grow(api: Api, centre: Centre, hour: int) -> None:
    """Add consultants, rules, people, bilans and bookings."""
    for number in range(3):
        colleague = centre.people.add_user(centre.organization, Role.CONSULTANT, "Léa", f"{uuid4().hex}@example.org")
        for consultant in (centre.consultant, colleague):
            centre.scheduling.create_availability_slot(
                centre.actor(centre.admin), consultant.id, weekly(3 + number, f"{hour}:00", f"{hour + 1}:00")
            )
        other, bilan = centre.add_beneficiary()
        day = f"2026-12-0{2 + number}"
        body = a_booking(centre, bilan_id=str(bilan.id), scheduled_date=day, scheduled_start_time=f"{hour}:00")
        assert api.post(other, "/bookings", body).status_code == 201
        body = a_booking(centre, scheduled_date=f"2026-12-1{4 + number}", scheduled_start_time=f"{hour - 7}:00")
        assert api.post(centre.beneficiary, "/bookings", body).status_code == 201


READS: dict[str, Callable[[Centre], tuple[object, str]]] = {
    "bookable times": lambda c: (c.beneficiary, f"/availability/{c.consultant.id}/slots"),
    "rules": lambda c: (c.admin, "/availability"),
    "all bookings": lambda c: (c.admin, "/bookings"),
    "a consultant's bookings": lambda c: (c.consultant, f"/consultant/{c.consultant.id}/bookings"),
    "a beneficiary's bookings": lambda c: (c.beneficiary, f"/beneficiary/{c.beneficiary.id}/bookings"),
    "a bilan's bookings": lambda c: (c.consultant, f"/bilans/{c.bilan.id}/bookings"),
    "bilans": lambda c: (c.admin, "/bilans"),
    "people": lambda c: (c.consultant, "/users"),
    "audit": lambda c: (c.admin, "/audit"),
}
DAYS = {"a consultant's bookings": {"date_from": "2026-12-01"}}
MOST_STATEMENTS = 12


def test_a_list_takes_as_many_statements_however_much_there_is(api: Api, centre: Centre, statements: list[object]):
    def count(name: str) -> int:
        user, path = READS[name](centre)
        statements.clear()
        assert api.get(user, path, **DAYS.get(name, {})).status_code == 200
        return len(statements)

    grow(api, centre, hour=17)
    before = {name: count(name) for name in READS}
    grow(api, centre, hour=18)
    grow(api, centre, hour=19)

    assert {name: count(name) for name in READS} == before
    assert max(before.values()) <= MOST_STATEMENTS


def test_a_booking_takes_as_many_statements_however_much_there_is(api: Api, centre: Centre, statements: list[object]):
    def count(start: str) -> int:
        statements.clear()
        answer = api.post(centre.beneficiary, "/bookings", a_booking(centre, scheduled_start_time=start))
        assert answer.status_code == 201
        return len(statements)

    grow(api, centre, hour=17)
    before = count("10:00")
    grow(api, centre, hour=18)
    grow(api, centre, hour=19)

    assert count("11:00") == before
