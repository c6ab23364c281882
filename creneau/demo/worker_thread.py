"""The worker, in a thread beside the servers of the demonstration."""

import asyncio
import threading
from types import TracebackType
from typing import Self

import procrastinate

from creneau.app.worker import work_until_cancelled


class WorkerThread:
    """Works from entry to exit. Use as a context manager."""

    def __init__(self, jobs: procrastinate.App) -> None:
        self._jobs = jobs
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join(timeout=30)

    def _run(self) -> None:
        self._task = self._loop.create_task(work_until_cancelled(self._jobs))
        self._loop.run_until_complete(self._task)
        self._loop.close()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
