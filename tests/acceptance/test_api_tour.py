"""The tour of docs/api.md, typed into a shell as it stands, against the demonstration."""

import os
import re
import subprocess
from pathlib import Path

from creneau.demo.description import write_description
from tests.acceptance.conftest import Story

DOCS = Path(__file__).parents[2] / "docs"


def test_the_tour_books_a_session(story: Story, tmp_path: Path):
    (tmp_path / ".demo").mkdir()
    write_description(story.stage, tmp_path / ".demo" / "demo.json")
    [commands] = re.findall(r"```sh\n(CRENEAU=.*?)```", (DOCS / "api.md").read_text(), re.DOTALL)

    told = subprocess.run(
        ["/bin/bash", "-e", "-c", commands.replace("http://127.0.0.1:8000", story.stage.web_url)],
        cwd=tmp_path,
        env={**os.environ, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert told.returncode == 0, told.stderr
    assert '"code"' not in told.stdout
    assert '"message":"Booking created"' in told.stdout
    story.work()
    assert story.person("paul").wait_for_message("Nouvelle demande")
