"""API9:2023, improper inventory management: what is served is known, and there is one version of it.

Cal.com served "_"-prefixed routes to any key. The document and the map agree: `tests/web/test_api_document.py`.
"""

from creneau.app.wiring import Creneau
from tests.security.inventory import BY_LINK, PUBLIC, rules


def test_every_route_is_in_the_document_or_in_the_list(whole: Creneau):
    served = rules(whole)
    document = whole.web.test_client().get("/api/scheduling/openapi.json").json
    documented = {path.replace("{", "<").replace("}", ">") for path in document["paths"]}

    assert set(served) - documented == set(PUBLIC) | BY_LINK
    assert documented <= set(served)
    assert [rule for rule in served if any(part.startswith(("_", ".")) for part in rule.split("/"))] == []
    assert not [
        rule for rule in served if any(word in rule for word in ("debug", "test", "admin", "internal", "static"))
    ]
    assert {rule.split("/")[2] for rule in served if rule.startswith("/api/")} == {"scheduling"}


def test_nothing_is_served_that_helps_a_developer(whole: Creneau):
    assert not whole.web.debug
    assert whole.web.static_folder is None
    for address in ("/console", "/.env", "/.git/config", "/swagger", "/openapi", "/static/x.js", "/metrics/../.env"):
        assert whole.web.test_client().get(address).status_code == 404, address
