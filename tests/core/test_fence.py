"""The fence: one holder of a name among all processes, for as long as its connection lives."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from creneau.core.storage.database import Database
from creneau.core.storage.fence import Fence
from tests.conftest import Urls, plain


@pytest.fixture
def others(database: Database) -> Iterator[Fence]:
    """The fence of another process."""
    fence = Fence(database.conninfo)
    yield fence
    fence.close()


def test_a_name_has_one_holder_in_this_process_and_in_others(database: Database, others: Fence):
    name, other_name = uuid4(), uuid4()
    with database.fence.hold(name) as first:
        assert first
        with database.fence.hold(name) as again, others.hold(name) as elsewhere, others.hold(other_name) as free:
            assert (again, elsewhere, free) == (False, False, True)
        with others.hold(name) as still:
            assert not still, "whoever was refused gives nothing back"
    with others.hold(name) as now:
        assert now


def test_whoever_was_killed_holds_nothing(database: Database, others: Fence, worker_urls: Urls):
    name = uuid4()
    with others.hold(name):
        with psycopg.connect(plain(worker_urls.owner)) as connection:
            end_holder = """
                select pg_terminate_backend(pid) from pg_locks join pg_database on oid = database
                where locktype = 'advisory' and datname = current_database()
                """
            connection.execute(end_holder.encode())
        with database.fence.hold(name) as is_ours:
            assert is_ours
    with others.hold(uuid4()) as again:
        assert again, "it opens a connection anew"


def test_a_connection_that_ended_while_it_rested_is_opened_anew(others: Fence, worker_urls: Urls):
    with others.hold(uuid4()):
        pass
    with psycopg.connect(plain(worker_urls.owner)) as connection:
        connection.execute("""
            select pg_terminate_backend(pid, 5000) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and query like '%pg_advisory_unlock%'
        """)
    with others.hold(uuid4()) as is_ours:
        assert is_ours
