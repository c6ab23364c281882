"""Errors in the document: a schema a status, with every code that may come with it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask_openapi3.models.schema import Schema

from creneau.core.domain.errors import Refusal
from creneau.web.api.envelope import ErrorAnswer
from creneau.web.errors import CODES, CRASHED, INVALID, UNAVAILABLE, status_of

_OTHERS = {
    HTTPStatus.UNPROCESSABLE_ENTITY: INVALID,
    HTTPStatus.INTERNAL_SERVER_ERROR: CRASHED,
    HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
}
_OURS = ("creneau.core.", "creneau.web.")
_NEVER_OF_A_ROUTE = frozenset({HTTPStatus.METHOD_NOT_ALLOWED})


def codes_by_status() -> Mapping[HTTPStatus, list[str]]:
    """Return every code of the API, by its status."""
    found: defaultdict[HTTPStatus, set[str]] = defaultdict(set)
    for refusal in _below(Refusal):
        if hasattr(refusal, "code") and refusal.__module__.startswith(_OURS):
            found[status_of(refusal)].add(refusal.code)
    for status, code in (*CODES.items(), *_OTHERS.items()):
        found[HTTPStatus(status)].add(code)
    return {status: sorted(codes) for status, codes in sorted(found.items()) if status not in _NEVER_OF_A_ROUTE}


def error_responses() -> dict[str | int | HTTPStatus, Any]:
    """Return what each route may answer besides what it is asked for, as the document has it."""
    return {
        status: {
            "description": status.phrase,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{_name(status)}"}}},
        }
        for status in codes_by_status()
    }


def error_schemas() -> dict[str, Schema]:
    """Return the schemas that `error_responses` point to. Made once: they are the same for every route."""
    plain = ErrorAnswer.model_json_schema()
    return {
        _name(status): Schema(
            **{
                **plain,
                "title": _name(status),
                "properties": {**plain["properties"], "code": {**plain["properties"]["code"], "enum": codes}},
            }
        )
        for status, codes in codes_by_status().items()
    }


def _name(status: HTTPStatus) -> str:
    return f"Error{int(status)}"


def _below(refusal: type[Refusal]) -> Iterator[type[Refusal]]:
    yield refusal
    for child in refusal.__subclasses__():
        yield from _below(child)
