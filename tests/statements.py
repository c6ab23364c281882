"""What is sent to Postgres, for tests that count it: through cursors and past them."""

import psycopg
import pytest

from creneau.core.storage import libpq


def record_statements(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that each statement joins as it is sent, but for those that begin and end a transaction."""
    sent: list[object] = []
    execute, run_prepared = psycopg.Cursor.execute, libpq.run_prepared

    def note_cursor(self, query, *args, **kwargs):
        if query != ";":  # the pool asks whether its connection still lives
            sent.append(query)
        return execute(self, query, *args, **kwargs)

    def note_prepared(connection, names, number, text, values):
        sent.append(text)
        return run_prepared(connection, names, number, text, values)

    monkeypatch.setattr(psycopg.Cursor, "execute", note_cursor)
    monkeypatch.setattr(libpq, "run_prepared", note_prepared)
    return sent
