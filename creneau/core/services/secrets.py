"""SecretService: which key seals what is stored, and sealing it anew under the newest, while everything runs on."""

from collections.abc import Callable
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.sealed import Resealing, SealedPlace, SealedSecret, SecretCounts
from creneau.core.secrets import SecretBox, SecretUnreadable
from creneau.core.storage import sealed_secrets
from creneau.core.storage.database import Database
from creneau.core.usecases import audit

BATCH = 200
_SUBJECTS = {
    SealedPlace.CALENDAR: "calendar_link",
    SealedPlace.BOT: "slack_installation",
    SealedPlace.REFRESH: "slack_installation",
}


class SecretService:
    def __init__(self, database: Database, clock: Clock, box: SecretBox, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._box = box
        self._new_id = new_id

    def count_secrets(self) -> SecretCounts:
        """Count the stored secrets of every organization by the key that they need."""
        with self._database.without_tenant() as tx:
            counts = sealed_secrets.count_by_key(tx)
        newest, *older = self._box.tags
        known = {newest, *older}
        return SecretCounts(
            counts.get(newest, 0),
            sum(counts.get(tag, 0) for tag in older),
            sum(count for tag, count in counts.items() if tag not in known),
        )

    def reseal_secrets(self, batch: int = BATCH) -> Resealing:
        """Seal under the newest key whatever another one has sealed. May be stopped at any point and begun again.

        A secret is a transaction of its own, under its row's lock: one that was entered anew meanwhile stays as it is.
        """
        resealed, after = 0, None
        unreadable: list[SealedSecret] = []
        while True:
            with self._database.without_tenant() as tx:
                found = sealed_secrets.list_under_other_keys(tx, self._box.tags[0], after, batch)
            if not found:
                return Resealing(resealed, tuple(unreadable))
            for secret in found:
                try:
                    resealed += self._reseal(secret)
                except SecretUnreadable:
                    unreadable.append(secret)
            after = found[-1]

    def _reseal(self, secret: SealedSecret) -> bool:
        with self._database.transaction(secret.organization_id) as tx:
            sealed = sealed_secrets.lock(tx, secret)
            if sealed is None or self._box.is_newest(sealed):
                return False
            sealed_secrets.write(tx, secret, self._box.encrypt(self._box.decrypt(sealed, secret.name), secret.name))
            subject = _SUBJECTS[secret.place]
            audit.record(tx, None, "resealed", subject, secret.row_id, self._clock.now(), self._new_id)
            return True
