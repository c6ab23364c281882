"""Busy time by the object it was read from: two of one UID come and go apart.

An event that its program put under another name is a new object, and the old one is gone: by UID, what the new one
blocks went with it.
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

CONTRACTS = {
    "constraints: busy_intervals busy_intervals_pkey is asked for":
        "whoever does not know the column leaves it empty, and two of one UID and start are refused as before",
}  # fmt: skip
UP = """
alter table busy_intervals
  add column object text not null default '',  -- of its address; empty: written before, or by the version before
  drop constraint busy_intervals_pkey,
  add constraint busy_intervals_pkey primary key (organization_id, consultant_id, source, object, uid, starts_at);
"""
DOWN = """
alter table busy_intervals no force row level security;
delete from busy_intervals a using busy_intervals b
where (a.organization_id, a.consultant_id, a.source, a.uid, a.starts_at)
    = (b.organization_id, b.consultant_id, b.source, b.uid, b.starts_at)
  and (a.ends_at, a.ctid) < (b.ends_at, b.ctid);
alter table busy_intervals
  drop constraint busy_intervals_pkey,
  drop column object,
  add constraint busy_intervals_pkey primary key (organization_id, consultant_id, source, uid, starts_at);
alter table busy_intervals force row level security;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
