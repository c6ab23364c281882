"""The page that explains the API: the OpenAPI document as one HTML file, without scripts, fonts or anything fetched."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Blueprint, Response, render_template

_STYLE_FILE = "reference.css"
_POLICY = "default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_SAMPLES = {"date": "2026-12-01", "date-time": "2026-12-01T08:00:00Z", "uuid": "0193a1c2-7b4e-7c11-9d2f-3a5b6c7d8e9f"}
_DEEPEST = 4


class Operation(NamedTuple):
    id: str
    verb: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    body: dict[str, Any] | None
    answer: str
    curl: str


class Chapter(NamedTuple):
    name: str
    description: str
    operations: list[Operation]


def reference_blueprint(document: Mapping[str, Any], path: str, document_path: str) -> Blueprint:
    """Serve the page at `path`. The document is read at the first request, when all routes are known."""
    blueprint = Blueprint("reference", __name__, template_folder="templates")

    @blueprint.get(path)
    def show_reference() -> Response:
        style = render_template(_STYLE_FILE)
        page = render_template(
            "reference.html",
            style=style,
            title=document["info"]["title"],
            about=document["info"]["description"].split("\n\n"),
            chapters=_chapters(document),
            errors=_errors(document),
            document_path=document_path,
        )
        response = Response(page, content_type="text/html; charset=utf-8")
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        response.headers["Content-Security-Policy"] = _POLICY.format(digest=digest)
        response.headers["Cache-Control"] = "public, max-age=300"
        return response

    return blueprint


def _chapters(document: Mapping[str, Any]) -> list[Chapter]:
    operations = [
        (item["tags"][0], _operation(document, verb, path, item))
        for path, verbs in document["paths"].items()
        for verb, item in verbs.items()
    ]
    return [
        Chapter(tag["name"], tag["description"], [found for name, found in operations if name == tag["name"]])
        for tag in document["tags"]
    ]


def _operation(document: Mapping[str, Any], verb: str, path: str, item: Mapping[str, Any]) -> Operation:
    content = item.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = _resolve(document, content.get("schema"))
    answer = next(
        response["content"]["application/json"]["schema"]
        for status, response in item["responses"].items()
        if status in ("200", "201")
    )
    example = _sample(document, body) if body else None
    return Operation(
        id=item["operationId"],
        verb=verb.upper(),
        path=path,
        summary=item.get("summary", ""),
        description=item.get("description", "").replace("<br/>", " "),
        parameters=[{**parameter, "type": _type(parameter["schema"])} for parameter in item.get("parameters", [])],
        body=_members(body) if body else None,
        answer=json.dumps(_sample(document, answer), indent=2),
        curl=_curl(verb, path, example),
    )


def _members(body: Mapping[str, Any]) -> dict[str, Any]:
    required = set(body.get("required", []))
    return {
        name: {"type": _type(schema), "required": name in required, "description": schema.get("description", "")}
        for name, schema in body.get("properties", {}).items()
    }


def _curl(verb: str, path: str, example: object) -> str:
    lines = [f'curl -X {verb.upper()} "$CRENEAU{path}"', '  -H "Authorization: Bearer $TOKEN"']
    if example is not None:
        lines += ['  -H "Content-Type: application/json"', f"  -d '{json.dumps(example)}'"]
    return " \\\n".join(lines)


def _errors(document: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        name.removeprefix("Error"): schema["properties"]["code"]["enum"]
        for name, schema in document["components"]["schemas"].items()
        if name.removeprefix("Error").isdigit()
    }


def _resolve(document: Mapping[str, Any], schema: Mapping[str, Any] | None) -> dict[str, Any]:
    if not schema:
        return {}
    if "$ref" in schema:
        return _resolve(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return dict(schema)


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return " or ".join(_type(member) for member in schema[word] if member.get("type") != "null")
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")


def _sample(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int = 0) -> object:
    """Return something that fits a schema, its own example where it has one."""
    schema = _resolve(document, schema)
    if "example" in schema:
        return schema["example"]
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return _sample(document, schema[word][0], depth)
    for word in ("const", "default"):
        if schema.get(word) is not None:
            return schema[word]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        members = schema.get("properties", {}) if depth < _DEEPEST else {}
        return {name: _sample(document, member, depth + 1) for name, member in members.items()}
    if kind == "array":
        return [_sample(document, schema.get("items", {}), depth + 1)]
    if kind in ("integer", "number"):
        return schema.get("minimum", 60)
    return {"boolean": True, "null": None}.get(str(kind), _SAMPLES.get(str(schema.get("format")), "text"))
