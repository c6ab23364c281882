"""API5:2023, broken function level authorization: what is for some roles is for nobody else, by whatever verb.

Every route, role and owner: `tests/web/test_api_access.py`. Slack's windows: `tests/acceptance/test_forged.py`.
"""

import pytest

from creneau.web.api.access import ACCESS, ADMINISTRATORS
from tests.conftest import Centre
from tests.web.api_client import API, Api
from tests.web.test_api_access import rules_of

OVERRIDES = [
    {"headers": {"X-HTTP-Method-Override": "DELETE"}},
    {"headers": {"X-HTTP-Method": "DELETE"}},
    {"headers": {"X-Method-Override": "DELETE"}},
    {"query_string": {"_method": "DELETE"}},
]


@pytest.mark.parametrize("override", OVERRIDES)
def test_a_verb_is_the_one_that_was_sent(api: Api, centre: Centre, override: dict[str, dict[str, str]]):
    address = f"{API}/availability/{centre.slots[0].id}"
    sent = {**override, "headers": {**api.bearer(centre.consultant), **override.get("headers", {})}}
    for verb in ("get", "head", "options"):
        api.app.test_client().open(address, method=verb, **sent)
    times = api.times(centre.consultant, centre.consultant, date_from="2026-12-07", date_to="2026-12-07")
    assert times  # the rule of Mondays still stands


def test_what_is_the_administrator_s_is_refused_before_anything_is_read(api: Api, centre: Centre):
    names = [name for name, access in ACCESS.items() if access.roles == ADMINISTRATORS]
    assert len(names) > 3
    for name in names:
        verb, rule = rules_of(api)[name]
        if "<" in rule:
            continue  # what it names is not there for them: test_api_access
        for user in (centre.beneficiary, centre.consultant):
            answer = api.app.test_client().open(rule, method=verb, headers=api.bearer(user), json={})
            assert (answer.status_code, answer.json["code"]) == (403, "actor.not_allowed"), name
