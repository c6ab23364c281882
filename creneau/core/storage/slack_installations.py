"""Queries on Slack installations: the tokens of an organization's workspace, sealed and bound to their row."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.sealed import SealedPlace, SealedSecret
from creneau.core.domain.slack import BotTokens, SlackGrant, SlackInstallation
from creneau.core.secrets import SecretBox
from creneau.core.storage import driver
from creneau.core.storage.database import Transaction
from creneau.core.storage.driver import Row, Statement
from creneau.core.storage.tables import slack_install_states as states
from creneau.core.storage.tables import slack_installations as installations

_FIND_TEXT = """
select team_id, bot_id, bot_user_id, bot_token_sealed, refresh_token_sealed, expires_at from slack_installations
where organization_id = %(organization_id)s and ended_at is null
"""
_FIND = Statement(_FIND_TEXT)
_FIND_AND_LOCK = Statement(f"{_FIND_TEXT} for update")
_FIND_ACCESS = Statement(f"""
select park.until, installation.*
from (select) as nothing
left join ({_FIND_TEXT}) as installation on true
left join slack_parks as park on park.organization_id = %(organization_id)s and park.method = %(method)s
  and park.until > %(now)s
""")  # noqa: S608 - made of constants
_LEASE_ROTATIONS = text("select * from lease_slack_rotations(:at, :ahead, :lease)")


def save(tx: Transaction, installation: SlackInstallation, box: SecretBox, at: datetime) -> None:
    """Insert or replace the organization's installation; one that had ended goes on."""
    values = {
        "team_id": installation.team_id,
        "bot_id": installation.bot_id,
        "bot_user_id": installation.bot_user_id,
        "installed_at": at,
        "ended_at": None,
        **_sealed(installation.grant.tokens, installation.organization_id, box),
    }
    tx.execute(
        insert(installations)
        .values(organization_id=installation.organization_id, **values)
        .on_conflict_do_update(index_elements=["organization_id"], set_=values)
    )


def find(
    tx: Transaction, organization_id: OrganizationId, box: SecretBox, *, for_update: bool = False
) -> SlackInstallation | None:
    """Return the installation; None when there is none, or it has ended. Raises: SecretUnreadable."""
    row = driver.fetch_one(tx, _FIND_AND_LOCK if for_update else _FIND, {"organization_id": organization_id})
    return _to_installation(organization_id, row, box) if row else None


def find_access(
    tx: Transaction, organization_id: OrganizationId, method: str, box: SecretBox, now: datetime
) -> tuple[SlackInstallation | None, datetime | None]:
    """Return the installation, and until when a method has to wait in its workspace, None when it need not.

    Raises: SecretUnreadable.
    """
    values = {"organization_id": organization_id, "method": method, "now": now}
    row = driver.fetch_one(tx, _FIND_ACCESS, values)
    assert row is not None  # noqa: S101 - `nothing` has a row
    until, *found = row
    return (_to_installation(organization_id, tuple(found), box) if found[0] else None), until


def find_end_of_access(tx: Transaction, organization_id: OrganizationId) -> datetime | None:
    """Return when the bot token ends, if it does and there is nothing to get a new one with."""
    ends: datetime | None = tx.scalar(
        select(installations.c.expires_at).where(
            installations.c.organization_id == organization_id,
            installations.c.ended_at.is_(None),
            installations.c.refresh_token_sealed.is_(None),
        )
    )
    return ends


def end(tx: Transaction, organization_id: OrganizationId, at: datetime) -> None:
    """Forget the tokens: Slack does not take them any more. Which workspace it was is kept."""
    tx.execute(
        update(installations)
        .where(installations.c.organization_id == organization_id)
        .values(bot_token_sealed=None, refresh_token_sealed=None, expires_at=None, ended_at=at)
    )


def save_tokens(tx: Transaction, organization_id: OrganizationId, tokens: BotTokens, box: SecretBox) -> None:
    tx.execute(
        update(installations)
        .where(installations.c.organization_id == organization_id)
        .values(**_sealed(tokens, organization_id, box))
    )


def lease_rotations(tx: Transaction, at: datetime, ahead: timedelta, lease: timedelta) -> list[OrganizationId]:
    """Lease the installations, of every organization, whose token ends soon: two processes never get the same one."""
    return [OrganizationId(id_) for id_ in tx.scalars(_LEASE_ROTATIONS, {"at": at, "ahead": ahead, "lease": lease})]


def spend_state(tx: Transaction, organization_id: OrganizationId, state_hash: bytes, at: datetime) -> bool:
    """Remember that an installation came of a state; False when one had come of it before."""
    tx.execute(delete(states).where(states.c.spent_at < at - timedelta(days=1)))
    added = tx.execute(
        insert(states)
        .values(organization_id=organization_id, state_hash=state_hash, spent_at=at)
        .on_conflict_do_nothing()
        .returning(states.c.spent_at)
    )
    return added.first() is not None


def _sealed(tokens: BotTokens, organization_id: OrganizationId, box: SecretBox) -> dict[str, object]:
    refresh = tokens.refresh_token
    return {
        "bot_token_sealed": box.encrypt(tokens.bot_token, _name(SealedPlace.BOT, organization_id)),
        "refresh_token_sealed": box.encrypt(refresh, _name(SealedPlace.REFRESH, organization_id)) if refresh else None,
        "expires_at": tokens.expires_at,
        "rotation_leased_until": None,
    }


def _to_installation(organization_id: OrganizationId, row: Row, box: SecretBox) -> SlackInstallation:
    team_id, bot_id, bot_user_id, sealed, sealed_refresh, expires_at = row
    tokens = BotTokens(
        box.decrypt(sealed, _name(SealedPlace.BOT, organization_id)),
        box.decrypt(sealed_refresh, _name(SealedPlace.REFRESH, organization_id)) if sealed_refresh else None,
        expires_at,
    )
    return SlackInstallation(organization_id, SlackGrant(team_id, bot_id, bot_user_id, tokens))


def _name(place: SealedPlace, organization_id: OrganizationId) -> str:
    return SealedSecret(place, organization_id, organization_id).name
