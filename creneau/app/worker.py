"""The worker: does what is due, wakes by the clock, and ends its work in hand when it is asked to stop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import procrastinate

CONCURRENCY = 16
_POLLING_SECONDS = 5.0
_STOP_SECONDS = 20.0
_HEARTBEAT_SECONDS = 10.0
_STALLED_AFTER_SECONDS = 30.0

_OPTIONS: dict[str, Any] = {
    "concurrency": CONCURRENCY,
    "fetch_job_polling_interval": _POLLING_SECONDS,
    "shutdown_graceful_timeout": _STOP_SECONDS,
    "update_heartbeat_interval": _HEARTBEAT_SECONDS,
    "stalled_worker_timeout": _STALLED_AFTER_SECONDS,
    "delete_jobs": "successful",
}


def run_worker(jobs: procrastinate.App) -> None:
    """Work until SIGINT or SIGTERM."""
    asyncio.run(_work(jobs))


def run_due_jobs(jobs: procrastinate.App) -> None:
    """Do what is due now, including what that brings about, and return."""
    asyncio.run(_work(jobs, wait=False, install_signal_handlers=False, listen_notify=False))


async def work_until_cancelled(jobs: procrastinate.App) -> None:
    """Work inside somebody else's event loop, such as the demonstration's thread."""
    try:
        await _work(jobs, install_signal_handlers=False)
    except asyncio.CancelledError:
        return


async def _work(jobs: procrastinate.App, **more: Any) -> None:
    # Our tasks block, so each job in hand needs a thread; the loop's own pool has one a core and four.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="job"))
    async with jobs.open_async():
        await jobs.run_worker_async(**_OPTIONS, **more)
