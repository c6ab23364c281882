"""The API against its own document: what schemathesis makes up, right and wrong, meets no crash and no surprise.

In process and always the same here; `make fuzz` asks for much more. Half of the well-formed ids are those of things
that are there, so that what is asked goes deeper than to the first 404.
"""

import os
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import booleans, sampled_from
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from creneau.core.domain.audit import AuditQuery
from creneau.core.domain.people import User
from creneau.core.services.listings import ListingService
from creneau.web.api.access import ACCESS
from creneau.web.application import DOCUMENT_PATH
from tests.conftest import Centre, MovableClock
from tests.web.api_client import Api, a_booking
from tests.web.conftest import RelayedClock

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
NOT_ASKED = [positive_data_acceptance]
"""What fits the schema may still be refused: a time that nobody offers, a state that does not allow the act."""


@pytest.fixture(scope="module")
def operations(front: tuple[Flask, RelayedClock]) -> dict[str, Any]:
    """Every operation of the document by its name."""
    schema = schemathesis.openapi.from_wsgi(DOCUMENT_PATH, front[0])
    found = [result.ok() for result in schema.get_all_operations()]
    return {operation.definition.raw["operationId"]: operation for operation in found}


@pytest.fixture
def there(api: Api, centre: Centre) -> dict[str, str]:
    """The ids of things that are there, by the names under which requests carry them."""
    booking = api.post(centre.beneficiary, "/bookings", a_booking(centre)).json["data"]["id"]
    days = {"first_date": "2027-01-04", "last_date": "2027-01-05"}
    return {
        "bookingId": booking,
        "bilanId": str(centre.bilan.id),
        "consultantId": str(centre.consultant.id),
        "beneficiaryId": str(centre.beneficiary.id),
        "slotId": str(centre.slots[0].id),
        "timeOffId": api.post(centre.consultant, "/time-off", days).json["data"]["id"],
        "bilan_id": str(centre.bilan.id),
        "consultant_id": str(centre.consultant.id),
        "beneficiary_id": str(centre.beneficiary.id),
    }


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", sorted(ACCESS))
def test_what_is_made_up_is_answered_as_the_document_says(
    api: Api,
    centre: Centre,
    clock: MovableClock,
    there: dict[str, str],
    operations: dict[str, Any],
    name: str,
    mode: GenerationMode,
):
    lists = ListingService(centre.people._database, clock)
    users = [centre.beneficiary, centre.consultant, centre.admin]

    def written() -> int:
        return lists.list_audit(centre.actor(centre.admin), AuditQuery()).total

    @given(case=operations[name].as_strategy(generation_mode=mode), user=sampled_from(users), is_there=booleans())
    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    def ask(case: Any, user: User, is_there: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
        if is_there:
            for part in (case.path_parameters, case.query, case.body):
                meet_what_is_there(part, there)
        before = written()
        bearer = api.bearer(user)
        response = case.call(headers=bearer)
        excluded = NOT_ASKED + not_wrong_any_more(case, response)
        case.validate_response(response, excluded_checks=excluded, headers=bearer, transport_kwargs={"headers": bearer})
        assert response.status_code < 500
        if response.status_code >= 400:
            assert written() == before

    with suppress(Unsatisfiable):  # nothing about a request without parameters can be wrong
        ask()


def not_wrong_any_more(case: Any, response: Any) -> list[Any]:
    """Do not ask that a query be refused whose wrong member has no form on the wire, such as an empty list."""
    sent = parse_qs(urlsplit(response.request.url).query, keep_blank_values=True)
    return [] if set(case.query or {}) <= set(sent) else [negative_data_rejection]


def meet_what_is_there(part: object, there: dict[str, str]) -> None:
    if isinstance(part, dict):
        for name in set(part) & set(there):
            if is_id(part[name]):
                part[name] = there[name]


def is_id(value: object) -> bool:
    try:
        return bool(UUID(str(value)))
    except ValueError:
        return False
