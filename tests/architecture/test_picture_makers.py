"""What makes the pictures of docs/slack.md is run by hand, and must not be found broken then."""

import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
FOLDER = HOUSE / "docs" / "pictures"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("[a-z]*.py")), ids=lambda file: file.stem)
def test_what_makes_pictures_finds_all_it_imports(file: Path):
    told = subprocess.run(
        [sys.executable, "-c", f"import {file.stem}"],
        env={"PYTHONPATH": f"{FOLDER}:{HOUSE}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
