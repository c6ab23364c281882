"""`python -m bench [--only NAME]`: run the benchmarks, print a table, write bench/results.json."""

import json
from collections.abc import Mapping
from pathlib import Path

import click

from bench import api, bookings, calendar, feeds, reminders, rls, slack, slot_peers, slots

BENCHMARKS = {
    "api.book": api.book,
    "api.slots": api.slots,
    "bookings.spread": bookings.spread,
    "bookings.hot": bookings.hot,
    "bookings.history": bookings.history,
    "calendar.push": calendar.push,
    "calendar.push_far_away": calendar.push_far_away,
    "feeds.unchanged": feeds.unchanged,
    "feeds.changed": feeds.changed,
    "reminders.killed": reminders.killed,
    "reminders.million_ahead": reminders.million_ahead,
    "rls.overhead": rls.overhead,
    "slack.ack_book": slack.ack_book,
    "slack.ack_book_p99": slack.ack_book_p99,
    "slack.ack_button": slack.ack_button,
    "slack.ack_button_p99": slack.ack_button_p99,
    "slots.one_consultant": slots.one_consultant,
    "slots.organization": slots.organization,
    "slots.history": slots.history,
    "slots.vs_slotify": slot_peers.vs_slotify,
    "slots.vs_django_appointment": slot_peers.vs_django_appointment,
}
RESULTS = Path(__file__).parent / "results.json"


@click.command()
@click.option("--only", type=click.Choice(sorted(BENCHMARKS)), help="Run one of them.")
@click.option("--rounds", default=7, show_default=True)
def main(only: str | None, rounds: int) -> None:
    """A target that is missed is shown, not hidden; the exit code stays 0: a number is not a test."""
    results = [run(rounds) for name, run in BENCHMARKS.items() if only in (None, name)]
    for result in results:
        verdict = "reached" if result.is_reached else "missed"
        click.echo(f"{result.name:<24} {result.value:>8} {result.unit}  target {result.target} ({verdict})")
    _keep({result.name: result.to_json() for result in results})


def _keep(measured: Mapping[str, object]) -> None:
    """Write results in the order of the benchmarks; what was measured before and not now stays."""
    before = json.loads(RESULTS.read_text())["results"] if RESULTS.exists() else []
    kept: dict[str, object] = {result["name"]: result for result in before} | dict(measured)
    RESULTS.write_text(json.dumps({"results": [kept[name] for name in BENCHMARKS if name in kept]}, indent=2) + "\n")


main()
