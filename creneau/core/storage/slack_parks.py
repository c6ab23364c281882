"""Parks: which methods of Slack's have to wait in a workspace, and until when. `slack_installations` reads them."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.ids import OrganizationId
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import slack_parks as parks


def park(tx: Transaction, organization_id: OrganizationId, method: str, until: datetime) -> None:
    """Let a method wait; of two waits the longer."""
    statement = insert(parks).values(organization_id=organization_id, method=method, until=until)
    longer = func.greatest(parks.c.until, statement.excluded.until)
    tx.execute(statement.on_conflict_do_update(index_elements=["organization_id", "method"], set_={"until": longer}))
