"""Jobs written into the transaction of what they follow from, as procrastinate itself (3.10) puts them into its queue.

The row is inserted straight, and its triggers do the rest: the library's own way costs as much Python as the rest of a
booking's statements.
"""

import json
from datetime import timedelta

from creneau.core.domain.jobs import Job
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement

ADD = """
insert into procrastinate_jobs (queue_name, task_name, priority, args)
select 'default', %(task)s, 0, %(arguments)s::jsonb
"""
_ADD = Statement(ADD)
_ADD_LATER = Statement("""
insert into procrastinate_jobs (queue_name, task_name, priority, args, scheduled_at)
values ('default', %(task)s, 0, %(arguments)s::jsonb, now() + %(wait)s::interval) returning id
""")
_TAKE_BACK = Statement("delete from procrastinate_jobs where id = %(number)s::bigint and status = 'todo'")


def add(tx: Transaction, job: Job | None) -> None:
    """Put a job into the queue: workers are woken when the transaction commits. None: there is nothing to do."""
    if job is not None:
        driver.run(tx, _ADD, values(job))


def add_later(tx: Transaction, job: Job, wait: timedelta) -> int:
    """Put a job into the queue that is to be done after a wait; return its number. Nobody is woken for it."""
    row = driver.fetch_one(tx, _ADD_LATER, {**values(job), "wait": wait})
    assert row is not None  # noqa: S101 - an insert returns what it wrote
    return int(row[0])


def take_back(tx: Transaction, number: int) -> None:
    """Remove a job that nobody has begun."""
    driver.run(tx, _TAKE_BACK, {"number": number})


def values(job: Job) -> dict[str, object]:
    """Return what `ADD` is told of a job."""
    return {"task": job.task, "arguments": json.dumps(job.arguments)}
