"""The worker: does what is due, wakes by the clock, and ends its work in hand when it is asked to stop.

procrastinate ends a worker, without an error, when it loses the database for a moment. Ours begins again.
"""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import procrastinate
import structlog
from procrastinate.exceptions import ConnectorException

log = structlog.get_logger()

CONCURRENCY = 16
_POLLING_SECONDS = 5.0
_STOP_SECONDS = 20.0
_HEARTBEAT_SECONDS = 10.0
_STALLED_AFTER_SECONDS = 30.0
_PAUSE_SECONDS = 2.0
"""Before it begins again."""

_OPTIONS: dict[str, Any] = {
    "concurrency": CONCURRENCY,
    "fetch_job_polling_interval": _POLLING_SECONDS,
    "shutdown_graceful_timeout": _STOP_SECONDS,
    "update_heartbeat_interval": _HEARTBEAT_SECONDS,
    "stalled_worker_timeout": _STALLED_AFTER_SECONDS,
    "delete_jobs": "successful",
}


def run_worker(jobs: procrastinate.App) -> None:
    """Work until SIGINT or SIGTERM. Raises: `ConnectorException` when there is no database at the start."""
    asyncio.run(_work_until_asked_to_stop(jobs))


def run_due_jobs(jobs: procrastinate.App) -> None:
    """Do what is due now, including what that brings about, and return."""
    asyncio.run(_work(jobs, wait=False, install_signal_handlers=False, listen_notify=False))


async def work_until_cancelled(jobs: procrastinate.App) -> None:
    """Work inside somebody else's event loop, such as the demonstration's thread."""
    with suppress(asyncio.CancelledError):
        await _work_on(jobs)


async def _work_until_asked_to_stop(jobs: procrastinate.App) -> None:
    working = asyncio.create_task(_work_on(jobs))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    with suppress(asyncio.CancelledError):
        await working


async def _work_on(jobs: procrastinate.App) -> None:
    """Work until cancelled, and again after each time that the database was lost."""
    async with jobs.open_async():
        await jobs.check_connection_async()
    while True:
        with suppress(ConnectorException):
            await _work(jobs, install_signal_handlers=False)
        log.warning("worker.interrupted")
        await asyncio.sleep(_PAUSE_SECONDS)


async def _work(jobs: procrastinate.App, **more: Any) -> None:
    # Our tasks block, so each job in hand needs a thread; the loop's own pool has one a core and four.
    with ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="job") as threads:
        asyncio.get_running_loop().set_default_executor(threads)
        async with jobs.open_async():
            await jobs.run_worker_async(**_OPTIONS, **more)
