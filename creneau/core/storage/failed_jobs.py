"""Queries on the jobs that were given up: procrastinate keeps them as `failed`, and why is in the log alone."""

from collections.abc import Collection

from sqlalchemy import text

from creneau.core.domain.jobs import FailedJob
from creneau.core.storage.database import Transaction

# What runs by the clock has a queueing lock, of which one may wait at a time.
_LIST = text("""
  select j.id, j.task_name as task, j.args as arguments, j.attempts, max(e.at) as failed_at,
    j.queueing_lock is not null as comes_by_the_clock
  from procrastinate_jobs j left join procrastinate_events e on e.job_id = j.id and e.type = 'failed'
  where j.status = 'failed'
  group by j.id order by max(e.at) desc nulls last, j.id desc limit :most
""")
_RUN_AGAIN = text("""
  update procrastinate_jobs set status = 'todo', attempts = 1, scheduled_at = null, worker_id = null
  where status = 'failed' and queueing_lock is null and (:all_of_them or id = any(:ids) or task_name = :task)
  returning id
""")
_FORGET = text("""
  delete from procrastinate_jobs j
  where status = 'failed' and (queueing_lock is not null or task_name = any(:tasks))
    and not exists (
      select from procrastinate_events e where e.job_id = j.id and e.at >= now() - make_interval(hours => 1))
  returning id
""")


def list_failed(tx: Transaction, most: int) -> list[FailedJob]:
    """List the jobs that were given up, the last one first. Needs no tenant."""
    return [FailedJob(**row) for row in tx.execute(_LIST, {"most": most}).mappings()]


def run_again(tx: Transaction, ids: Collection[int] | None, task: str | None) -> int:
    """Put failed jobs into the queue again, by id, or of one task, or all; return how many.

    They have all their tries again but the first: what that one may have posted is looked for.
    """
    chosen = {"all_of_them": ids is None and task is None, "ids": list(ids or ()), "task": task}
    return len(tx.execute(_RUN_AGAIN, chosen).all())


def forget(tx: Transaction, tasks: Collection[str]) -> int:
    """Remove what failed an hour ago and comes again, by the clock or as one of `tasks`; return how many."""
    return len(tx.execute(_FORGET, {"tasks": list(tasks)}).all())
