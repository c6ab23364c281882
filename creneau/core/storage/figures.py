"""Queries for the operator: the job queue, which has no tenants, and what one narrow function tells of theirs."""

from datetime import datetime, timedelta

from sqlalchemy import text

from creneau.core.domain.figures import LATE_AFTER, Figures, JobFigures
from creneau.core.storage.database import Transaction

# Jobs are timed by Postgres' clock, as the queue itself times them. A job has no instant of its own but its events'.
_JOBS = text("""
  select task_name,
    count(*) filter (where status = 'todo' and coalesce(scheduled_at, now()) <= now()) as waiting,
    count(*) filter (where status = 'todo' and coalesce(scheduled_at, began_at) <= now() - :late_after) as late,
    count(*) filter (where status = 'failed') as failed,
    coalesce(now() - min(began_at) filter (where status in ('todo', 'doing')), interval '0') as oldest
  from procrastinate_jobs j
  left join lateral (select min(at) as began_at from procrastinate_events where job_id = j.id) as e on true
  group by task_name
""")
_WORKER = text("select now() - max(last_heartbeat) from procrastinate_workers")
_BACKUP = text("select max(taken_at) from backup_log")
_TENANTS = text("select reminders_due, reminder_due_since, busy_read_at from operating_figures(:at)")


def read(tx: Transaction, at: datetime) -> Figures:
    """Read all figures at an instant of the service's clock. Needs no tenant."""
    jobs = {
        row.task_name: JobFigures(row.waiting, row.late, row.failed, row.oldest)
        for row in tx.execute(_JOBS, {"late_after": LATE_AFTER})
    }
    taken_at: datetime | None = tx.scalar(_BACKUP)
    due, due_since, busy_read_at = tx.execute(_TENANTS, {"at": at}).one()
    return Figures(
        jobs=jobs,
        worker_age=worker_age(tx),
        reminders_due=due,
        reminders_lag=at - due_since if due_since else timedelta(0),
        busy_age=at - busy_read_at if busy_read_at else None,
        backup_age=at - taken_at if taken_at else None,
    )


def worker_age(tx: Transaction) -> timedelta | None:
    """Return how long ago a worker last gave a sign of life; None when there is none."""
    age: timedelta | None = tx.scalar(_WORKER)
    return age
