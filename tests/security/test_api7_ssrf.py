"""API7:2023, server side request forgery: few modules open a connection, and none to where a caller points.

The guarded door for calendars and keys: `tests/calendar_sync/test_outbound_door.py`, `test_hosts.py`,
`tests/web/test_identity_provider.py::test_plain_http_and_private_addresses_need_the_operator_s_leave`.
"""

import ast
from pathlib import Path

import pytest

import creneau
from tests.conftest import Centre
from tests.web.api_client import Api, a_booking

PACKAGE = Path(creneau.__file__).parent
OPENING = {
    *("Client", "AsyncClient", "HTTPTransport", "ConnectionPool", "urlopen", "urlretrieve", "HTTPConnection"),
    *("HTTPSConnection", "SMTP", "SMTP_SSL", "WebClient", "create_connection", "open_connection", "connect_tcp"),
}
"""What opens a connection, whichever library it is of."""
MAY_OPEN = {
    "app/slack_clients.py": "Slack's client, to the address that the operator set",
    "calendar_sync/transport.py": "the guarded door",
    "mail/transport.py": "the operator's mail server",
    "core/storage/database.py": "Postgres",
}
"""Modules that open a connection, and where to."""


def test_no_other_module_opens_a_connection():
    """Yuvomi's new channel went past its guard (GHSA-f4w5-ggcc-7m5c)."""
    opens: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        place = str(path.relative_to(PACKAGE))
        if place.startswith("demo/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                is_guarded = "transport" in {keyword.arg for keyword in node.keywords}
                if name in OPENING and not is_guarded:
                    opens.setdefault(place, set()).add(name)
    assert {"calendar_sync/transport.py", "mail/transport.py"} <= set(opens)
    assert set(opens) - set(MAY_OPEN) == set(), opens


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "http://meet.example", "file:///etc/passwd", "https://a b", "//meet.example", "data:,x"],
)
def test_the_one_address_that_a_body_holds_is_https_and_nobody_fetches_it(api: Api, centre: Centre, link: str):
    answer = api.post(centre.beneficiary, "/bookings", a_booking(centre, meeting_link=link))
    assert answer.status_code == 422
    assert link not in answer.text
