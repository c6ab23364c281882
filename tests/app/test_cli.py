"""The command line: what it says no to, and a whole set-up on an embedded Postgres."""

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import click
import pytest
import structlog
from click.testing import CliRunner, Result

from creneau.app.cli import main
from creneau.app.settings import read_settings
from creneau.app.wiring import wire
from creneau.core.secrets import generate_key
from creneau.core.storage.embedded import EmbeddedPostgres

Run = Callable[..., Result]
REQUIRED = ("CRENEAU_ENCRYPTION_KEYS", "CRENEAU_JWT_SECRET", "SLACK_SIGNING_SECRET")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """Good settings with a home of their own. What the commands do to logging is undone."""
    for name in list(os.environ):
        if name.startswith(("CRENEAU_", "SLACK_")) or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("CRENEAU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CRENEAU_ENCRYPTION_KEYS", generate_key())
    monkeypatch.setenv("CRENEAU_JWT_SECRET", "jwt-secret-jwt-secret-jwt-secret-jwt")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "slack-signing-secret")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield monkeypatch
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def run(environment: pytest.MonkeyPatch) -> Run:
    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def migrated(environment: pytest.MonkeyPatch, tmp_path: Path, run: Run) -> Iterator[None]:
    """An embedded Postgres kept running between commands, as the service itself keeps it running."""
    with EmbeddedPostgres(tmp_path / "home", settings={"fsync": "off"}):
        assert run("migrate").exit_code == 0
        yield


def printed(result: Result) -> str:
    assert result.exit_code == 0, result.output
    assert result.exception is None
    return result.stdout.strip()


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


def test_the_installed_program_shows_its_commands():
    done = subprocess.run(
        [Path(sys.executable).parent / "creneau", "--help"], capture_output=True, text=True, check=True
    )

    listed = [line.split()[0] for line in done.stdout.split("Commands:")[1].splitlines() if line.strip()]
    assert {"web", "socket", "worker", "migrate", "org", "user", "slot", "calendar", "token", "demo"} <= set(listed)
    assert done.stderr == ""


@pytest.mark.parametrize("path", [(), *commands(main)], ids=" ".join)
def test_every_command_explains_itself_without_any_setting(
    path: tuple[str, ...], run: Run, environment: pytest.MonkeyPatch
):
    for name in REQUIRED:
        environment.delenv(name)

    help_text = printed(run(*path, "--help"))

    assert help_text.startswith("Usage: ")
    assert len(help_text.splitlines()[2].strip()) > 10


@pytest.mark.parametrize(
    "arguments",
    [("org", "add", "Cap Avenir"), ("worker",), ("web",), ("socket",), ("user", "list", "--organization", UUID(int=1))],
    ids=lambda arguments: arguments[0],
)
def test_missing_settings_are_one_message_that_names_each(
    arguments: tuple[object, ...], run: Run, environment: pytest.MonkeyPatch
):
    for name in REQUIRED:
        environment.delenv(name)

    result = run(*arguments)

    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert lines[0] == "Error: settings.invalid"
    assert sorted(line.strip() for line in lines[1:]) == [
        "CRENEAU_ENCRYPTION_KEYS: is not set",
        "CRENEAU_JWKS_URL: exactly one of CRENEAU_JWT_SECRET and CRENEAU_JWKS_URL must be set",
        "SLACK_SIGNING_SECRET: is not set",
    ]


@pytest.mark.parametrize("arguments", [("migrate",), ("org", "add", "Cap Avenir")], ids=lambda arguments: arguments[0])
def test_a_database_that_does_not_answer_is_one_line(
    arguments: tuple[str, ...], run: Run, environment: pytest.MonkeyPatch
):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        environment.setenv("DATABASE_URL", f"postgresql://u:hunter2@127.0.0.1:{closed.getsockname()[1]}/creneau")
        result = run(*arguments)

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: postgres.unreachable: ")
    assert "Traceback" not in result.output
    assert "hunter2" not in result.output


def test_a_centre_is_set_up_from_nothing_to_a_bookable_time(run: Run, migrated: None):
    assert "0002" in printed(run("migrate")) or "revision" in printed(run("migrate"))  # again: nothing to do

    organization = UUID(printed(run("org", "add", "Cap Avenir")))
    in_it = ("--organization", organization)
    paul = ("--name", "Paul Martin", "--email", "paul@example.org")
    consultant = UUID(printed(run("user", "add", *in_it, "--role", "consultant", *paul)))
    marie = ("--name", "Marie Durand", "--email", "Marie@Example.org", "--slack-user", "U1", "--locale", "en")
    beneficiary = UUID(printed(run("user", "add", *in_it, "--role", "BENEFICIARY", *marie)))
    people = ("--beneficiary", "marie@example.org", "--consultant", "paul@example.org")
    UUID(printed(run("bilan", "open", *in_it, *people)))
    hours = ("--day", "Monday", "--start", "09:00", "--end", "12:00", "--duration", 60)
    UUID(printed(run("slot", "add", *in_it, "--consultant", "paul@example.org", *hours)))
    address = printed(run("calendar", "feed", *in_it, "--user", "paul@example.org", "--kind", "availability"))
    token = printed(run("token", *in_it, "--user", "marie@example.org"))
    listed = printed(run("user", "list", *in_it)).splitlines()

    assert {line.split()[0] for line in listed} == {str(consultant), str(beneficiary)}
    with EmbeddedPostgres(read_settings().home) as postgres:
        creneau = wire(read_settings(), postgres.runtime_url)
        web = creneau.web.test_client()
        today = datetime.now(UTC).date()
        slots = web.get(
            f"/api/scheduling/availability/{consultant}/slots",
            query_string={"date_from": str(today), "date_to": str(today + timedelta(days=14))},
            headers={"Authorization": f"Bearer {token}"},
        )
        feed = web.get(address.removeprefix("http://127.0.0.1:8000"))
        creneau.close()
    assert slots.status_code == 200
    assert {date.fromisoformat(time["scheduled_date"]).weekday() for time in slots.json["data"]} == {0}
    assert feed.status_code == 200
    assert b"BEGIN:VEVENT" in feed.data

    file = read_settings().home / "creneau.dump"
    assert f"{file}.json" in printed(run("backup", file))
    UUID(printed(run("org", "add", "Added later")))
    assert run("restore", file).stderr.startswith("Error: backup.database_not_empty: ")
    assert printed(run("restore", file, "--replace")).startswith("Restored as of ")
    assert printed(run("user", "list", *in_it)).splitlines() == listed
    told = {finding["check"]: finding["verdict"] for finding in json.loads(run("doctor", "--json").stdout)["findings"]}
    assert (told["backups"], told["database"], told["worker"]) == ("ok", "ok", "failure")


def test_what_is_not_there_is_refused_by_its_code(run: Run, migrated: None, environment: pytest.MonkeyPatch):
    organization = printed(run("org", "add", "Cap Avenir"))
    in_it = ("--organization", organization)
    printed(run("user", "add", *in_it, "--role", "CONSULTANT", "--name", "Paul", "--email", "paul@example.org"))
    printed(run("user", "add", *in_it, "--role", "BENEFICIARY", "--name", "Marie", "--email", "marie@example.org"))

    def refused(*arguments: object) -> str:
        result = run(*arguments)
        assert result.exit_code == 1, result.output
        assert result.stdout == ""
        first = result.stderr.splitlines()[0]
        assert first.startswith("Error: ")
        return first.removeprefix("Error: ").split(":")[0]

    day = ("--day", "monday", "--start", "09:00", "--end", "12:00")
    assert refused("token", *in_it, "--user", "nobody@example.org") == "user.not_found"
    assert refused("calendar", "feed", *in_it, "--user", "nobody@example.org") == "user.not_found"
    assert refused("slot", "add", *in_it, "--consultant", "nobody@example.org", *day) == "user.not_found"
    assert refused("slot", "add", *in_it, "--consultant", "marie@example.org", *day) == "user.not_found"
    assert refused("token", "--organization", uuid4(), "--user", "paul@example.org") == "user.not_found"
    elsewhere = ("--role", "CONSULTANT", "--name", "A", "--email", "a@example.org", "--timezone", "Mars/Phobos")
    assert refused("user", "add", *in_it, *elsewhere) == "time.unknown_zone"
    assert refused("org", "add", "Phobos", "--timezone", "Mars/Phobos") == "time.unknown_zone"
    unknown = ("--role", "CONSULTANT", "--name", "A", "--email", "a@example.org")
    assert refused("user", "add", "--organization", uuid4(), *unknown) == "organization.not_found"
    backwards = ("--day", "monday", "--start", "12:00", "--end", "09:00")
    assert refused("slot", "add", *in_it, "--consultant", "paul@example.org", *backwards) == "time.invalid_range"
    too_long = (*day, "--duration", 500)
    assert refused("slot", "add", *in_it, "--consultant", "paul@example.org", *too_long) == "slot.invalid"
    swapped = ("--beneficiary", "paul@example.org", "--consultant", "marie@example.org")
    assert refused("bilan", "open", *in_it, *swapped) == "user.not_found"
    paul = (*in_it, "--consultant", "paul@example.org")
    there = ("--url", "http://127.0.0.1:9/paul/sessions/", "--password", "secret")
    assert refused("calendar", "hours", *paul) == "calendar.not_linked"
    assert refused("calendar", "link", *paul, *there) == "text.invalid", "a password needs a user name"
    assert refused("calendar", "link", *paul, *there, "--username", "paul") == "The server could not be asked"
    printed(run("calendar", "link", *paul, *there, "--credential", "token", "--unchecked"))
    assert printed(run("calendar", "hours", *paul)) == "shown"
    apart = ("--url", "http://127.0.0.1:9/paul/sessions/")
    assert refused("calendar", "hours", *paul, *apart) == "calendar.hours_not_apart"
    assert printed(run("calendar", "hours", *paul, "--hide")) == "hidden"
    old = os.environ["CRENEAU_ENCRYPTION_KEYS"]
    new = printed(run("secrets", "new-key"))
    environment.setenv("CRENEAU_ENCRYPTION_KEYS", f"{new},{old}")
    assert "older keys: 1" in run("secrets", "status").output
    assert printed(run("secrets", "rotate")) == "sealed anew: 1"
    environment.setenv("CRENEAU_ENCRYPTION_KEYS", new)
    assert printed(run("secrets", "status")).splitlines() == ["newest key: 1", "older keys: 0", "no key at hand: 0"]
    assert printed(run("calendar", "unlink", *paul)) == "unlinked"
    assert refused("calendar", "unlink", *paul) == "calendar.not_linked"
    assert refused("socket") == "settings.invalid"


def test_a_second_person_with_one_address_is_refused(run: Run, migrated: None):
    in_it = ("--organization", printed(run("org", "add", "Cap Avenir")))
    paul = ("--role", "CONSULTANT", "--name", "Paul", "--email", "paul@example.org")
    printed(run("user", "add", *in_it, *paul))

    result = run("user", "add", *in_it, *paul)

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")


def test_a_database_without_a_schema_is_not_mistaken_for_an_empty_one(run: Run, environment: pytest.MonkeyPatch):
    result = run("org", "add", "Cap Avenir")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: schema.missing")
