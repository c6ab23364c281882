"""How gunicorn's processes count together: each writes its own files in one folder, and any of them reads all.

prometheus-client names the files by process id, so that a server whose workers are replaced for months gathers files
without end. Here a worker has a place, the lowest that is free, and goes on with the files of whoever had it before.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from prometheus_client import values
from prometheus_client.multiprocess import mark_process_dead


@contextmanager
def counts_folder() -> Iterator[Path]:
    """Make a folder, and remove it when the process that made it ends: a worker ends by the same way out."""
    folder, made_by = Path(mkdtemp(prefix="creneau-counts-")), os.getpid()
    try:
        yield folder
    finally:
        if os.getpid() == made_by:
            rmtree(folder)


class ProcessCounts:
    """Gunicorn's hooks. `give_place` runs in the master before a fork, `take_place` in the worker after it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def give_place(self, server: Any, worker: Any) -> None:
        taken = {other.place for other in server.WORKERS.values()}
        worker.place = next(place for place in range(len(taken) + 1) if place not in taken)

    def take_place(self, server: Any, worker: Any) -> None:  # noqa: ARG002 - gunicorn's
        place: int = worker.place
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(self.folder)  # the library reads it when a metric is made
        values.ValueClass = values.MultiProcessValue(lambda: place)  # type: ignore[no-untyped-call]

    def leave_place(self, server: Any, worker: Any) -> None:  # noqa: ARG002 - gunicorn's
        """Forget what only a living process has, such as connections in use."""
        mark_process_dead(worker.place, str(self.folder))  # type: ignore[no-untyped-call]
