"""What the documents say to type, typed into a shell as it stands, against the demonstration."""

import os
import re
import subprocess
import sys
from pathlib import Path

from creneau.demo.description import write_description
from tests.acceptance.conftest import Story

HOUSE = Path(__file__).parents[2]
INSTALLED = Path(sys.executable).parent


def type_in(commands: str, story: Story, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / ".demo").mkdir()
    write_description(story.stage, folder / ".demo")
    return subprocess.run(
        ["/bin/bash", "-e", "-c", commands],
        cwd=folder,
        env={**os.environ, "no_proxy": "127.0.0.1", "PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_tour_books_a_session(story: Story, tmp_path: Path):
    [commands] = re.findall(r"```sh\n(CRENEAU=.*?)```", (HOUSE / "docs/api.md").read_text(), re.DOTALL)
    told = type_in(commands.replace("http://127.0.0.1:8000", story.stage.web_url), story, tmp_path)
    assert told.returncode == 0, told.stderr
    assert '"code"' not in told.stdout
    assert '"message":"Booking created"' in told.stdout
    story.work()
    assert story.person("paul").wait_for_message("Nouvelle demande")


def test_the_command_line_speaks_to_the_demonstration(story: Story, tmp_path: Path):
    [commands] = re.findall(r"```sh\n(set -a;.*?)```", (HOUSE / "README.md").read_text(), re.DOTALL)
    told = type_in(commands.replace(".venv/bin/creneau", str(INSTALLED / "creneau")), story, tmp_path)
    for line in ("The settings are complete.", "The first key opens every stored secret", "the app has every scope"):
        assert line in told.stdout, told.stdout + told.stderr
