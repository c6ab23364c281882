"""docs/peers.md names the tests that keep other people's bugs away: each of them is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_test_that_is_named_exists():
    page = (ROOT / "docs" / "peers.md").read_text()
    named = NAMED.findall(page)
    assert len(named) > 30
    missing = [
        f"{path}::{name}" for path, name in named if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_every_row_names_a_test():
    rows = [line for line in (ROOT / "docs" / "peers.md").read_text().splitlines() if re.match(r"\| \d", line)]
    assert rows
    assert [row for row in rows if not NAMED.search(row)] == []
