"""A booking costs the same number of statements, however much there is: bookings, rules, consultants."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from creneau.app.subscriptions import follow
from creneau.core.domain.people import Role
from creneau.core.services.scheduling import SchedulingService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, new_id, weekly
from tests.statements import record_statements

TUESDAY_AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # 10:00 in Paris
MOST_STATEMENTS = 4


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    return record_statements(monkeypatch)


@pytest.fixture
def scheduling(database: Database, clock: MovableClock) -> SchedulingService:
    return SchedulingService(database, clock, follow, new_id)


def test_a_booking_takes_as_many_statements_however_much_there_is(
    centre: Centre, scheduling: SchedulingService, statements: list[object]
):
    def count(starts_at: datetime) -> int:
        statements.clear()
        scheduling.create_session_booking(
            centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, starts_at)
        )
        return len(statements)

    count(TUESDAY_AT_TEN - timedelta(hours=1))
    before = count(TUESDAY_AT_TEN)

    for n in range(5):
        colleague = centre.people.add_user(
            centre.organization, Role.CONSULTANT, f"Colleague {n}", f"{uuid4().hex}@example.org"
        )
        for consultant in (centre.consultant, colleague):
            scheduling.create_availability_slot(
                centre.actor(centre.admin), consultant.id, weekly(2, f"{17 + n}:00", f"{18 + n}:00")
            )
        count(TUESDAY_AT_TEN + timedelta(hours=1 + n))

    assert count(TUESDAY_AT_TEN + timedelta(hours=6)) == before
    assert before <= MOST_STATEMENTS
