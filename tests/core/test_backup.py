"""A backup drill: what comes back is what was there, nothing of the past is sent, and no mishap costs the database."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from creneau.core.domain.backup import BackupProblem
from creneau.core.domain.feeds import FeedKind
from creneau.core.domain.page_links import PagePurpose
from creneau.core.domain.reminders import ReminderState, ReminderType
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.calendars import CalendarService
from creneau.core.services.feeds import FeedService
from creneau.core.services.operations import OperationsService
from creneau.core.services.page_links import PageLinkService
from creneau.core.services.reminders import ReminderService
from creneau.core.storage import postgres_programs, restore, schema
from creneau.core.storage.backup import manifest_path, read_manifest, take_backup
from creneau.core.storage.database import Database
from creneau.core.storage.restore import ASIDE, restore_backup
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import MONDAY, Centre, MovableClock, Published, Urls, build_centre, new_id, plain, with_database
from tests.core.test_migrations import dump, empty_url  # noqa: F401 - a fixture

KEY = generate_key()
BOX = SecretBox([KEY])
URL = "https://dav.example.org/paul/sessions/"
THURSDAY_AT_TEN = MONDAY + timedelta(days=3, hours=1)
IN_THE_GAP = THURSDAY_AT_TEN - timedelta(hours=23, minutes=30)
JOBS = """
  insert into procrastinate_workers default values;
  insert into procrastinate_jobs (queue_name, task_name, status, attempts)
  values ('default', 'waits', 'todo', 0), ('default', 'tried', 'todo', 3);
  insert into procrastinate_jobs (queue_name, task_name, status, worker_id)
  select 'default', 'begun', 'todo', id from procrastinate_workers;
  update procrastinate_jobs set status = 'doing' where task_name = 'begun'
"""
CHANGED = {"backup_log", "session_reminders", "procrastinate_jobs", "procrastinate_events", "procrastinate_workers"}
"""What a restore itself changes."""


class Lived:
    """A centre with a confirmed session, a linked calendar, a feed and a page link, in a database of its own."""

    def __init__(self, url: str) -> None:
        self.clock = MovableClock(MONDAY)
        self.database = Database(url)
        self.centre: Centre = build_centre(self.database, self.clock)
        consultant = self.centre.actor(self.centre.consultant)
        request = BookingRequest(self.centre.bilan.id, self.centre.consultant.id, THURSDAY_AT_TEN)
        self.booking = self.centre.scheduling.create_session_booking(
            self.centre.actor(self.centre.beneficiary), request
        )
        self.centre.scheduling.confirm_booking(consultant, self.booking.id)
        calendars = CalendarService(self.database, self.clock, BOX, Published(), new_id)
        calendars.link_calendar(consultant, self.centre.consultant.id, URL, "paul", "secret of paul")
        self.feed = FeedService(self.database, self.clock, new_id).issue_feed_token(
            self.centre.consultant, FeedKind.SESSIONS
        )
        self.link = PageLinkService(self.database, self.clock, BOX, new_id).issue(
            consultant, PagePurpose.CONNECT_CALENDAR
        )
        self.database.close()


@pytest.fixture
def lived(fresh_urls: Urls) -> Lived:
    return Lived(fresh_urls.runtime)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "creneau.dump"


@pytest.fixture
def plain_owner_url(cluster: Urls) -> Iterator[str]:
    """An empty database whose owner is no superuser, as docs/operations.md has it."""
    name, password = f"creneau_owner_{uuid4().hex[:12]}", uuid4().hex
    with psycopg.connect(plain(cluster.owner), autocommit=True) as connection:
        owner, literal = sql.Identifier(name), sql.Literal(password)
        connection.execute(sql.SQL("create role {} login createrole bypassrls password {}").format(owner, literal))
        connection.execute(sql.SQL("grant creneau_app, creneau_definer to {} with admin option").format(owner))
        connection.execute(sql.SQL("create database {0} owner {0}").format(owner))
        url = make_url(with_database(cluster.owner, name)).set(username=name, password=password)
        yield url.render_as_string(hide_password=False)
        connection.execute(sql.SQL("drop database {} with (force)").format(owner))
        connection.execute(sql.SQL("drop owned by {}").format(owner))
        connection.execute(sql.SQL("drop role {}").format(owner))


def rows(url: str) -> dict[str, tuple[object, ...] | None]:
    """The rows of every table, as a digest."""
    with psycopg.connect(plain(url)) as connection:
        return {
            table: connection.execute(
                sql.SQL("select count(*), md5(string_agg(t::text, '|' order by t::text)) from {} t").format(
                    sql.Identifier(table)
                )
            ).fetchone()
            for (table,) in connection.execute(
                "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
            ).fetchall()
        }


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(plain(url), autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []


def tables_and_grants(catalogs: dict[str, list[tuple[object, ...]]], url: str) -> set[tuple[object, ...]]:
    """Return each table's security and who may do what with it, whatever its owner is called."""
    owner = make_url(url).username
    return {
        (*row[:4], frozenset(re.sub(rf"\b{owner}\b", "owner", str(row[5])).strip("{}").split(",")))
        for row in catalogs["tables"]
    }


def code_of(problem: pytest.ExceptionInfo[BackupProblem]) -> str:
    return problem.value.code


def test_a_drill_brings_everything_back_and_nothing_of_the_past_is_sent(
    lived: Lived, fresh_urls: Urls, file: Path, plain_owner_url: str, monkeypatch: pytest.MonkeyPatch
):
    ask(fresh_urls.owner, JOBS)
    catalogs, content = dump(fresh_urls.owner), rows(fresh_urls.owner)

    manifest = take_backup(fresh_urls.owner, file, "1.2.3", lived.clock.now())
    assert [oct(path.stat().st_mode & 0o777) for path in (file, manifest_path(file))] == ["0o600", "0o600"]
    assert {path.name for path in file.parent.iterdir()} == {"creneau.dump", "creneau.dump.json"}
    assert read_manifest(file) == manifest
    assert (manifest.migration, manifest.taken_at) == (schema.newest_revision(), MONDAY)
    assert manifest.keys == (BOX.tags[0].hex(),)
    written = file.read_bytes() + manifest_path(file).read_bytes()
    assert KEY.encode() not in written
    assert b"secret of paul" not in written

    lived.clock.set(IN_THE_GAP)
    restore_backup(plain_owner_url, file, manifest, lived.clock.now())

    back, restored = dump(plain_owner_url), rows(plain_owner_url)
    for name in ("columns", "constraints", "indexes", "policies", "types", "triggers"):
        assert back[name] == catalogs[name], name
    assert tables_and_grants(back, plain_owner_url) == tables_and_grants(catalogs, fresh_urls.owner)
    across = [row for row in catalogs["functions"] if row[2]]
    assert [row for row in back["functions"] if row[2]] == across != []
    assert {table: digest for table, digest in restored.items() if table not in CHANGED} == {
        table: digest for table, digest in content.items() if table not in CHANGED
    }

    database = Database(plain_owner_url)
    reminders = ReminderService(database, lived.clock)
    listed = reminders.list_of_booking(lived.centre.actor(lived.centre.admin), lived.booking.id)
    told = {reminder.type: (reminder.state, reminder.reason) for reminder in listed}
    assert told[ReminderType.BENEFICIARY_24H] == (ReminderState.SKIPPED, "restored")
    assert told[ReminderType.BENEFICIARY_1H] == (ReminderState.DUE, None)
    assert reminders.claim_due() == []
    lived.clock.set(THURSDAY_AT_TEN - timedelta(minutes=50))
    assert len(reminders.claim_due()) == 2  # both sides' of an hour before

    assert ask(plain_owner_url, "select task_name, status::text, attempts from procrastinate_jobs order by id") == [
        ("waits", "todo", 1),
        ("tried", "todo", 3),
        ("begun", "todo", 1),
    ]
    consultant = lived.centre.consultant
    calendars = CalendarService(database, lived.clock, BOX, Published(), new_id)
    assert calendars.find_link(consultant.organization_id, consultant.id).password == "secret of paul"
    feed = FeedService(database, lived.clock, new_id).open_feed(lived.feed, FeedKind.SESSIONS)
    assert feed is not None
    assert feed.owner.user_id == consultant.id
    lived.clock.set(MONDAY)
    visit = PageLinkService(database, lived.clock, BOX, new_id).visit(lived.link, PagePurpose.CONNECT_CALENDAR)
    assert visit.user.id == consultant.id
    found = OperationsService(database, lived.clock).read_backups()
    assert (found.taken_at, found.restored_at) == (MONDAY, IN_THE_GAP)
    database.close()

    # Once more, in place of what is there, by an owner who is no superuser: first in vain.
    before = (dump(plain_owner_url), rows(plain_owner_url))
    with monkeypatch.context() as patched:
        patched.setattr(schema, "migrate", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore_backup(plain_owner_url, file, manifest, IN_THE_GAP, replace=True)
    assert (dump(plain_owner_url), rows(plain_owner_url)) == before
    restore_backup(plain_owner_url, file, manifest, IN_THE_GAP, replace=True)
    assert (dump(plain_owner_url), rows(plain_owner_url).keys()) == (back, restored.keys())


def test_what_is_there_is_replaced_only_on_demand_and_comes_back_when_that_fails(
    lived: Lived, fresh_urls: Urls, file: Path, monkeypatch: pytest.MonkeyPatch
):
    owner = fresh_urls.owner
    manifest = take_backup(owner, file, "1.2.3", lived.clock.now())
    ask(owner, "insert into organizations (id, name) values (gen_random_uuid(), 'Added later'); create table mine ()")
    before = (dump(owner), rows(owner))

    def refused(asked: object = manifest, *, replace: bool = True) -> str:
        with pytest.raises(BackupProblem) as problem:
            restore_backup(owner, file, asked, lived.clock.now(), replace=replace)
        assert (dump(owner), rows(owner)) == before
        return code_of(problem)

    assert refused(replace=False) == "backup.database_not_empty"
    assert refused(replace(manifest, migration="9999")) == "backup.newer"
    assert refused(replace(manifest, rows={**manifest.rows, "users": 99})) == "backup.damaged"
    with psycopg.connect(plain(owner)):
        assert refused() == "backup.database_in_use"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert refused() == "backup.damaged"
    file.write_bytes(whole)

    with monkeypatch.context() as killed:
        killed.setattr(schema, "migrate", lambda _: 1 / 0)
        killed.setattr(restore, "_take_back", lambda _: None)
        with pytest.raises(ZeroDivisionError):
            restore_backup(owner, file, manifest, lived.clock.now(), replace=True)
    before = (dump(owner), rows(owner))
    assert refused(replace=False) == "backup.unfinished"
    restore_backup(owner, file, manifest, lived.clock.now(), replace=True)
    assert ask(owner, "select name from organizations") == [("Cap Avenir",)]
    assert ask(owner, f"select to_regnamespace('{ASIDE}'), to_regclass('mine')") == [(None, None)]
    assert ask(owner, "select extnamespace::regnamespace::text from pg_extension where extname = 'btree_gist'") == [
        ("public",)
    ]


def test_a_backup_of_an_older_schema_is_migrated(fresh_urls: Urls, file: Path, empty_url: str):  # noqa: F811
    schema.roll_back(fresh_urls.owner, "0029")
    manifest = take_backup(fresh_urls.owner, file, "1.0.0", MONDAY)
    assert manifest.migration == "0029"

    restore_backup(empty_url, file, manifest, MONDAY)

    assert schema.current_revision(empty_url) == schema.newest_revision()


def test_what_cannot_be_backed_up_is_said(
    fresh_urls: Urls, file: Path, plain_owner_url: str, monkeypatch: pytest.MonkeyPatch
):
    def refused(url: str, at: Path) -> str:
        with pytest.raises(BackupProblem) as problem:
            take_backup(url, at, "1.2.3", MONDAY)
        assert not at.with_name(at.name + ".partial").exists()
        return code_of(problem)

    ask(fresh_urls.owner, f"alter role {make_url(plain_owner_url).username} nobypassrls")
    assert refused(plain_owner_url, file) == "backup.not_allowed"
    assert refused(fresh_urls.owner, file.parent / "nowhere" / "x.dump") == "backup.not_written"
    with monkeypatch.context() as patched:
        patched.setattr(postgres_programs, "_folders", lambda: [file.parent])
        assert refused(fresh_urls.owner, file) == "backup.program_missing"
    file.write_text("somebody's")
    assert refused(fresh_urls.owner, file) == "backup.file_exists"
    assert file.read_text() == "somebody's"

    for told in ("{}", "[1]", "no json", json.dumps({"format": 1, "taken_at": 3})):
        manifest_path(file).write_text(told)
        with pytest.raises(BackupProblem) as problem:
            read_manifest(file)
        assert code_of(problem) == "backup.damaged"
    manifest_path(file).unlink()
    with pytest.raises(BackupProblem) as problem:
        read_manifest(file)
    assert code_of(problem) == "backup.manifest_missing"
