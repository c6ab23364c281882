"""What the worker does about digests: each minute it leases what is due; each is read again, posted, recorded."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import procrastinate
import structlog
from procrastinate.types import JSONDict

from creneau.bot import discretion
from creneau.bot.calling import SlackRefused, SlackUnavailable
from creneau.bot.digest.views import digest
from creneau.bot.jobs import AHEAD
from creneau.bot.outbox import Outbox
from creneau.core.domain.diary import Diary
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.people import Actor
from creneau.core.domain.preferences import DigestLease
from creneau.core.i18n.reader import Reader
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.digests import DigestService

log = structlog.get_logger()

SEND_DIGEST = "digests.send"
SWEEP_DIGESTS = "digests.sweep"
_FIRST_ATTEMPT = 1
EVERY_MINUTE = "* * * * *"


@dataclass(frozen=True, slots=True)
class DigestJobs:
    digests: DigestService
    availability: AvailabilityService
    outbox: Outbox

    def register(self, app: procrastinate.App) -> None:
        """Declare the tasks on the job queue. A digest is not retried by the queue: its lease is."""
        send = app.task(name=SEND_DIGEST, priority=AHEAD)(self.send)

        @app.periodic(cron=EVERY_MINUTE)
        @app.task(name=SWEEP_DIGESTS, queueing_lock=SWEEP_DIGESTS)
        def sweep(timestamp: int) -> None:
            """Lease what is due and hand each digest to whichever worker is free."""
            leases = self.digests.claim_due()
            if leases:
                send.batch_defer(*[_arguments(lease) for lease in leases])
                log.info("digests.leased", count=len(leases), tick=timestamp)

    def send(self, organization_id: str, user_id: str, day: str, attempt: int) -> None:
        lease = DigestLease(
            OrganizationId(UUID(organization_id)), UserId(UUID(user_id)), date.fromisoformat(day), attempt
        )
        with self.digests.hold(lease) as is_ours:
            if not is_ours:
                log.warning("digest.in_other_hands", user_id=user_id)
                return
            diary = self.digests.find_due(lease)
            if diary is not None:
                self._post(lease, diary)

    def _post(self, lease: DigestLease, diary: Diary) -> None:
        """Post and record; what an attempt before this one may have posted is looked for first."""
        user_id = str(lease.user_id)
        recipient = diary.reader
        policy = self.availability.get_policy(Actor.from_user(recipient), None).policy
        message = discretion.apply(Reader.from_user(recipient), digest(diary), policy.discretion)
        try:
            self.outbox.post(
                recipient, message, {"digest": lease.day.isoformat()}, may_be_out=lease.attempt > _FIRST_ATTEMPT
            )
        except SlackUnavailable as problem:
            self.digests.record_postponed(lease, str(problem), problem.retry_after)
            log.warning("digest.postponed", user_id=user_id, problem=str(problem))
        except SlackRefused as refused:
            self.digests.record_failed(lease, refused.problem)
            log.warning("digest.failed", user_id=user_id, problem=refused.problem)
        else:
            self.digests.record_sent(lease)
            log.info("digest.sent", user_id=user_id)


def _arguments(lease: DigestLease) -> JSONDict:
    return {
        "organization_id": str(lease.organization_id),
        "user_id": str(lease.user_id),
        "day": lease.day.isoformat(),
        "attempt": lease.attempt,
    }
