"""How long a failed job waits, and when it is given up."""

from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.jobs import Job

from creneau.app.retries import MOST_ATTEMPTS, BackOff
from creneau.calendar_sync.calendar import (
    AuthenticationFailed,
    CalendarRefused,
    CalendarUnavailable,
    ForeignObject,
    HostNotAllowed,
)
from creneau.calendar_sync.jobs import HOPELESS
from creneau.core.domain.errors import BookingNotFound
from creneau.core.secrets import SecretUnreadable


def waits(exception: BaseException, attempts: int, draw: float = 0.5) -> float | None:
    job = Job(id=1, lock=None, queueing_lock=None, queue="calendars", task_name="t", attempts=attempts)
    decision = BackOff(HOPELESS, lambda: draw).get_retry_decision(exception=exception, job=job)
    if decision is None:
        return None
    assert decision.retry_at is not None
    return (decision.retry_at - datetime.now(UTC)).total_seconds()


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 10), (3, 40), (8, 900), (200, 900)])
def test_each_wait_is_twice_the_one_before_up_to_a_quarter_of_an_hour(attempts: int, seconds: int) -> None:
    assert waits(CalendarUnavailable(), attempts) == pytest.approx(seconds, abs=2)
    assert waits(CalendarUnavailable(), attempts, draw=0.0) == pytest.approx(seconds * 0.8, abs=2)
    assert waits(CalendarUnavailable(), attempts, draw=1.0) == pytest.approx(seconds * 1.2, abs=2)


def test_the_server_may_ask_for_a_longer_wait() -> None:
    assert waits(CalendarUnavailable(timedelta(minutes=40)), 0) == pytest.approx(2400, abs=2)
    assert waits(CalendarUnavailable(timedelta(seconds=1)), 8) == pytest.approx(900, abs=2)


def test_three_days_of_trying_are_enough() -> None:
    total = sum(min(5 * 2 ** min(attempt, 10), 900) for attempt in range(MOST_ATTEMPTS))
    assert timedelta(days=2.8) < timedelta(seconds=total) < timedelta(days=3.3)
    assert waits(CalendarUnavailable(), MOST_ATTEMPTS - 1) is not None
    assert waits(CalendarUnavailable(), MOST_ATTEMPTS) is None


@pytest.mark.parametrize(
    "hopeless",
    [AuthenticationFailed(), HostNotAllowed(), ForeignObject(), BookingNotFound(), SecretUnreadable("calendar_links")],
)
def test_what_does_not_heal_by_itself_is_not_tried_again(hopeless: Exception) -> None:
    assert waits(hopeless, 0) is None


@pytest.mark.parametrize("healing", [CalendarRefused(302), CalendarRefused(507), OSError()])
def test_what_may_heal_is_tried_again(healing: Exception) -> None:
    assert waits(healing, 0) is not None
