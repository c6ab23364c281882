"""`python -m soak [--seconds N] [--seed N]`: book under fire, wait for quiet, compare. Exits 0 or 1."""

import random
import sys
import tempfile
import threading
from pathlib import Path
from time import monotonic

import click

from creneau.core.domain.people import Role
from soak.checker import Checker
from soak.ground import open_ground
from soak.hours import Hours
from soak.nemesis import Nemesis
from soak.people import People
from soak.prelude import agree
from soak.quiet import wait_for_quiet, wait_until_answered
from soak.told import Told

_ORDINARY = 45
"""Seconds after which reminders must have come due, and proposed times been taken."""


@click.command()
@click.option("--seconds", default=120, show_default=True, help="How long people book; more to begin and to end.")
@click.option("--seed", type=int, help="To do the same again; drawn when it is not given.")
@click.option("--quiet", is_flag=True, help="Do not tell each harm.")
def main(seconds: int, seed: int | None, *, quiet: bool) -> None:
    """Kill, cut and freeze while people book; then compare database, calendars and Slack."""
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    began = monotonic()

    def say(line: str) -> None:
        click.echo(f"{monotonic() - began:7.1f}  {line}")

    say(f"seed {seed}, {seconds} s")
    with tempfile.TemporaryDirectory(prefix="creneau-soak-") as folder, open_ground(Path(folder)) as ground:
        wait_until_answered(f"{ground.web_urls[0]}/ready")
        say("ready")
        told, began_at = Told(), ground.clock.now()
        agree(ground, told)
        say(f"agreed on {len(told.booked)} sessions beforehand")
        people = People(ground, told, seed, {Role.BENEFICIARY: 2, Role.CONSULTANT: 1})
        with Nemesis(ground, seed, _nothing if quiet else say) as nemesis, Hours(ground.clock):
            people.start()
            threading.Event().wait(seconds)
        fire_ends = ground.clock.now()
        say(f"harm done: {dict(nemesis.done)}; hours passed: {fire_ends - began_at}")
        problems = people.end()
        say(f"told: {told}")
        problems += wait_for_quiet(ground)
        say("quiet")
        checker = Checker(ground, told, fire_ends)
        problems += checker.check()
        say(f"found: {checker.count()}")
        say(f"reminders: {checker.ledger.count()}")
        say(f"proposals: {checker.proposals.count()}")
        if seconds >= _ORDINARY and not checker.ledger.sent_under_fire():
            problems.append("no reminder came due and was sent: nothing was shown of them")
        if seconds >= _ORDINARY and not checker.proposals.taken():
            problems.append("no proposed time was taken: nothing was shown of them")
        say(f"starts: { {service.name: service.starts for service in ground.services} }")
        for problem in problems:
            say(f"WRONG  {problem}")
        if problems:
            kept = Path(tempfile.mkdtemp(prefix="creneau-soak-logs-"))
            for log in Path(folder).glob("*.log"):
                (kept / log.name).write_bytes(log.read_bytes())
            say(f"logs are in {kept}; again with --seed {seed}")
    say("ok" if not problems else f"{len(problems)} wrong, seed {seed}")
    sys.exit(bool(problems))


def _nothing(_: str) -> None:
    """Say nothing."""


if __name__ == "__main__":  # whoever is forked imports this module under another name
    main()
