"""What is recorded of an act on a booking, all of it in one statement.

The line of history, the numbers of the day, the audit line, and the job that follows: four round trips are one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from creneau.core.domain.analytics import SessionNumbers
from creneau.core.domain.audit import AuditLine
from creneau.core.domain.booking import Booking
from creneau.core.domain.history import HistoryEntry
from creneau.core.domain.jobs import Job
from creneau.core.storage import analytics, driver, history, jobs
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Statement

_AUDIT = """
insert into audit_log (organization_id, id, at, actor_id, action, subject, subject_id)
values (%(organization_id)s, %(line_id)s, %(line_at)s, %(line_actor_id)s, %(line_action)s, %(subject)s, %(booking_id)s)
"""


@dataclass(frozen=True, slots=True)
class Record:
    """What is recorded of an act. No entry: it is none of the history's. No numbers: they stay as they are."""

    booking: Booking
    line: AuditLine
    entry: HistoryEntry | None = None
    numbers: tuple[date, SessionNumbers] | None = None
    job: Job | None = None


def record(tx: Transaction, of: Record) -> None:
    """Record an act, and lock the row of its day's numbers: several days are changed in their order."""
    booking, line = of.booking, of.line
    parts = [_AUDIT]
    values: dict[str, object] = {
        "organization_id": booking.organization_id,
        "booking_id": booking.id,
        "line_id": line.id,
        "line_at": line.at,
        "line_actor_id": line.actor_id,
        "line_action": line.action,
        "subject": line.subject,
    }
    if of.entry is not None:
        parts.append(history.ADD)
        values |= history.values(of.entry)
    if of.numbers is not None:
        parts.append(analytics.ADD)
        values |= analytics.values(booking.organization_id, booking.consultant_id, *of.numbers, booking.updated_at)
    if of.job is not None:
        values |= jobs.values(of.job)
    driver.run(tx, _join(tuple(parts), jobs.DEFER if of.job else "1"), values)


@lru_cache
def _join(parts: Sequence[str], result: str) -> Statement:
    written = ", ".join(f"part_{place} as ({part})" for place, part in enumerate(parts))
    return Statement(f"with {written} select {result}")
