"""One examination: every check in its order. What cannot be looked at is said, and the others go on."""

from collections.abc import Iterator

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from creneau.app.doctor.database import examine_database
from creneau.app.doctor.finding import Finding, failure, ok
from creneau.app.doctor.machine import examine_machine
from creneau.app.doctor.mail import examine_mail
from creneau.app.doctor.slack import examine_slack
from creneau.app.doctor.work import examine_backups, examine_calendars, examine_keys, examine_work
from creneau.app.postgres import open_postgres
from creneau.app.settings import SettingsInvalid, read_settings
from creneau.app.slack_clients import open_slack_clients
from creneau.app.wiring import Creneau, open_mail, wire
from creneau.core.storage.embedded import EmbeddedPostgresFailed
from creneau.core.storage.schema import newest_revision

_SEE = "See that Postgres runs and that DATABASE_URL is right, then run this again."


def examine() -> Iterator[Finding]:
    """Look over the installation that the environment describes."""
    try:
        settings = read_settings()
    except SettingsInvalid as error:
        for problem in error.problems:
            yield failure("settings", problem, 'Correct it: "Settings" in docs/operations.md.')
        return
    yield ok("settings", "The settings are complete.")
    yield from examine_machine(settings)
    try:
        with open_postgres(settings) as urls:
            creneau = wire(settings, urls.runtime)
            try:
                yield from _examine_service(creneau)
            finally:
                creneau.close()
    except EmbeddedPostgresFailed as error:
        yield failure("database", f"Embedded Postgres does not start: {_first_line(error)}", _SEE)


def _examine_service(creneau: Creneau) -> Iterator[Finding]:
    try:
        database = creneau.operations.read_database()
        yield from examine_database(database)
        if database.revision != newest_revision():
            return  # what this version would read may not be there
        yield examine_keys(creneau.secrets.count_secrets())
        figures = creneau.operations.read_figures()
        yield from examine_work(figures)
        yield examine_calendars(creneau.operations.read_calendars(), figures.busy_age)
        yield examine_backups(creneau.operations.read_backups(), creneau.clock.now())
        yield examine_mail(creneau.settings.mail_server, open_mail(creneau.settings))
        installed = creneau.operations.list_installed()
        yield from examine_slack(installed, creneau.slack, open_slack_clients(creneau.settings))
    except (SQLAlchemyError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        yield failure("database", f"Postgres cannot be used: {_first_line(cause)}", _SEE)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
