"""JSON as requests may bring it: no duplicate keys, no NaN or Infinity, no nesting that exhausts the stack."""

import json
from typing import Any

from flask.json.provider import DefaultJSONProvider


class StrictJSON(DefaultJSONProvider):
    """Raises ValueError for what it refuses, as Flask expects of malformed JSON."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return parse_strictly(s, **kwargs)


def parse_strictly(source: str | bytes, **kwargs: Any) -> Any:
    """Raises: ValueError."""
    try:
        return json.loads(source, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant, **kwargs)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate key")
    return members


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
