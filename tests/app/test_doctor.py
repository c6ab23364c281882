"""The doctor: what it says of an installation that is well, and of each thing that may be wrong with it."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import structlog
from click.testing import CliRunner

from creneau.app.cli import main
from creneau.app.doctor.database import examine_database
from creneau.app.doctor.finding import Verdict
from creneau.app.doctor.machine import examine_machine
from creneau.app.doctor.mail import examine_mail
from creneau.app.doctor.work import examine_backups, examine_calendars, examine_keys, examine_work
from creneau.app.settings import Settings
from creneau.core.clock import SystemClock
from creneau.core.domain.condition import BackupCondition, CalendarCondition, DatabaseCondition
from creneau.core.domain.figures import Figures, JobFigures
from creneau.core.domain.sealed import SecretCounts
from creneau.core.domain.slack import BotTokens, SlackGrant, SlackInstallation
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.people import PeopleService
from creneau.core.services.slack import SlackService
from creneau.core.storage.database import Database
from creneau.core.storage.schema import newest_revision
from creneau.demo.slack import Person, SlackStandIn, Workspace
from creneau.mail.server import MailServer, Security
from creneau.mail.transport import MailTransport
from tests.conftest import MONDAY, Urls, new_id, plain
from tests.mail.smtp_server import PASSWORD, USER, SmtpServer

TOKEN = "xoxb-canary-of-the-doctor"
KEY, JWT, SIGNING = generate_key(), "canary-jwt-canary-jwt-canary-jwt-canary", "canary-signing-secret"
OK, WARNING, FAILURE = Verdict
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WELL = DatabaseCondition(
    version=15,
    revision=newest_revision(),
    role="creneau_app",
    is_role_privileged=False,
    login="creneau_app",
    is_login_privileged=False,
    open_tables=(),
    clock_ahead=timedelta(),
)
QUIET = Figures({}, timedelta(seconds=10), 0, timedelta(), None)

Told = dict[str, dict[str, str]]


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    centre = Workspace("T1", "Centre", TOKEN, people=[Person("U1", "ada", "Ada", "ada@example.org")])
    with SlackStandIn([centre], SIGNING, retry_delays=None) as stand_in:
        yield stand_in


@pytest.fixture
def doctor(fresh_urls: Urls, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Told]]:
    """Examine the installation; what was found by check. No secret of the settings is ever told."""
    for name in list(os.environ):
        if name.startswith(("CRENEAU_", "SLACK_")):
            monkeypatch.delenv(name)
    settings = {
        "DATABASE_URL": fresh_urls.runtime,
        "CRENEAU_BASE_URL": "https://creneau.example.org",
        "CRENEAU_ENCRYPTION_KEYS": KEY,
        "CRENEAU_JWT_SECRET": JWT,
        "SLACK_SIGNING_SECRET": SIGNING,
        "SLACK_API_URL": slack.api_url,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    password = psycopg.conninfo.conninfo_to_dict(plain(fresh_urls.runtime)).get("password")
    secrets = [secret for secret in (KEY, JWT, SIGNING, TOKEN, password) if secret]

    def run() -> Told:
        said = CliRunner().invoke(main, ["doctor"])
        document = CliRunner().invoke(main, ["doctor", "--json"])
        assert not [secret for secret in secrets if secret in said.output + document.output]
        findings = json.loads(document.stdout)["findings"]
        assert [finding["check"] for finding in findings if finding["says"] not in said.stdout] == []
        fails = any(finding["verdict"] == "failure" for finding in findings)
        assert (said.exit_code, document.exit_code) == (int(fails), int(fails)), said.output
        assert all(bool(finding["advice"]) == (finding["verdict"] != "ok") for finding in findings)
        return {finding["check"]: finding for finding in findings}

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield run
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def verdicts(told: Told) -> dict[str, str]:
    return {check: finding["verdict"] for check, finding in told.items() if finding["verdict"] != "ok"}


def test_an_installation_is_looked_over_from_fresh_to_well_to_broken(
    doctor: Callable[[], Told],
    slack: SlackStandIn,
    fresh_urls: Urls,
    fresh_database: Database,
    monkeypatch: pytest.MonkeyPatch,
):
    fresh = verdicts(doctor())
    assert fresh == {"worker": "failure", "backups": "warning", "slack": "warning"}

    clock = SystemClock()
    organization = PeopleService(fresh_database, clock, new_id).add_organization("Cap Avenir", slack_team_id="T1")
    grant = SlackGrant("T1", "B1", "U1", BotTokens(TOKEN))
    service = SlackService(fresh_database, clock, SecretBox([KEY]), new_id)
    service.save_installation(SlackInstallation(organization.id, grant))
    with psycopg.connect(plain(fresh_urls.owner), autocommit=True) as owner:
        owner.execute("insert into procrastinate_workers default values")
        owner.execute("insert into backup_log (kind, at, taken_at, bytes) values ('BACKUP', now(), now(), 1)")
        well = doctor()
        assert verdicts(well) == {}
        assert str(organization.id) in well["slack"]["says"]

        slack.world.workspaces["T1"].scopes = frozenset({"commands", "chat:write", "users:read"})
        monkeypatch.setenv("CRENEAU_ENCRYPTION_KEYS", f"{generate_key()},{KEY}")
        monkeypatch.setenv("CRENEAU_BASE_URL", "http://creneau.example.org")
        owner.execute("alter table users no force row level security")
        owner.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status) values ('default', 'x', 'failed')"
        )
        broken = doctor()
        assert verdicts(broken) == {
            "address": "failure",
            "tenants": "failure",
            "keys": "warning",
            "jobs": "warning",
            "slack": "failure",
        }
        assert "im:history, im:write, users:read.email" in broken["slack"]["says"]
        assert "users." in broken["tenants"]["says"]

        monkeypatch.setenv("CRENEAU_ENCRYPTION_KEYS", generate_key())
        lost = doctor()
        assert (lost["keys"]["verdict"], "No key at hand" in lost["slack"]["says"]) == ("failure", True)
        monkeypatch.setenv("CRENEAU_ENCRYPTION_KEYS", KEY)
        slack.faults.refuse("auth.test", "token_revoked", times=2)
        assert "token_revoked" in doctor()["slack"]["says"]
        slack.faults.rate_limit("auth.test", times=2)
        assert doctor()["slack"]["verdict"] == "warning"
        monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
        assert doctor()["slack"]["verdict"] == "warning"

        owner.execute("update alembic_version set version_num = '0001'")
        behind = doctor()
        assert "creneau migrate" in behind["migrations"]["advice"]
        assert "slack" not in behind


def test_a_database_that_does_not_answer_and_settings_that_are_missing_are_findings(
    doctor: Callable[[], Told], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:canary-password@127.0.0.1:9/creneau")
    unreachable = doctor()
    assert verdicts(unreachable) == {"database": "failure"}
    assert "canary-password" not in str(unreachable)

    monkeypatch.delenv("SLACK_SIGNING_SECRET")
    assert doctor() == {
        "settings": {
            "check": "settings",
            "verdict": "failure",
            "says": "SLACK_SIGNING_SECRET: is not set",
            "advice": 'Correct it: "Settings" in docs/operations.md.',
        }
    }


@pytest.mark.parametrize(
    ("change", "check", "verdict"),
    [
        ({"version": 14}, "database", FAILURE),
        ({"revision": None}, "migrations", FAILURE),
        ({"revision": "9999"}, "migrations", FAILURE),
        ({"role": "postgres"}, "role", FAILURE),
        ({"is_role_privileged": True}, "role", FAILURE),
        ({"login": "postgres", "is_login_privileged": True}, "role", WARNING),
        ({"open_tables": ("users",)}, "tenants", FAILURE),
        ({"clock_ahead": timedelta(seconds=-5)}, "clock", WARNING),
        ({"clock_ahead": timedelta(minutes=-5)}, "clock", FAILURE),
    ],
)
def test_each_trouble_of_the_database_is_one_finding(change: dict[str, object], check: str, verdict: Verdict):
    found = {finding.check: finding.verdict for finding in examine_database(replace(WELL, **change))}
    assert found == dict.fromkeys(found, OK) | {check: verdict}


@pytest.mark.parametrize(
    ("change", "check", "verdict"),
    [
        ({"worker_age": None}, "worker", FAILURE),
        ({"worker_age": timedelta(minutes=1)}, "worker", FAILURE),
        ({"jobs": {"a": JobFigures(1, 1, 0, HOUR)}}, "jobs", WARNING),
        ({"jobs": {"a": JobFigures(0, 0, 2, HOUR)}}, "jobs", WARNING),
        ({"reminders_due": 3, "reminders_lag": HOUR}, "reminders", FAILURE),
    ],
)
def test_each_trouble_of_the_work_is_one_finding(change: dict[str, object], check: str, verdict: Verdict):
    found = {finding.check: finding.verdict for finding in examine_work(replace(QUIET, **change))}
    assert found == dict.fromkeys(found, OK) | {check: verdict}


def test_keys_calendars_and_backups_are_judged_by_counts_and_ages():
    keys = [SecretCounts(3), SecretCounts(3, 1), SecretCounts(3, 1, 1)]
    assert [examine_keys(counts).verdict for counts in keys] == [OK, WARNING, FAILURE]
    calendars = [((0, 0, 0), None), ((2, 0, 0), HOUR), ((2, 0, 0), 2 * HOUR), ((2, 1, 0), HOUR), ((2, 0, 1), HOUR)]
    judged = [examine_calendars(CalendarCondition(*counts), oldest).verdict for counts, oldest in calendars]
    assert judged == [OK, OK, WARNING, WARNING, WARNING]
    ages = [None, HOUR, 2 * DAY, 9 * DAY]
    backups = [BackupCondition(MONDAY - age if age else None, None) for age in ages]
    assert [examine_backups(backup, MONDAY).verdict for backup in backups] == [WARNING, OK, WARNING, FAILURE]


def test_a_mail_server_is_asked_as_far_as_a_message_would_and_sent_none(tmp_path: Path):
    assert examine_mail(None, None).verdict is OK
    with SmtpServer(tmp_path, needs_login=True) as running:
        for password, verdict in ((PASSWORD, OK), ("wrong-canary", FAILURE)):
            server = MailServer("127.0.0.1", running.port, Security.STARTTLS, USER, password)
            found = examine_mail(server, MailTransport(server, "rdv@centre.example", running.trust()))
            assert found.verdict is verdict
            assert password not in str(found)
        assert running.letters == []
    gone = MailServer("127.0.0.1", running.port, Security.PLAIN)
    assert examine_mail(gone, MailTransport(gone, "rdv@centre.example")).verdict is FAILURE


def test_a_home_that_can_be_made_is_well_and_one_that_cannot_is_not(tmp_path: Path):
    (tmp_path / "file").touch()
    settings = {"CRENEAU_ENCRYPTION_KEYS": KEY, "CRENEAU_JWT_SECRET": JWT, "SLACK_SIGNING_SECRET": SIGNING}
    judged = {}
    for home in ("new/home", "file/home"):
        found = examine_machine(Settings.model_validate({**settings, "CRENEAU_HOME": tmp_path / home}))
        judged[home] = next(finding.verdict for finding in found if finding.check == "folders")
    assert judged == {"new/home": OK, "file/home": FAILURE}
