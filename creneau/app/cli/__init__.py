"""The command line: `creneau`. One file a noun; other packages join by entry points."""

import click

from creneau.app.cli.backup import backup, restore
from creneau.app.cli.calendar import calendar
from creneau.app.cli.doctor import doctor
from creneau.app.cli.explain import explain
from creneau.app.cli.jobs import jobs
from creneau.app.cli.organization import org
from creneau.app.cli.refusing import RefusingGroup
from creneau.app.cli.reminders import reminders
from creneau.app.cli.schema import migrate
from creneau.app.cli.secrets import secrets
from creneau.app.cli.serving import socket, web, worker
from creneau.app.cli.slot import slot
from creneau.app.cli.token import token
from creneau.app.cli.user import bilan, user


@click.group(cls=RefusingGroup)
@click.version_option(package_name="creneau")
def main() -> None:
    """Scheduling that lives in Slack. Settings come from the environment: see docs/operations.md."""


for command in (
    backup,
    restore,
    doctor,
    jobs,
    explain,
    reminders,
    web,
    socket,
    worker,
    migrate,
    org,
    user,
    bilan,
    slot,
    calendar,
    token,
    secrets,
):
    main.add_command(command)
