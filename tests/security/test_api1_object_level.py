"""API1:2023, broken object level authorization: an id opens nothing by itself, whichever verb it comes with.

Every route with every owner's ids: `tests/web/test_api_access.py`. Slack's buttons: `tests/acceptance/test_forged.py`.
"""

from datetime import timedelta

import pytest

from creneau.app.wiring import Creneau
from creneau.core.domain.errors import SlotUnavailable
from creneau.web.api.access import ACCESS, OPEN
from tests.conftest import Centre
from tests.security.inventory import BY_LINK, rules
from tests.web.api_client import Api
from tests.web.test_api_access import CALLS, UNPLACED, Asked, Side, Sides, ask, rules_of

CHANGED = (
    "session_bookings",
    "booking_history",
    "booking_proposals",
    "bilans",
    "availability_slots",
    "availability_exceptions",
    "users",
    "scheduling_policies",
    "audit_log",
)


def dump(centre: Centre) -> dict[str, object]:
    with centre.people._database.transaction(centre.organization.id) as tx:
        return {
            table: tx.exec_driver_sql(f"select md5(string_agg(t::text, '' order by t::text)) from {table} t").scalar()  # noqa: S608
            for table in CHANGED
        }


def asked_about(name: str, side: Side) -> Asked:
    """A call about something of a side's; when its day is full, of the next one."""
    try:
        return CALLS[name](side)
    except SlotUnavailable:
        side.latest += timedelta(hours=2)
        return CALLS[name](side)


def changing(api: Api) -> list[str]:
    return sorted(name for name, (verb, _) in rules_of(api).items() if verb != "GET" and name not in UNPLACED)


def test_no_verb_changes_what_is_another_organization_s_or_a_colleague_s(api: Api, sides: Sides):
    names = changing(api)
    assert len(names) > 20
    for name in names:
        theirs = asked_about(name, sides.other)
        before = dump(sides.other.centre)
        assert ask(api, sides.admin, name, theirs) == 404, name
        assert dump(sides.other.centre) == before, name
        if ACCESS[name].of_colleagues is OPEN:
            continue
        theirs = asked_about(name, sides.colleague)
        before = dump(sides.own.centre)
        for user in (sides.own.consultant, sides.own.beneficiary):
            assert ask(api, user, name, theirs) in (403, 404), name
        assert dump(sides.own.centre) == before, name


def test_pages_have_no_ids_in_their_addresses(whole: Creneau):
    named = {rule for rule in rules(whole) if "<" in rule and not rule.startswith("/api/")}
    assert named == BY_LINK


@pytest.mark.parametrize("name", ["external_uid", "event_uid", "ical_uid", "href"])
def test_nothing_is_found_by_a_name_that_a_calendar_gave_it(api: Api, name: str):
    """Cal.diy read and changed events with their owner's credentials by a guessable UID."""
    document = api.app.test_client().get("/api/scheduling/openapi.json").text
    assert f'"{name}"' not in document
