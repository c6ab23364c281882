"""PreferencesService: what a person chooses for themselves: language, zone, the daily digest, their own video room."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.errors import InvalidPreferences, UnknownZone
from creneau.core.domain.meeting_place import LONGEST_LINK
from creneau.core.domain.people import Actor, User
from creneau.core.domain.preferences import Preferences, require_valid
from creneau.core.domain.text import clean_link
from creneau.core.domain.time import find_zone
from creneau.core.i18n.catalog import LOCALES
from creneau.core.storage import preferences, users
from creneau.core.storage.database import Database
from creneau.core.usecases import audit, digests


class PreferencesService:
    def __init__(self, database: Database, clock: Clock, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id

    def get_preferences(self, actor: Actor) -> Preferences:
        with self._database.transaction(actor.organization_id) as tx:
            return preferences.get(tx, actor.organization_id, actor.user_id)

    def set_preferences(self, actor: Actor, locale: str, timezone: str, chosen: Preferences) -> User:
        """Write what the actor chose for themselves, and return them as they are now.

        Raises: `time.unknown_zone`, `preferences.invalid`, `text.invalid` for a link that is not https.
        """
        if find_zone(timezone) is None:
            raise UnknownZone(timezone=timezone)
        if locale not in LOCALES:
            raise InvalidPreferences(field="locale")
        require_valid(chosen)
        chosen = replace(chosen, video_link=clean_link("video_link", chosen.video_link, LONGEST_LINK))
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            user = replace(users.get(tx, actor.organization_id, actor.user_id), locale=locale, timezone=timezone)
            users.save(tx, user)
            preferences.save(tx, actor.organization_id, actor.user_id, chosen, now)
            digests.plan_next(tx, user, now)
            audit.record(tx, actor, "updated", "preferences", actor.user_id, now, self._new_id)
            return user
