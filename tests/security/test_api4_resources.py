"""API4:2023, unrestricted resource consumption: what is sent, listed and asked for has bounds.

Requests are counted: `tests/web/test_api_rates.py`, `tests/core/test_rates.py`. Statements a list takes do not grow:
`tests/web/test_api_statements.py`. Recurrences, unpacking, slow servers: `tests/calendar_sync/test_outbound_door.py`.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from creneau.app.wiring import Creneau
from tests.security.inventory import rules
from tests.web.api_client import Api


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every member of every body that is taken, and of what it holds."""
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            for kind in content.values():
                yield from members(f"{verb} {path}", kind["schema"], document)


def members(place: str, schema: dict[str, Any], document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for choice in [*schema.get("anyOf", []), *schema.get("allOf", [])]:
        yield from members(place, choice, document)
    if "items" in schema:
        yield from members(f"{place}[]", schema["items"], document)
    for name, member in schema.get("properties", {}).items():
        yield from members(f"{place}.{name}", member, document)
    yield place, schema


def test_every_text_and_list_that_is_taken_has_a_longest(api: Api):
    document = api.app.test_client().get("/api/scheduling/openapi.json").json
    seen = list(bodies(document))
    assert len(seen) > 60
    endless = [
        place
        for place, schema in seen
        if (schema.get("type") == "string" and not {"maxLength", "enum", "format", "const", "pattern"} & set(schema))
        or (schema.get("type") == "array" and "maxItems" not in schema)
    ]
    assert endless == []


def test_every_page_of_a_list_has_a_most(api: Api):
    document = api.app.test_client().get("/api/scheduling/openapi.json").json
    limits = [
        parameter["schema"]
        for verbs in document["paths"].values()
        for operation in verbs.values()
        for parameter in (operation.get("parameters", []) if isinstance(operation, dict) else [])
        if parameter["name"] == "limit"
    ]
    assert len(limits) > 5
    assert all(schema["maximum"] <= 1000 for schema in limits)


@pytest.mark.parametrize("size", [70 * 1024, 3 * 1024 * 1024])
def test_no_page_reads_a_form_that_is_larger_than_ours_are(whole: Creneau, size: int):
    client = whole.web.test_client()
    pages = [rule for rule, verbs in rules(whole).items() if "POST" in verbs and rule.startswith(("/booking", "/cal"))]
    assert len(pages) > 4
    for rule in pages:
        answer = client.post(rule.replace("<token>", "x"), data={"nonce": "x" * size})
        assert answer.status_code in (410, 413), rule
