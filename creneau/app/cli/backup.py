"""`creneau backup`, `creneau restore`."""

from importlib.metadata import version
from pathlib import Path

import click

from creneau.app.postgres import open_postgres
from creneau.app.settings import read_settings
from creneau.core.clock import SystemClock
from creneau.core.secrets import SecretBox
from creneau.core.storage.backup import manifest_path, read_manifest, take_backup
from creneau.core.storage.restore import restore_backup

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
def backup(file: Path) -> None:
    """Write the whole database into FILE, and what is in it into FILE.json. Nothing else need stop.

    Both are for their owner alone. Encryption keys are not in them: keep CRENEAU_ENCRYPTION_KEYS elsewhere.
    """
    with open_postgres(read_settings()) as urls:
        manifest = take_backup(urls.owner, file, version("creneau"), SystemClock().now())
    click.echo(
        f"{file}: {sum(manifest.rows.values())} rows in {manifest.bytes} bytes, as of {manifest.taken_at:%F %T}Z"
    )
    click.echo(f"{manifest_path(file)}: its manifest; keep both together")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Give up what the database holds now.")
def restore(file: Path, *, replace: bool) -> None:
    """Bring the database back as FILE has it, into an empty database. Stop web, socket and worker first.

    What was due before now is not sent any more.
    """
    settings = read_settings()
    manifest = read_manifest(file)
    at_hand = {tag.hex() for tag in SecretBox([key.get_secret_value() for key in settings.encryption_keys]).tags}
    with open_postgres(settings) as urls:
        restore_backup(urls.owner, file, manifest, SystemClock().now(), replace=replace)
    click.echo(f"Restored as of {manifest.taken_at:%F %T}Z. Run `creneau doctor`, then start web and worker.")
    if set(manifest.keys) - at_hand:
        click.echo("Some of its secrets are sealed under a key that is not in CRENEAU_ENCRYPTION_KEYS.", err=True)
