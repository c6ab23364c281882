"""`creneau slot`: when consultants offer sessions."""

from datetime import time
from uuid import UUID

import click

from creneau.app.cli.opening import open_creneau
from creneau.app.cli.user import ORGANIZATION
from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.people import Actor

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


class WallTime(click.ParamType[time]):
    name = "HH:MM"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> time:
        try:
            return time.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            self.fail(f"{value!r} is not a time such as 09:00", param, ctx)


@click.group()
def slot() -> None:
    """Availability: the stretches of the week in which sessions are offered."""


@slot.command("add")
@ORGANIZATION
@click.option("--consultant", required=True, help="E-mail.")
@click.option("--day", type=click.Choice(_DAYS, case_sensitive=False), required=True)
@click.option("--start", type=WallTime(), required=True)
@click.option("--end", type=WallTime(), required=True)
@click.option("--duration", default=120, show_default=True, help="Minutes a session.")
@click.option("--capacity", default=1, show_default=True, help="People a session; above one it is a group.")
def add(organization: UUID, consultant: str, day: str, start: time, end: time, duration: int, capacity: int) -> None:
    """Offer sessions every week on a day, from one hour to another of the consultant's own zone."""
    with open_creneau() as creneau:
        person = creneau.people.get_user_by_email(OrganizationId(organization), consultant)
        draft = SlotDraft(
            start, end, person.timezone, _DAYS.index(day.lower()), None, duration, max_concurrent_bookings=capacity
        )
        click.echo(creneau.scheduling.create_availability_slot(Actor.from_user(person), person.id, draft).id)
