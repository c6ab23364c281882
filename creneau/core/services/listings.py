"""ListingService: what the lists of every front show, a page at a time. Nothing is written here."""

from creneau.core.clock import Clock
from creneau.core.domain.analytics import AnalyticsRow
from creneau.core.domain.audit import AuditLine, AuditQuery
from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.bilan import BilanFile
from creneau.core.domain.ids import UserId
from creneau.core.domain.listing import (
    ANY_BILAN,
    ANY_SLOT,
    EVERY_DAY,
    FIRST_PAGE,
    BilansWanted,
    BookingPage,
    BookingsWanted,
    Days,
    Page,
    Paging,
    SlotsWanted,
)
from creneau.core.domain.people import Actor, Role, User
from creneau.core.domain.time_off import TimeOff
from creneau.core.storage.database import Database
from creneau.core.usecases import listings

ANY_LINE = AuditQuery()


class ListingService:
    """A page costs the same number of statements however long the list is."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def list_bookings(self, actor: Actor, wanted: BookingsWanted, paging: Paging = FIRST_PAGE) -> BookingPage:
        with self._database.transaction(actor.organization_id) as tx:
            return listings.list_bookings(tx, actor, wanted, paging)

    def list_bilans(
        self, actor: Actor, wanted: BilansWanted = ANY_BILAN, paging: Paging = FIRST_PAGE
    ) -> Page[BilanFile]:
        with self._database.transaction(actor.organization_id) as tx:
            return listings.list_bilans(tx, actor, wanted, paging)

    def list_users(self, actor: Actor, role: Role | None = None, paging: Paging = FIRST_PAGE) -> Page[User]:
        with self._database.transaction(actor.organization_id) as tx:
            return listings.list_users(tx, actor, role, paging)

    def list_slots(
        self, actor: Actor, wanted: SlotsWanted = ANY_SLOT, paging: Paging = FIRST_PAGE
    ) -> Page[AvailabilitySlot]:
        with self._database.transaction(actor.organization_id) as tx:
            return listings.list_slots(tx, actor, wanted, paging)

    def list_time_off(
        self, actor: Actor, consultant_id: UserId | None = None, days: Days = EVERY_DAY, paging: Paging = FIRST_PAGE
    ) -> Page[TimeOff]:
        with self._database.transaction(actor.organization_id) as tx:
            return listings.list_time_off(tx, actor, consultant_id, days, paging)

    def list_analytics(
        self, actor: Actor, consultant_id: UserId, days: Days = EVERY_DAY, paging: Paging = FIRST_PAGE
    ) -> Page[AnalyticsRow]:
        with self._database.transaction(actor.organization_id) as tx:
            return listings.list_analytics(tx, actor, consultant_id, days, self._clock.now().date(), paging)

    def list_audit(
        self, actor: Actor, query: AuditQuery = ANY_LINE, days: Days = EVERY_DAY, paging: Paging = FIRST_PAGE
    ) -> Page[AuditLine]:
        with self._database.transaction(actor.organization_id) as tx:
            return listings.list_audit(tx, actor, query, days, paging)
