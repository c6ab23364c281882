"""The arguments of a Web API call, from a query, a form or a JSON body, with the token that came along."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Request

from creneau.demo.slack.api_errors import ApiError

NESTED = {"blocks": "invalid_blocks_format", "view": "invalid_arguments", "metadata": "invalid_metadata_format"}
MISSING: Any = object()


@dataclass(frozen=True)
class Arguments:
    values: dict[str, Any]

    def text(self, name: str, default: str | None = None, error: str = "invalid_arguments") -> str:
        """Read a string. Raises: ApiError when it is missing and has no default."""
        value = self.values.get(name)
        if value is None or value == "":
            if default is None:
                raise ApiError(error, [f"[ERROR] missing required field: {name}"])
            return default
        return str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.values.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.values.get(name) or default)
        except (TypeError, ValueError) as wrong:
            raise ApiError("invalid_arguments", [f"[ERROR] must be an integer [json-pointer:/{name}]"]) from wrong

    def stamp(self, name: str, default: float) -> float:
        """Read a message timestamp. Raises: ApiError `invalid_ts_<name>`."""
        try:
            return float(self.values.get(name) or default)
        except (TypeError, ValueError) as wrong:
            raise ApiError(f"invalid_ts_{name}") from wrong

    def nested(self, name: str) -> Any:
        """Read a JSON argument, given as JSON or as a string of it; None when missing."""
        value = self.values.get(name)
        if isinstance(value, str):
            try:
                return json.loads(value)
            except ValueError as wrong:
                raise ApiError(NESTED[name], [f"[ERROR] not valid JSON [json-pointer:/{name}]"]) from wrong
        return value

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None


def read_arguments(request: Request) -> tuple[Arguments, str | None]:
    """Read a call as Slack does. The token is in the header or the form; in a JSON body it does not count."""
    header = request.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else None
    if request.mimetype == "application/json":
        body = request.get_json(silent=True) if request.content_length else {}
        if not isinstance(body, dict):
            raise ApiError("invalid_json")
        return Arguments({**request.args.to_dict(), **body}), token
    values: dict[str, Any] = {**request.args.to_dict(), **request.form.to_dict()}
    return Arguments(values), token or values.pop("token", None)
