"""Which secrets are sealed under which key, across tenants: four bytes that name a key, and never what is sealed."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ACROSS_TENANTS = """
grant select (organization_id, id, password_sealed) on calendar_links to creneau_definer;
grant select (organization_id, bot_token_sealed, refresh_token_sealed) on slack_installations to creneau_definer;
create policy secrets on calendar_links for select to creneau_definer using (true);
create function list_sealed_secrets()
returns table (place text, organization_id uuid, row_id uuid, key_tag bytea)
language sql stable security definer set search_path = public, pg_temp as $$
  select 'CALENDAR', l.organization_id, l.id, substring(l.password_sealed from 1 for 4) from calendar_links l
  union all
  select 'BOT', i.organization_id, i.organization_id, substring(i.bot_token_sealed from 1 for 4)
  from slack_installations i where i.bot_token_sealed is not null
  union all
  select 'REFRESH', i.organization_id, i.organization_id, substring(i.refresh_token_sealed from 1 for 4)
  from slack_installations i where i.refresh_token_sealed is not null
$$;
grant create on schema public to creneau_definer;
alter function list_sealed_secrets() owner to creneau_definer;
revoke create on schema public from creneau_definer;
revoke all on function list_sealed_secrets() from public;
grant execute on function list_sealed_secrets() to creneau_app;
"""
DOWN = """
drop function list_sealed_secrets();
drop policy secrets on calendar_links;
revoke select (organization_id, id, password_sealed) on calendar_links from creneau_definer;
revoke select (bot_token_sealed) on slack_installations from creneau_definer;
"""


def upgrade() -> None:
    op.execute(ACROSS_TENANTS)


def downgrade() -> None:
    op.execute(DOWN)
