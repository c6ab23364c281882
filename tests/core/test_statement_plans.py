"""Statements are planned once a connection: what grows, past or future, does not make them dearer."""

from datetime import timedelta

import psycopg

from creneau.core.domain.calendar_words import NOTHING_TOLD
from creneau.core.domain.feeds import FeedKind, FeedOwner
from creneau.core.domain.ids import BilanId
from creneau.core.domain.time import Span
from creneau.core.storage import bilans, feeds, reminders
from creneau.core.storage.database import Database, driver_connection
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import MONDAY, Centre, MovableClock, Urls, build_centre, plain

WAITING = """
insert into session_reminders (organization_id, id, session_booking_id, booking_version, reminder_type, recipient_id,
  scheduled_time, due_at, state, created_at, updated_at)
select %s, gen_random_uuid(), gen_random_uuid(), 1, 'BENEFICIARY_24H', gen_random_uuid(), at, at, 'DUE', at, at
from generate_series(0, 9999) as n, lateral (select timestamptz '2026-11-01' + n * interval '1 hour' as at) as due
"""
BILANS = """
insert into bilans (organization_id, id, beneficiary_id, consultant_id)
select %s, ('1' || lpad(n::text, 31, '0'))::uuid, gen_random_uuid(), gen_random_uuid() from generate_series(0, 199) as n
returning id
"""
OF_BILANS = """
insert into session_bookings (organization_id, id, bilan_id, consultant_id, beneficiary_id, scheduled_date,
  scheduled_start_time, scheduled_end_time, duration_minutes, timezone, starts_at, ends_at, held_until, session_type,
  meeting_format, bilan_phase_at_booking, status, created_at, updated_at)
select %s, gen_random_uuid(), ('1' || lpad((n %% 200)::text, 31, '0'))::uuid, gen_random_uuid(), gen_random_uuid(),
  at::date, at::time, at::time, 60, 'Europe/Paris', at, at + interval '1 hour', at + interval '1 hour', 'FOLLOW_UP',
  'VIDEO', 'PRELIMINARY', 'CONFIRMED', at, at
from generate_series(0, 9999) as n, lateral (select timestamptz '2026-11-01' + n * interval '1 hour' as at) as start
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


def test_the_hours_of_bilans_are_read_from_their_own_sessions(
    fresh_database: Database, fresh_urls: Urls, clock: MovableClock
):
    centre = build_centre(fresh_database, clock)
    with psycopg.connect(plain(fresh_urls.owner), autocommit=True) as owner:
        owner.execute("set session_replication_role = replica")  # people need not be there
        ids = [BilanId(row[0]) for row in owner.execute(BILANS, (centre.organization.id,))]
        owner.execute(OF_BILANS, (centre.organization.id,))
        owner.execute("analyze bilans, session_bookings")

    with fresh_database.transaction(centre.organization.id) as tx:
        used = bilans.list_used_minutes(tx, centre.organization.id, ids[:20])
        scans = driver_connection(tx).execute(
            "select seq_scan from pg_stat_xact_user_tables where relname = 'session_bookings'"
        )
        assert scans.fetchall() == [(0,)]
    assert list(used.values()) == [50 * 60] * 20


def test_a_feed_reads_nobody_where_no_names_are_told(fresh_database: Database, clock: MovableClock):
    centre = build_centre(fresh_database, clock)
    beneficiary = centre.actor(centre.beneficiary)
    free = centre.scheduling.get_available_slots_for_consultant(beneficiary, centre.consultant.id)
    request = BookingRequest(centre.bilan.id, centre.consultant.id, free[0].span.starts_at)
    booking = centre.scheduling.create_session_booking(beneficiary, request)
    centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)
    person = centre.consultant
    owner = FeedOwner(person.organization_id, person.id, person.role, person.locale, person.timezone, FeedKind.SESSIONS)

    with fresh_database.transaction(centre.organization.id) as tx:
        scans = "select seq_scan + idx_scan from pg_stat_xact_user_tables where relname = 'users'"
        before = driver_connection(tx).execute(scans).fetchone()
        [session] = feeds.list_sessions(tx, owner, Span(MONDAY, MONDAY + timedelta(days=400)))
        assert driver_connection(tx).execute(scans).fetchone() == before
    assert session.told == NOTHING_TOLD
