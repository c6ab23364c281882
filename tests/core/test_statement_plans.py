"""Statements are planned once a connection: a past that grows does not make listings dearer."""

from datetime import timedelta

from creneau.core.storage.database import Database, driver_connection
from tests.conftest import MONDAY, Centre, MovableClock, build_centre

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
