"""Rates: exactly so many requests a minute, then one as each is paid off; whoever is refused pays nothing."""

from datetime import timedelta

import pytest

from creneau.core.domain.errors import UserNotFound
from creneau.core.domain.ids import UserId
from creneau.core.domain.people import Membership
from creneau.core.domain.rates import RateLimit, RateLimits, TooManyRequests
from creneau.core.services.admission import Admission, AdmissionService
from creneau.core.services.housekeeping import HousekeepingService
from creneau.core.storage.database import Database
from tests.conftest import Centre, MovableClock, build_centre


def of(centre: Centre) -> Membership:
    return Membership(centre.organization.id, centre.beneficiary.id)


def limited(database: Database, clock: MovableClock, token: int = 1000, organization: int = 1000) -> AdmissionService:
    return AdmissionService(database, clock, RateLimits(RateLimit(token), RateLimit(organization)))


def count_admitted(admission: AdmissionService, membership: Membership, token: str, most: int) -> int:
    for admitted in range(most):
        try:
            admission.admit(membership, token)
        except TooManyRequests:
            return admitted
    return most


@pytest.mark.parametrize("per_minute", [1, 7, 60])
def test_exactly_so_many_pass_at_once(centre: Centre, database: Database, clock: MovableClock, per_minute: int):
    admission = limited(database, clock, token=per_minute)

    assert count_admitted(admission, of(centre), "a", 100) == per_minute


def test_what_is_paid_off_may_be_asked_again_and_the_wait_is_told(
    centre: Centre, database: Database, clock: MovableClock
):
    admission = limited(database, clock, token=10)
    count_admitted(admission, of(centre), "a", 10)

    with pytest.raises(TooManyRequests) as refusal:
        admission.admit(of(centre), "a")
    assert refusal.value.details == {"limit": "token", "retry_after_seconds": 6}

    clock.move(seconds=5, milliseconds=999)
    assert count_admitted(admission, of(centre), "a", 10) == 0
    clock.move(milliseconds=1)
    assert count_admitted(admission, of(centre), "a", 10) == 1
    clock.move(minutes=5)
    assert count_admitted(admission, of(centre), "a", 100) == 10


def test_tokens_are_counted_apart_and_the_organization_together(
    centre: Centre, other_centre: Centre, database: Database, clock: MovableClock
):
    admission = limited(database, clock, token=6, organization=10)

    assert count_admitted(admission, of(centre), "a", 100) == 6
    assert count_admitted(admission, of(centre), "b", 100) == 4
    with pytest.raises(TooManyRequests) as refusal:
        admission.admit(of(centre), "c")
    assert refusal.value.details == {"limit": "organization", "retry_after_seconds": 6}
    assert count_admitted(admission, of(other_centre), "a", 100) == 6


def test_a_token_that_asks_too_much_uses_nothing_of_its_organization(
    centre: Centre, database: Database, clock: MovableClock
):
    admission = limited(database, clock, token=2, organization=6)
    for _ in range(20):
        count_admitted(admission, of(centre), "noisy", 5)

    assert count_admitted(admission, of(centre), "a", 5) == 2
    assert count_admitted(admission, of(centre), "b", 5) == 2


def test_an_organization_that_asked_too_much_costs_a_token_nothing(
    centre: Centre, database: Database, clock: MovableClock
):
    admission = limited(database, clock, token=5, organization=1)
    admission.admit(of(centre), "a")
    count_admitted(admission, of(centre), "b", 1)

    clock.move(minutes=1)
    standing = standing_of(admission.admit(of(centre), "b"))

    assert standing == (5, 4, 12)


def test_where_a_token_stands_is_told(centre: Centre, database: Database, clock: MovableClock):
    admission = limited(database, clock, token=10)

    told = [standing_of(admission.admit(of(centre), "a")) for _ in range(3)]

    assert told == [(10, 9, 6), (10, 8, 12), (10, 7, 18)]


def standing_of(admission: Admission) -> tuple[int, int, int]:
    assert admission.standing is not None
    return admission.standing.limit.per_minute, admission.standing.remaining, admission.standing.reset_seconds


def test_without_limits_nobody_is_counted(centre: Centre, database: Database, clock: MovableClock):
    assert AdmissionService(database, clock).admit(of(centre), "a").standing is None


def test_somebody_unknown_is_not_counted(centre: Centre, database: Database, clock: MovableClock):
    admission = limited(database, clock, organization=1)

    with pytest.raises(UserNotFound):
        admission.admit(Membership(centre.organization.id, UserId(centre.organization.id)), "a")

    assert count_admitted(admission, of(centre), "a", 5) == 1


def test_counts_of_who_has_not_asked_for_a_while_are_removed(fresh_database: Database, clock: MovableClock):
    centres = [build_centre(fresh_database, clock) for _ in range(2)]
    admission = limited(fresh_database, clock)
    for centre in centres:
        admission.admit(of(centre), "a")
    housekeeping = HousekeepingService(fresh_database, clock)

    assert housekeeping.remove_old_request_rates() == 0
    clock.move(minutes=2)
    admission.admit(of(centres[0]), "b")

    assert housekeeping.remove_old_request_rates() == 3
    assert housekeeping.remove_old_request_rates() == 0


@pytest.mark.parametrize("per_minute", [0, -1, 1_000_001])
def test_a_rate_has_bounds(per_minute: int):
    with pytest.raises(ValueError, match="requests a minute"):
        RateLimit(per_minute)


@pytest.mark.parametrize("per_minute", [1, 7, 59, 61, 999_999, 1_000_000])
def test_a_burst_is_exactly_the_rate_and_never_more_than_a_minute(per_minute: int):
    limit = RateLimit(per_minute)

    assert limit.burst // limit.cost == per_minute
    assert limit.burst <= timedelta(minutes=1)
