"""`creneau explain`: why a time can or cannot be booked."""

from datetime import datetime
from uuid import UUID

import click

from creneau.app.cli.opening import open_creneau
from creneau.app.cli.user import ORGANIZATION
from creneau.core.domain.availability import resolve_local
from creneau.core.domain.ids import BilanId, OrganizationId
from creneau.core.domain.people import Actor, Role
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import in_words

_READER = Reader("en", "UTC")


class WallMoment(click.ParamType[datetime]):
    name = "YYYY-MM-DDTHH:MM"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a moment such as 2026-12-01T10:00", param, ctx)


@click.command()
@ORGANIZATION
@click.option("--consultant", required=True, help="E-mail.")
@click.option("--at", type=WallMoment(), required=True, help="On the consultant's own clock, or with an offset.")
@click.option("--beneficiary", help="E-mail: also look at this person's other sessions.")
@click.option("--bilan", type=click.UUID, help="Id: also look at this bilan's state and hours, and its beneficiary.")
def explain(organization: UUID, consultant: str, at: datetime, beneficiary: str | None, bilan: UUID | None) -> None:
    """Say whether a session can be booked at a time, or everything that speaks against it."""
    with open_creneau() as creneau:
        tenant = OrganizationId(organization)
        person = creneau.people.get_user_by_email(tenant, consultant)
        other = creneau.people.get_user_by_email(tenant, beneficiary).id if beneficiary else None
        starts_at = at if at.tzinfo else resolve_local(at.date(), at.time(), person.timezone)
        explanation = creneau.scheduling.explain_slot(
            Actor(tenant, person.id, Role.ORG_ADMIN), person.id, starts_at, other, BilanId(bilan) if bilan else None
        )
        if explanation.is_bookable:
            click.echo("bookable")
        for refusal in explanation.refusals():
            click.echo(f"{refusal.code}: {_READER.text(refusal.code, **in_words(_READER, refusal.details))}")
        if explanation.offer is not None:
            local = explanation.offer.local
            click.echo(
                f"offered by {explanation.offer.slot_id}: {local.day} {local.start:%H:%M}-{local.end:%H:%M} "
                f"{local.timezone}, seats left: {max(explanation.offer.seats_left, 0)}"
            )
