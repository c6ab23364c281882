"""Statements are planned once a connection: what grows, past or future, does not make them dearer."""

from datetime import timedelta

import psycopg

from creneau.core.storage import reminders
from creneau.core.storage.database import Database, driver_connection
from tests.conftest import MONDAY, Centre, MovableClock, Urls, build_centre, plain

WAITING = """
insert into session_reminders (organization_id, id, session_booking_id, booking_version, reminder_type, recipient_id,
  scheduled_time, due_at, state, created_at, updated_at)
select %s, gen_random_uuid(), gen_random_uuid(), 1, 'BENEFICIARY_24H', gen_random_uuid(), at, at, 'DUE', at, at
from generate_series(0, 9999) as n, lateral (select timestamptz '2026-11-01' + n * interval '1 hour' as at) as due
"""
READS = 8  # more than the five plans that Postgres makes of a statement before it thinks of keeping one


def test_what_listing_sends_is_not_planned_anew_each_time(fresh_database: Database, clock: MovableClock):
    centre = build_centre(fresh_database, clock)

    for day in range(READS):
        list_a_day(centre, day)

    with fresh_database.transaction(centre.organization.id) as tx:
        prepared = driver_connection(tx).execute("""
            select custom_plans, generic_plans from pg_prepared_statements where statement like '%busy_intervals%'
        """)
        assert prepared.fetchall() == [(0, READS)]


def list_a_day(centre: Centre, day: int) -> None:
    on = MONDAY.date() + timedelta(days=day)
    centre.scheduling.get_available_slots_for_consultant(
        centre.actor(centre.beneficiary), centre.consultant.id, on, on, beneficiary_id=centre.beneficiary.id
    )


def test_leasing_reads_what_is_due_and_not_all_that_waits(
    fresh_database: Database, fresh_urls: Urls, clock: MovableClock
):
    centre = build_centre(fresh_database, clock)
    with psycopg.connect(plain(fresh_urls.owner), autocommit=True) as owner:
        owner.execute("set session_replication_role = replica")  # nobody has to have booked
        owner.execute(WAITING, (centre.organization.id,))
        owner.execute("analyze session_reminders")

    with fresh_database.without_tenant() as tx:
        leases = reminders.claim_due(tx, MONDAY, timedelta(minutes=2), 20)
        scans = driver_connection(tx).execute(
            "select seq_scan, n_tup_upd from pg_stat_xact_user_tables where relname = 'session_reminders'"
        )
        assert scans.fetchall() == [(0, 20)]
    assert len(leases) == 20
