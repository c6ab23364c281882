"""Postgres as it is after a power cut: every process of it killed, and started again on the same port."""

from creneau.core.storage import embedded
from creneau.core.storage.embedded import EmbeddedPostgres


def restart_at_once(postgres: EmbeddedPostgres) -> None:
    """Kill it without a word to anybody, and start it again. It recovers from its log."""
    log = str(postgres._home / "log")
    embedded._run("pg_ctl", "-D", str(postgres._pgdata), "-l", log, "-m", "immediate", "-w", "restart")
