"""A calendar account may be entered with a token, and which server it lives on is known."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "alter table calendar_links add column credential text not null default 'PASSWORD',"
        " add column server text not null default 'UNKNOWN'"
    )


def downgrade() -> None:
    op.execute("alter table calendar_links drop column credential, drop column server")
