"""`creneau reminders`: what the two sides of a session were reminded of, and if not, why."""

from datetime import datetime
from uuid import UUID

import click

from creneau.app.cli.opening import open_creneau
from creneau.app.cli.user import ORGANIZATION
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.messages import PURPOSE_OF
from creneau.core.domain.people import Actor, Role


@click.command()
@ORGANIZATION
@click.argument("booking", type=click.UUID)
def reminders(organization: UUID, booking: UUID) -> None:
    """Say of each reminder and e-mail of a BOOKING (its id) whether it was sent, and if not, why. Times are UTC."""
    with open_creneau() as creneau:
        operator = Actor(OrganizationId(organization), UserId(UUID(int=0)), Role.ORG_ADMIN)
        for told in creneau.reminders.list_of_booking(operator, BookingId(booking)):
            due = f"{told.scheduled_time:%Y-%m-%d %H:%M}"
            way = " by e-mail" if told.is_by_email else ""
            outcome = _outcome(told.state, told.sent_at, told.reason)
            click.echo(f"{due}  {told.type:26} to {told.recipient_id}{way}  {outcome}")
        for email in creneau.emails.list_of_booking(operator, BookingId(booking)):
            if email.key.purpose not in PURPOSE_OF.values():  # a reminder stands above
                outcome = _outcome(email.state, email.sent_at, email.reason)
                click.echo(
                    f"{email.updated_at:%Y-%m-%d %H:%M}  {email.key.purpose:26} to {email.key.recipient_id} by e-mail"
                    f"  {outcome} (Slack: {email.slack_problem})"
                )


def _outcome(state: str, sent_at: datetime | None, reason: str | None) -> str:
    why = f"at {sent_at:%Y-%m-%d %H:%M:%S}" if sent_at else reason or ""
    return f"{state.lower()} {why}".rstrip()
