"""What is deployed is what there is: each command line of deploy/, compose.yaml and the Dockerfile is one we take."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from creneau.app.cli import main
from creneau.app.settings import Settings

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
DEPLOYED = [ROOT / "Dockerfile", ROOT / "compose.yaml", ROOT / "deploy" / "creneau.env.example", *UNITS]
ANALYZE = shutil.which("systemd-analyze")
INSTALLED = "/opt/creneau/.venv/bin/creneau"
VARIABLES = {str(field.validation_alias): field for field in Settings.model_fields.values()}


def command_lines() -> Iterator[list[str]]:
    for unit in SERVICES:
        for line in re.findall(rf"{INSTALLED} (.+)", unit.read_text()):
            yield shlex.split(line.rstrip("'"))
    for service in COMPOSE["services"].values():
        if service.get("image") == "creneau":
            yield service["command"]
    yield yaml.safe_load(re.findall(r"^CMD (\[.+\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[0])


@pytest.mark.parametrize("line", list(command_lines()), ids=" ".join)
def test_every_command_line_is_one_that_the_program_takes(line: list[str]):
    name, *arguments = line
    command = main.commands[name]
    assert isinstance(command.make_context(name, arguments), click.Context)


def test_every_process_is_deployed_both_ways():
    wanted = {"web", "worker", "socket", "migrate"}
    assert wanted <= {unit.stem.removeprefix("creneau-") for unit in SERVICES}
    assert wanted <= set(COMPOSE["services"])


@pytest.mark.parametrize("file", DEPLOYED, ids=lambda file: file.name)
def test_every_variable_is_a_setting(file: Path):
    named = re.findall(r"\b(?<!POSTGRES_)((?:CRENEAU|SLACK)_[A-Z_]*[A-Z]|DATABASE_URL)\b", file.read_text())
    assert set(named) - set(VARIABLES) == set()


def test_the_example_has_what_is_required_and_the_manual_has_everything():
    example = (ROOT / "deploy" / "creneau.env.example").read_text()
    assert {name for name, field in VARIABLES.items() if field.is_required() and f"\n{name}=" not in example} == set()
    assert re.findall(r"=(?!https://creneau\.example\.org$)\S+$", example, re.MULTILINE) == [], "no value that is real"
    manual = (ROOT / "docs" / "operations.md").read_text()
    assert {name for name in VARIABLES if f"`{name}`" not in manual} == set()


def test_the_owner_s_password_is_for_migrations_and_backups_alone():
    assert {unit.stem for unit in SERVICES if "owner.env" in unit.read_text()} == {"creneau-migrate", "creneau-backup"}
    with_it = {
        name
        for name, service in COMPOSE["services"].items()
        if "CRENEAU_OWNER_DATABASE_URL" in service.get("environment", {})
    }
    assert with_it == {"migrate", "tools"}


def test_containers_run_as_nobody_in_particular_and_write_nowhere():
    for name, service in COMPOSE["services"].items():
        if name != "postgres":
            hardened = (service["read_only"], service["cap_drop"], service["security_opt"])
            assert hardened == (True, ["ALL"], ["no-new-privileges:true"]), name
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", ())), name
    image = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER (?!root|0)\w+$", image, re.MULTILINE)
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source for line in re.findall(r"^COPY (?!--from)(.+)$", image, re.MULTILINE) for source in line.split()[:-1]
    }
    assert copied == let_through
    assert [source for source in copied if not (ROOT / source).exists()] == []


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not on this machine")
def test_systemd_takes_the_units_and_finds_them_well_shut(tmp_path: Path):
    units = []
    for unit in UNITS:
        here = tmp_path / unit.name
        here.write_text(unit.read_text().replace(INSTALLED, str(Path(sys.executable).parent / "creneau")))
        units.append(str(here))
    done = subprocess.run([str(ANALYZE), "verify", *units], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "creneau" in line] == []
    for unit in units:
        if unit.endswith(".service"):
            shut = [str(ANALYZE), "security", "--offline=true", "--threshold=25", "--no-pager", unit]
            assert subprocess.run(shut, capture_output=True, check=False).returncode == 0, unit


def test_every_alert_is_about_a_metric_that_there_is():
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus-alerts.yml").read_text())["groups"][0]["rules"]
    named = {name for rule in rules for name in re.findall(r"creneau_[a-z_]+", rule["expr"])}
    told = (ROOT / "creneau" / "web" / "metrics.py").read_text()
    manual = (ROOT / "docs" / "operations.md").read_text()

    assert len(rules) > 5
    assert [name for name in named if name.removeprefix("creneau_").removesuffix("_total") not in told] == []
    assert [name for name in named if f"`{name}`" not in manual] == []
