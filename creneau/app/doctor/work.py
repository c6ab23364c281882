"""What the doctor says of the work: is there a worker, what waits, what was given up, calendars and backups."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from creneau.app.doctor.finding import Finding, failure, ok, warning
from creneau.app.readiness import WORKER_SILENT_AFTER
from creneau.core.domain.condition import BackupCondition, CalendarCondition
from creneau.core.domain.figures import Figures
from creneau.core.domain.sealed import SecretCounts

REMINDERS_LATE_AFTER = timedelta(minutes=2)
CALENDAR_STALE_AFTER = timedelta(minutes=90)
BACKUP_OLD_AFTER = timedelta(hours=26)
"""Backed up every night, the last one is never older."""
BACKUP_MISSING_AFTER = timedelta(days=8)


def examine_keys(counts: SecretCounts) -> Finding:
    if counts.unknown:
        return failure(
            "keys",
            f"No key at hand opens {counts.unknown} of the stored secrets.",
            "Put the lost key back behind the others in CRENEAU_ENCRYPTION_KEYS, or enter those secrets again.",
        )
    if counts.older:
        return warning("keys", f"{counts.older} secrets are under an older key.", "Run `creneau secrets rotate`.")
    return ok("keys", f"The first key opens every stored secret ({counts.newest}).")


def examine_work(figures: Figures) -> Iterator[Finding]:
    yield _worker(figures.worker_age)
    yield _jobs(figures)
    if figures.reminders_lag > REMINDERS_LATE_AFTER:
        yield failure(
            "reminders",
            f"{figures.reminders_due} reminders are due, the first since {_age(figures.reminders_lag)}.",
            "Start a worker, or more of them; its log says why one is postponed (`reminder.postponed`).",
        )
    else:
        yield ok("reminders", "No reminder is late.")


def _worker(age: timedelta | None) -> Finding:
    start = "Start `creneau worker`; no message, reminder or calendar goes out without."
    if age is None:
        return failure("worker", "No worker runs.", start)
    if age > WORKER_SILENT_AFTER:
        return failure("worker", f"No worker gave a sign of life for {_age(age)}.", start)
    return ok("worker", "A worker runs.")


def _jobs(figures: Figures) -> Finding:
    failed = {task: jobs.failed for task, jobs in figures.jobs.items() if jobs.failed}
    late = {task: jobs.late for task, jobs in figures.jobs.items() if jobs.late}
    if late:
        return warning(
            "jobs",
            f"Jobs are late: {_listed(late)}.",
            "Start a worker, or more of them; Slack or a calendar server may be down.",
        )
    if failed:
        return warning(
            "jobs",
            f"Jobs were given up: {_listed(failed)}.",
            "`creneau jobs list`, mend the cause that the worker's log tells, then `creneau jobs retry`.",
        )
    return ok("jobs", "No job is late, and none was given up.")


def examine_calendars(calendars: CalendarCondition, oldest: timedelta | None) -> Finding:
    if not calendars.linked:
        return ok("calendars", "No calendar is linked.")
    if calendars.unread or calendars.unwritten:
        return warning(
            "calendars",
            f"Of {calendars.linked} linked calendars {calendars.unread} cannot be read and "
            f"{calendars.unwritten} cannot be written.",
            "Their consultants were told; the log has each `reason` (`calendar.push_failed`, `reading_failed`).",
        )
    if oldest is not None and oldest > CALENDAR_STALE_AFTER:
        return warning(
            "calendars",
            f"A calendar was not read for {_age(oldest)}.",
            "See whether a worker runs; then read it with `creneau calendar sync`.",
        )
    return ok("calendars", f"All {calendars.linked} linked calendars are read and written.")


def examine_backups(backups: BackupCondition, now: datetime) -> Finding:
    advice = "Run `creneau backup FILE` every night, by the timer of deploy/systemd, and keep the file elsewhere."
    if backups.taken_at is None:
        return warning("backups", "No backup was ever made by `creneau backup`.", advice)
    age = now - backups.taken_at
    says = f"The last backup is {_age(age)} old."
    if age > BACKUP_MISSING_AFTER:
        return failure("backups", says, advice)
    return warning("backups", says, advice) if age > BACKUP_OLD_AFTER else ok("backups", says)


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {task}" for task, count in sorted(counts.items()))


def _age(age: timedelta) -> str:
    minutes = max(int(age.total_seconds()) // 60, 0)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
