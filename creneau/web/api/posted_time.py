"""From the wall clock of a posted booking to the instant it starts at, and whether what else it says still holds."""

from datetime import datetime, timedelta

from creneau.core.domain.availability import resolve_start
from creneau.core.domain.errors import SlotOutsideRules
from creneau.core.domain.ids import UserId
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.time import BookableTime, find_zone, to_local_span
from creneau.core.services.people import PeopleService
from creneau.core.services.scheduling import SchedulingService
from creneau.web.api.requests import BookingBody

_A_DAY = timedelta(days=1)
_SEARCH = timedelta(days=14)
_ALTERNATIVES = 3


class PostedTimes:
    def __init__(self, scheduling: SchedulingService, people: PeopleService) -> None:
        self._scheduling = scheduling
        self._people = people

    def start_of(self, actor: Actor, body: BookingBody) -> datetime:
        """Return the instant at which the session asked for starts.

        Raises: `user.not_found`, `time.unknown_zone`, `time.does_not_exist`, and with the next free times
        `slot.outside_rules` when the end, the duration or an instant that was sent is not that of the offer.
        """
        timezone = body.timezone or self._people.get_user(actor.organization_id, UserId(body.consultant_id)).timezone
        starts_at = resolve_start(body.scheduled_date, body.scheduled_start_time, timezone)
        if body.starts_at not in (None, starts_at):
            raise self._outside_rules(actor, body)
        if _says_more(body):
            offers = [
                offer for offer in self._listed(actor, body, -_A_DAY, _A_DAY) if offer.span.starts_at == starts_at
            ]
            # None is listed for a time that is taken or not offered at all: the booking itself says which it is.
            if offers and not _agrees(offers[0], body, timezone):
                raise self._outside_rules(actor, body)
        return starts_at

    def _listed(
        self, actor: Actor, body: BookingBody, first: timedelta, last: timedelta, beneficiary_id: UserId | None = None
    ) -> list[BookableTime]:
        return self._scheduling.get_available_slots_for_consultant(
            actor,
            UserId(body.consultant_id),
            body.scheduled_date + first,
            body.scheduled_date + last,
            beneficiary_id,
        )

    def _outside_rules(self, actor: Actor, body: BookingBody) -> SlotOutsideRules:
        beneficiary_id = actor.user_id if actor.role is Role.BENEFICIARY else None
        refusal = SlotOutsideRules()
        refusal.alternatives = tuple(self._listed(actor, body, timedelta(), _SEARCH, beneficiary_id)[:_ALTERNATIVES])
        return refusal


def _says_more(body: BookingBody) -> bool:
    said = (body.ends_at, body.scheduled_end_time, body.duration_minutes, body.availability_slot_id)
    return any(value is not None for value in said)


def _agrees(offer: BookableTime, body: BookingBody, timezone: str) -> bool:
    zone = find_zone(timezone)
    return (
        body.ends_at in (None, offer.span.ends_at)
        and body.duration_minutes in (None, offer.span.minutes)
        and body.availability_slot_id in (None, offer.slot_id)
        and (zone is None or body.scheduled_end_time in (None, to_local_span(offer.span, zone).end))
    )
