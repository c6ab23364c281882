"""`creneau reminders`: what the two sides of a session were reminded of, and if not, why."""

from uuid import UUID

import click

from creneau.app.cli.opening import open_creneau
from creneau.app.cli.user import ORGANIZATION
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.people import Actor, Role


@click.command()
@ORGANIZATION
@click.argument("booking", type=click.UUID)
def reminders(organization: UUID, booking: UUID) -> None:
    """Say of each reminder of a BOOKING (its id) whether it was sent, and if not, why. Times are UTC."""
    with open_creneau() as creneau:
        operator = Actor(OrganizationId(organization), UserId(UUID(int=0)), Role.ORG_ADMIN)
        for told in creneau.reminders.list_of_booking(operator, BookingId(booking)):
            outcome = f"at {told.sent_at:%Y-%m-%d %H:%M:%S}" if told.sent_at else told.reason or ""
            due = f"{told.scheduled_time:%Y-%m-%d %H:%M}"
            click.echo(f"{due}  {told.type:26} to {told.recipient_id}  {told.state.lower()} {outcome}".rstrip())
