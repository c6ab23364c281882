"""The service as an administrator runs it: set up by the command line, then web, worker and socket as processes."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import httpx
import pytest
from click.testing import CliRunner

from creneau.app.cli import main
from creneau.core.secrets import generate_key
from creneau.core.storage.embedded import EmbeddedPostgres
from creneau.demo.slack import Person, SlackStandIn, Workspace

CRENEAU = Path(sys.executable).parent / "creneau"
SECRET = "a-secret-of-the-tests-with-32-bytes-or-more"


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    people = [
        Person("U0PAUL", "paul", "Paul", "paul@example.org"),
        Person("U0MARIE", "marie", "Marie", "m@example.org"),
    ]
    with SlackStandIn([Workspace("T0CENTRE", "Centre", "xoxb-centre", people)], "signing-secret") as started:
        yield started


@pytest.fixture
def environment(tmp_path: Path, slack: SlackStandIn) -> Iterator[dict[str, str]]:
    """Settings for processes that share one embedded Postgres, kept running between the commands."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "CRENEAU_"))}
    inherited.pop("DATABASE_URL", None)
    settings = {
        "CRENEAU_HOME": str(tmp_path / "home"),
        "CRENEAU_ENCRYPTION_KEYS": generate_key(),
        "CRENEAU_JWT_SECRET": SECRET,
        "SLACK_SIGNING_SECRET": "signing-secret",
        "SLACK_BOT_TOKEN": "xoxb-centre",
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
    }
    with EmbeddedPostgres(tmp_path / "home", settings={"fsync": "off"}):
        yield inherited | settings


def creneau(environment: dict[str, str], *arguments: str) -> str:
    done = CliRunner().invoke(main, arguments, env={"DATABASE_URL": None, **environment})
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


@contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[None]:
    process = subprocess.Popen([CRENEAU, *arguments], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=40)
    assert "Traceback" not in errors, errors
    assert process.returncode == 0, errors


def test_set_up_by_the_command_line_its_processes_carry_a_booking_to_slack_and_the_answer_back(
    environment: dict[str, str], slack: SlackStandIn
):
    assert creneau(environment, "migrate").startswith("The schema is at revision")
    centre = ("--organization", creneau(environment, "org", "add", "Centre"))
    for role, name in (("consultant", "paul"), ("beneficiary", "marie")):
        creneau(
            environment, "user", "add", *centre, "--role", role, "--name", name.title(),
            "--email", f"{name}@example.org", "--slack-user", f"U0{name.upper()}", "--locale", "en",
        )  # fmt: skip
    people = ("--beneficiary", "marie@example.org", "--consultant", "paul@example.org")
    bilan = creneau(environment, "bilan", "open", *centre, *people)
    for day in ("tuesday", "friday"):
        creneau(
            environment, "slot", "add", *centre, "--consultant", "paul@example.org",
            "--day", day, "--start", "09:00", "--end", "12:00", "--duration", "60",
        )  # fmt: skip
    token = creneau(environment, "token", *centre, "--user", "marie@example.org")
    consultant = creneau(environment, "user", "list", *centre).splitlines()[1].split()[0]
    assert creneau(environment, "org", "link", centre[1]) == "T0CENTRE"
    port = free_port()
    refused = CliRunner().invoke(main, ["socket"], env={"DATABASE_URL": None, **environment, "SLACK_APP_TOKEN": "x"})
    assert "slack.refused: SLACK_APP_TOKEN: not_allowed_token_type" in refused.output
    assert refused.exit_code == 1

    with (
        running(environment, "web", "--bind", f"127.0.0.1:{port}"),
        running(environment, "worker"),
        running(environment, "socket"),
    ):
        web = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"})
        wait_until_ready(web)
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        days = {"date_from": str(tomorrow), "date_to": str(tomorrow + timedelta(days=4))}
        listed = web.get(f"/api/scheduling/availability/{consultant}/slots", params=days).json()["data"]
        answer = web.post("/api/scheduling/bookings", json={**listed[0], "bilan_id": bilan})
        assert answer.status_code == httpx.codes.CREATED, answer.text
        paul = slack.person("T0CENTRE", "U0PAUL")
        request = paul.wait_for_message("New request", 20)
        assert "Marie" in request.all_text
        assert request.buttons == ["Confirm", "Propose another time", "Decline", "See details"]
        assert slack.sockets.wait_until_connected(20)
        paul.click(request, "Confirm")
        paul.wait_for(lambda: "Confirm" not in request.buttons, 20)

    assert slack.problems == []


def wait_until_ready(web: httpx.Client, path: str = "/ready") -> None:
    """Ask until the answer is yes; the transport retries while nothing listens yet."""
    patient = httpx.Client(transport=httpx.HTTPTransport(retries=9))  # waits twice as long each time, to 60 s
    deadline, pause = monotonic() + 60, Event()
    while (answer := patient.get(f"{web.base_url}{path}")).status_code != httpx.codes.OK:
        assert monotonic() < deadline, answer.text
        pause.wait(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
