"""Small checks that combine into the shape of a block: each appends what is wrong, with a JSON pointer."""

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[["Report", str, Any], None]
JSON_TYPES: Mapping[str, tuple[type, ...]] = {"boolean": (bool,), "number": (int, float), "object": (dict,)}


class Report:
    """What is wrong with a payload, worded as Slack words it."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def add(self, pointer: str, message: str) -> None:
        self.messages.append(f"[ERROR] {message} [json-pointer:{pointer}]")


def string(longest: int, shortest: int = 0) -> Check:
    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, str):
            report.add(pointer, "must provide a string")
        elif len(value) > longest:
            report.add(pointer, f"must be less than {longest + 1} characters")
        elif len(value) < shortest:
            report.add(pointer, f"must be more than {shortest - 1} characters")

    return check


def json_type(name: str) -> Check:
    def check(report: Report, pointer: str, value: Any) -> None:
        is_disguised_number = isinstance(value, bool) and name == "number"
        if not isinstance(value, JSON_TYPES[name]) or is_disguised_number:
            report.add(pointer, f"must provide a {name}")

    return check


def integer(smallest: int, largest: int) -> Check:
    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report.add(pointer, "must provide an integer")
        elif not smallest <= value <= largest:
            report.add(pointer, f"must be between {smallest} and {largest}")

    return check


def word(*allowed: str) -> Check:
    def check(report: Report, pointer: str, value: Any) -> None:
        if value not in allowed:
            report.add(pointer, f"value must be one of {', '.join(allowed)}")

    return check


def pattern(matches: Callable[[str], bool], expected: str) -> Check:
    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, str) or not matches(value):
            report.add(pointer, f"must be {expected}")

    return check


def array(item: Check, fewest: int, most: int) -> Check:
    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, list):
            report.add(pointer, "must provide an array")
            return
        if len(value) > most:
            report.add(pointer, f"no more than {most} items allowed")
        if len(value) < fewest:
            report.add(pointer, f"no fewer than {fewest} items allowed")
        for index, entry in enumerate(value):
            item(report, f"{pointer}/{index}", entry)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Check an object: every required key, and no key that is neither required nor optional."""
    known = {**required, **(optional or {})}

    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, dict):
            report.add(pointer, "must provide an object")
            return
        for key in required:
            if key not in value:
                report.add(pointer, f"missing required field: {key}")
        for key, entry in value.items():
            if key not in known:
                report.add(pointer, f"invalid additional property: {key}")
            else:
                known[key](report, f"{pointer}/{key}", entry)

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """Check an object by its `type`, which must be one of the given kinds."""

    def check(report: Report, pointer: str, value: Any) -> None:
        if not isinstance(value, dict):
            report.add(pointer, "must provide an object")
        elif not isinstance(value.get("type"), str):
            report.add(pointer, "missing required field: type")
        elif value["type"] not in kinds:
            report.add(f"{pointer}/type", f"unsupported type: {value['type']}")
        else:
            kinds[value["type"]](report, pointer, value)

    return check


def anything(report: Report, pointer: str, value: Any) -> None:
    """Accept: for parts that the stand-in does not look into."""
