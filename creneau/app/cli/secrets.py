"""`creneau secrets`: the keys that stored credentials are sealed under."""

import click

from creneau.app.cli.opening import open_creneau
from creneau.core.secrets import generate_key


@click.group()
def secrets() -> None:
    """Keys of stored credentials. See "Changing the encryption key" in docs/operations.md."""


@secrets.command("new-key")
def new_key() -> None:
    """Print a key for CRENEAU_ENCRYPTION_KEYS."""
    click.echo(generate_key())


@secrets.command("status")
def status() -> None:
    """Count stored secrets by the key they need. Exits 1 while any needs another key than the first."""
    with open_creneau() as creneau:
        counts = creneau.secrets.count_secrets()
    click.echo(f"newest key: {counts.newest}\nolder keys: {counts.older}\nno key at hand: {counts.unknown}")
    if counts.older or counts.unknown:
        raise SystemExit(1)


@secrets.command("rotate")
def rotate() -> None:
    """Seal every stored secret under the first key. May be stopped and run again; nothing else need stop."""
    with open_creneau() as creneau:
        done = creneau.secrets.reseal_secrets()
    click.echo(f"sealed anew: {done.resealed}")
    for secret in done.unreadable:
        click.echo(f"no key at hand opens {secret.name}: enter it again", err=True)
    if done.unreadable:
        raise SystemExit(1)
