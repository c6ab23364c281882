"""What the doctor says of Postgres: its version, the schema, who the service is there, and whether clocks agree."""

from collections.abc import Iterator
from datetime import timedelta

from creneau.app.doctor.finding import Finding, failure, ok, warning
from creneau.core.domain.condition import DatabaseCondition
from creneau.core.storage.database import RUNTIME_ROLE
from creneau.core.storage.schema import is_known, newest_revision

OLDEST_POSTGRES = 15
CLOCKS_DIFFER = timedelta(seconds=2)
CLOCKS_DISAGREE = timedelta(seconds=60)


def examine_database(found: DatabaseCondition) -> Iterator[Finding]:
    yield _version(found)
    yield _migrations(found)
    yield _role(found)
    yield _tenants(found)
    yield _clock(found)


def _version(found: DatabaseCondition) -> Finding:
    if found.version < OLDEST_POSTGRES:
        return failure(
            "database",
            f"This is PostgreSQL {found.version}.",
            f"Upgrade it to PostgreSQL {OLDEST_POSTGRES} or newer.",
        )
    return ok("database", f"PostgreSQL {found.version} answers.")


def _migrations(found: DatabaseCondition) -> Finding:
    newest = newest_revision()
    if found.revision == newest:
        return ok("migrations", f"The schema is at {newest}, the newest of this version.")
    if found.revision is None:
        return failure("migrations", "The database has no schema.", "Run `creneau migrate`.")
    if not is_known(found.revision):
        return failure(
            "migrations",
            f"The schema is at {found.revision}, which this version does not know.",
            "Run the version of Creneau that migrated this database, or a newer one.",
        )
    return failure("migrations", f"The schema is at {found.revision}, not {newest}.", "Run `creneau migrate`.")


def _role(found: DatabaseCondition) -> Finding:
    if found.role != RUNTIME_ROLE or found.is_role_privileged:
        return failure(
            "role",
            f"The service acts as {found.role}, who may pass by what keeps centres apart.",
            f"As a superuser: `alter role {RUNTIME_ROLE} nosuperuser nobypassrls`, and let it own no table.",
        )
    if found.is_login_privileged:
        return warning(
            "role",
            f"The service acts as {RUNTIME_ROLE} but logs in as {found.login}, who may do more.",
            f"Let {RUNTIME_ROLE} log in, and name it in DATABASE_URL.",
        )
    return ok("role", f"The service acts as {RUNTIME_ROLE}, logs in as {found.login}, and cannot bypass row security.")


def _tenants(found: DatabaseCondition) -> Finding:
    if found.open_tables:
        return failure(
            "tenants",
            f"Row level security is not forced on {', '.join(found.open_tables)}.",
            "As the owner: `alter table NAME enable row level security`, and the same with `force`.",
        )
    return ok("tenants", "Row level security is forced on every table of a centre.")


def _clock(found: DatabaseCondition) -> Finding:
    apart = abs(found.clock_ahead)
    says = f"The clocks of this machine and of Postgres are {apart.total_seconds():.1f} seconds apart."
    if apart >= CLOCKS_DISAGREE:
        return failure(
            "clock", says, "Synchronize both by NTP (`timedatectl`): reminders go by one, jobs by the other."
        )
    if apart >= CLOCKS_DIFFER:
        return warning("clock", says, "Synchronize both by NTP (`timedatectl`).")
    return ok("clock", says)
