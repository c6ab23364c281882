"""Analytics as sums that changes add to, by the date a session bears; average and hours are made of them."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The owner of the tables is bound by row level security too, and has no tenant here.
_UNBOUND = """
alter table session_analytics no force row level security;
alter table session_bookings no force row level security;
"""
_BOUND = """
alter table session_analytics force row level security;
alter table session_bookings force row level security;
"""
_FILL = """
insert into session_analytics (organization_id, id, consultant_id, session_date, {columns}, created_at, updated_at)
select organization_id, gen_random_uuid(), consultant_id, scheduled_date, {sums}, now(), now()
from session_bookings where deleted_at is null
group by organization_id, consultant_id, scheduled_date
"""
_COUNTS = "total_sessions_scheduled, total_sessions_completed, total_sessions_no_show, total_sessions_cancelled"
_COUNTED = (
    "count(*), count(*) filter (where status = 'COMPLETED'), count(*) filter (where status = 'NO_SHOW'),"
    " count(*) filter (where status = 'CANCELLED')"
)


def upgrade() -> None:
    op.execute(_UNBOUND)
    op.execute("delete from session_analytics")
    op.execute("""
      alter table session_analytics
        drop column average_rating,
        drop column total_hours_completed,
        alter column id set default gen_random_uuid(),
        add column total_minutes_completed integer not null default 0,
        add column total_ratings integer not null default 0,
        add column rating_total integer not null default 0,
        add column average_rating numeric(3, 2)
          generated always as (round(rating_total::numeric / nullif(total_ratings, 0), 2)) stored,
        add column total_hours_completed numeric(8, 2) not null
          generated always as (round(total_minutes_completed::numeric / 60, 2)) stored
    """)
    op.execute(
        _FILL.format(
            columns=f"{_COUNTS}, total_minutes_completed, total_ratings, rating_total",
            sums=_COUNTED + ", coalesce(sum(duration_minutes) filter (where status = 'COMPLETED'), 0),"
            " count(beneficiary_rating) filter (where status = 'COMPLETED'),"
            " coalesce(sum(beneficiary_rating) filter (where status = 'COMPLETED'), 0)",
        )
    )
    op.execute(_BOUND)


def downgrade() -> None:
    op.execute(_UNBOUND)
    op.execute("delete from session_analytics")
    op.execute("""
      alter table session_analytics
        drop column average_rating,
        drop column total_hours_completed,
        drop column total_minutes_completed,
        drop column total_ratings,
        drop column rating_total,
        alter column id drop default,
        add column average_rating numeric(3, 2),
        add column total_hours_completed numeric(8, 2) not null default 0
    """)
    op.execute(
        _FILL.format(
            columns=f"{_COUNTS}, average_rating, total_hours_completed",
            sums=_COUNTED + ", round(avg(beneficiary_rating) filter (where status = 'COMPLETED'), 2),"
            " round(coalesce(sum(duration_minutes) filter (where status = 'COMPLETED'), 0)::numeric / 60, 2)",
        )
    )
    op.execute(_BOUND)
