"""Jobs written into the transaction of what they follow from, as procrastinate itself (3.10) puts them into its queue.

Its function is called straight: the library's own way costs as much Python as the rest of a booking's statements.
"""

import json

from creneau.core.domain.jobs import Job
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement

# Queue, task, priority, lock, queueing lock, arguments and time: what the library writes for a task without options.
DEFER = """
procrastinate_defer_jobs_v1(array[
  row('default', %(task)s, 0, null, null, %(arguments)s, null)::procrastinate_job_to_defer_v1])
"""
_DEFER = Statement(f"select {DEFER}")


def add(tx: Transaction, job: Job | None) -> None:
    """Put a job into the queue: workers are woken when the transaction commits. None: there is nothing to do."""
    if job is not None:
        driver.run(tx, _DEFER, values(job))


def values(job: Job) -> dict[str, object]:
    """Return what `DEFER` is told of a job."""
    return {"task": job.task, "arguments": json.dumps(job.arguments)}
