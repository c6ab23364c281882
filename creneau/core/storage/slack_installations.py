"""Queries on Slack installations: the bot token of an organization's workspace, sealed."""

from datetime import datetime

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.messages import SlackInstallation
from creneau.core.secrets import SecretBox
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import slack_installations as installations


def save(tx: Transaction, installation: SlackInstallation, box: SecretBox, at: datetime) -> None:
    """Insert or replace the organization's installation."""
    values = {
        "team_id": installation.team_id,
        "bot_token_sealed": box.encrypt(installation.bot_token, _row_name(installation.organization_id)),
        "bot_id": installation.bot_id,
        "bot_user_id": installation.bot_user_id,
        "installed_at": at,
    }
    tx.execute(
        insert(installations)
        .values(organization_id=installation.organization_id, **values)
        .on_conflict_do_update(index_elements=["organization_id"], set_=values)
    )


def find(tx: Transaction, organization_id: OrganizationId, box: SecretBox) -> SlackInstallation | None:
    """Raises: SecretUnreadable."""
    query = select(installations).where(installations.c.organization_id == organization_id)
    row = tx.execute(query).mappings().first()
    return _to_installation(row, box) if row else None


def _to_installation(row: RowMapping, box: SecretBox) -> SlackInstallation:
    organization_id = OrganizationId(row["organization_id"])
    return SlackInstallation(
        organization_id,
        row["team_id"],
        row["bot_id"],
        row["bot_user_id"],
        box.decrypt(row["bot_token_sealed"], _row_name(organization_id)),
    )


def _row_name(organization_id: OrganizationId) -> str:
    return f"slack_installations:{organization_id}"
