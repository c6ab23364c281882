"""The job queue: procrastinate's own schema, and what the runtime role needs of it.

The schema comes from the installed procrastinate (3.10). A later release that changes it needs a migration here
that runs that release's own steps.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "procrastinate_jobs",
    "procrastinate_events",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
)
TYPES = ("procrastinate_job_to_defer_v1", "procrastinate_job_event_type", "procrastinate_job_status")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    for table in TABLES:
        op.execute(f"grant select, insert, update, delete on {table} to creneau_app")
    op.execute("grant usage on all sequences in schema public to creneau_app")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"drop table {table} cascade")
    op.execute("""
        do $$
        declare f record;
        begin
          for f in select oid::regprocedure as signature from pg_proc
                   where proname like 'procrastinate%' and pronamespace = 'public'::regnamespace loop
            execute format('drop function if exists %s cascade', f.signature);
          end loop;
        end $$""")
    for name in TYPES:
        op.execute(f"drop type if exists {name} cascade")
