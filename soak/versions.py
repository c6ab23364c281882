"""Another version of the code beside this one: taken from the history, and run as its own processes."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from soak.processes import SharedClock

HERE = Path(__file__).parents[1]

_ON_A_CLOCK = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from creneau.app.cli import main
from creneau.core.clock import SystemClock
ahead = Path(sys.argv.pop(1))
SystemClock.now = lambda _: datetime.now(UTC) + timedelta(seconds=float(ahead.read_text()))
main()
"""


class Version:
    """The code in a folder. Ends the processes that it started. Use as a context manager."""

    def __init__(self, name: str, source: Path, clock: SharedClock, logs: Path) -> None:
        self.name = name
        self._source = source
        self._clock = clock
        self._logs = logs
        self._started: list[tuple[str, subprocess.Popen[bytes], IO[bytes]]] = []

    def start(self, *command: str, environment: Mapping[str, str]) -> None:
        log = self._log(command[0]).open("ab")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "CRENEAU_"))}
        process = subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-c", _ON_A_CLOCK, str(self._clock.file), *command],
            env={**inherited, **environment, "PYTHONPATH": str(self._source)},
            cwd=self._source,
            stdout=log,
            stderr=log,
        )
        self._started.append((command[0], process, log))

    def log(self, command: str) -> str:
        """Return what the processes of a command have written."""
        return self._log(command).read_text()

    def dead(self) -> list[str]:
        """List the processes that ended although nobody asked them to."""
        return [f"{self.name} {what} ended" for what, process, _ in self._started if process.poll() is not None]

    def _log(self, command: str) -> Path:
        return self._logs / f"{self.name}-{command}.log"

    def __enter__(self) -> "Version":
        return self

    def __exit__(self, *given: object) -> None:
        for _, process, _ in self._started:
            process.terminate()
        for _, ending, log in self._started:
            ending.wait(40)
            log.close()


def check_out(revision: str, folder: Path) -> Path:
    """Write the code of a revision into a folder. Raises: CalledProcessError where the history does not have it."""
    folder.mkdir()
    archive = folder / "code.tar"
    subprocess.run(["git", "archive", "--output", archive, revision], cwd=HERE, check=True)  # noqa: S603, S607
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", folder], check=True)  # noqa: S603, S607
    return folder
