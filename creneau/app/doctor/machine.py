"""What the doctor says of this machine: the folders that are written to, and the address that people reach."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from creneau.app.doctor.finding import Finding, failure, ok, warning
from creneau.app.settings import Settings

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


def examine_machine(settings: Settings) -> Iterator[Finding]:
    yield _folders(settings)
    yield _address(settings.base_url)


def _folders(settings: Settings) -> Finding:
    written = [Path(tempfile.gettempdir())]
    if settings.database_url is None:
        written.append(settings.home)
    refused = [str(folder) for folder in written if not _is_writable(folder)]
    if refused:
        return failure(
            "folders",
            f"{', '.join(refused)} cannot be written to.",
            "Give them to the user that runs Creneau, or set TMPDIR and CRENEAU_HOME to folders that it owns.",
        )
    return ok("folders", f"{', '.join(map(str, written))} can be written to.")


def _is_writable(folder: Path) -> bool:
    """Tell whether a folder can be written to, or made."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _address(base_url: str) -> Finding:
    address = urlsplit(base_url)
    if address.hostname in _LOCAL:
        return warning(
            "address",
            "CRENEAU_BASE_URL is an address of this machine: links and feeds work on it alone.",
            "Set CRENEAU_BASE_URL to the public https:// address, unless this is a trial.",
        )
    if address.scheme != "https":
        return failure(
            "address",
            "CRENEAU_BASE_URL is not https: passwords and the secrets of feeds would travel in the clear.",
            "Put a web server with TLS in front, and set CRENEAU_BASE_URL to its https:// address.",
        )
    return ok("address", f"People reach the service at {address.hostname} by https.")
