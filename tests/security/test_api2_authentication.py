"""API2:2023, broken authentication: one way in for each door, and none stands in for another.

Tokens and their tricks: `tests/web/test_api_tokens.py`, `test_identity_provider.py`. Slack's signature:
`tests/acceptance/test_trouble.py`. Links: `tests/web/test_booking_page.py`, `tests/acceptance/test_calendar_page.py`.
"""

from datetime import timedelta

from creneau.app.wiring import Creneau
from creneau.core.domain.feeds import FeedKind
from creneau.core.services.feeds import FeedService
from creneau.web.tokens import issue_token
from tests.conftest import Centre, MovableClock, new_id
from tests.security.inventory import BY_LINK, PUBLIC, rules
from tests.web.api_client import SETTINGS, Api
from tests.web.test_api_access import rules_of


def test_whoever_has_nothing_gets_nothing_but_what_is_public(whole: Creneau):
    """Every route is refused by default: a new one is either refused here, or named in the inventory with a reason."""
    client = whole.web.test_client()
    opened = set()
    for rule, verbs in rules(whole).items():
        address = rule
        for place in [part for part in rule.split("/") if part.startswith("<")]:
            address = address.replace(place, str(new_id()))
        for verb in verbs:
            answer = client.open(address, method=verb, json={} if verb != "GET" else None)
            if answer.status_code not in (401, 410):
                opened.add(rule)
    assert opened - set(PUBLIC) == set()
    assert BY_LINK & opened == set()


def test_no_other_credential_stands_in_for_a_token(api: Api, centre: Centre, clock: MovableClock):
    feeds = FeedService(centre.people._database, clock, new_id)
    feed = feeds.issue_feed_token(centre.admin, FeedKind.SESSIONS)
    token = issue_token(SETTINGS, centre.admin, clock.now(), timedelta(hours=1))
    wrong = [
        {"headers": {}},
        {"headers": {"Authorization": f"Basic {token}"}},
        {"headers": {"Authorization": token}},
        {"headers": {"Authorization": f"Bearer {feed}"}},
        {"headers": {"Authorization": f"Bearer {centre.admin.id}"}},
        {"headers": {"X-Api-Key": token, "X-User-Id": str(centre.admin.id), "X-Forwarded-User": centre.admin.email}},
        {"headers": {"Cookie": f"token={token}; session={token}; access_token={token}"}},
        {"query_string": {"token": token, "access_token": token, "user_id": str(centre.admin.id)}},
        {"headers": {"X-Slack-Signature": "v0=0", "X-Slack-Request-Timestamp": "0"}},
    ]
    client = api.app.test_client()
    assert client.get("/api/scheduling/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    for verb, rule in rules_of(api).values():
        for credentials in wrong:
            answer = client.open(rule.replace("<", "").replace(">", ""), method=verb, **credentials)
            assert (answer.status_code, answer.json["code"]) == (401, "auth.required"), (rule, credentials)
