"""Queries on the inbox: which requests of Slack were acted on, so that none acts twice."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.people import Arrival
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import slack_inbox as inbox

KEPT_FOR = timedelta(days=2)
"""Slack delivers an event again for a day, and a signature is good for five minutes."""


def claim(tx: Transaction, organization_id: OrganizationId, arrival: Arrival, at: datetime) -> bool:
    """Tell whether this arrival of a request may act: no other has. Waits for one that is about to."""
    values = {"handling": arrival.handling, "acted_at": at}
    statement = insert(inbox).values(organization_id=organization_id, key=arrival.key, **values)
    mine = statement.on_conflict_do_update(
        index_elements=["organization_id", "key"], set_=values, where=inbox.c.handling == arrival.handling
    )
    return tx.execute(mine.returning(inbox.c.key)).first() is not None


def remove_old(tx: Transaction, before: datetime) -> int:
    """Remove what was acted on before an instant, of all organizations. Needs no tenant."""
    return int(tx.scalar(text("select remove_old_slack_requests(:before)"), {"before": before}) or 0)
