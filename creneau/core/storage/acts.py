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
select %(organization_id)s, %(line_id)s, %(at)s, %(actor_id)s, %(line_action)s, %(subject)s, %(booking_id)s
"""


@dataclass(frozen=True, slots=True)
class Record:
    """What is recorded of an act, done when the booking was last updated.

    No entry: it is none of the history's. No numbers: they stay as they are.
    """

    booking: Booking
    line: AuditLine
    entry: HistoryEntry | None = None
    numbers: tuple[date, SessionNumbers] | None = None
    job: Job | None = None


def record(tx: Transaction, of: Record) -> None:
    """Record an act, and lock the row of its day's numbers: several days are changed in their order."""
    driver.run(tx, _join(parts(of)), values(of))


def parts(of: Record, given: str = "") -> tuple[str, ...]:
    """Return the inserts of what there is to record. `given` is a `from` that has one row, or none: then nothing is."""
    chosen = (
        (True, _AUDIT + given),
        (of.entry is not None, history.ADD + given),
        (of.numbers is not None, analytics.add_given(given)),
        (of.job is not None, jobs.ADD + given),
    )
    return tuple(part for is_there, part in chosen if is_there)


def values(of: Record) -> dict[str, object]:
    """Return what `parts` are told."""
    booking, line = of.booking, of.line
    found: dict[str, object] = {
        "organization_id": booking.organization_id,
        "booking_id": booking.id,
        "at": booking.updated_at,
        "actor_id": line.actor_id,
        "line_id": line.id,
        "line_action": line.action,
        "subject": line.subject,
    }
    if of.entry is not None:
        found |= history.values(of.entry)
    if of.numbers is not None:
        day, numbers = of.numbers
        found |= analytics.values(booking.organization_id, booking.consultant_id, day, numbers, booking.updated_at)
    if of.job is not None:
        found |= jobs.values(of.job)
    return found


def name_parts(parts: Sequence[str]) -> str:
    """Return parts as the queries of one `with`."""
    return ", ".join(f"part_{place} as ({part})" for place, part in enumerate(parts))


@lru_cache
def _join(parts: tuple[str, ...]) -> Statement:
    return Statement(f"with {name_parts(parts)} select 1")
