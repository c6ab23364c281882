"""Pages that name the tests behind what they say: of peers, Slack, the API, security, faults. Each of them is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


PAGES = [
    "SECURITY.md",
    "docs/api.md",
    "docs/calendars.md",
    "docs/peers.md",
    "docs/reliability.md",
    "docs/security.md",
    "docs/slack.md",
]


@pytest.mark.parametrize("name", PAGES)
def test_every_test_that_is_named_exists(name: str):
    page = (ROOT / name).read_text()
    named = NAMED.findall(page)
    assert len(named) > 30
    missing = [
        f"{path}::{test}" for path, test in named if f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_every_function_on_the_way_of_one_booking_is_where_it_is_said_to_be():
    rows = re.findall(
        r"^\| \d* ?\| `([\w/]+\.py)` \| ([^|]+) \|", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE
    )
    named = [(path, name) for path, names in rows for name in re.findall(r"`(\w+)`", names)]
    assert len(named) > 20
    missing = [
        f"{path} {name}"
        for path, name in named
        if not re.search(rf"(def|class) {name}\b", (ROOT / "creneau" / path).read_text("utf-8"))
    ]
    assert missing == []


def test_every_promise_of_security_names_a_test():
    promises = [line for line in (ROOT / "SECURITY.md").read_text().splitlines() if line.startswith("| **")]
    assert len(promises) > 10
    assert [promise for promise in promises if not NAMED.search(promise)] == []


def test_every_row_names_a_test():
    rows = [line for line in (ROOT / "docs" / "peers.md").read_text().splitlines() if re.match(r"\| \d", line)]
    assert rows
    assert [row for row in rows if not NAMED.search(row)] == []


def test_every_fault_has_what_happens_and_a_test_or_says_that_none_shows_it():
    page = (ROOT / "docs" / "reliability.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if re.match(r"\| [A-G]\d", line)]
    assert len({name for name, *_ in rows}) == len(rows) > 50
    assert [
        name for name, _, outcome, shown in rows if not outcome or not (NAMED.search(shown) or shown == "not shown")
    ] == []


def test_every_risk_and_advisory_names_a_test():
    rows = [line for line in (ROOT / "docs" / "security.md").read_text().splitlines() if line.startswith("| **")]
    assert len(rows) > 25
    assert {f"API{number}" for number in range(1, 11)} <= {row[4:].partition(" ")[0] for row in rows}
    assert [row for row in rows if not NAMED.search(row)] == []
