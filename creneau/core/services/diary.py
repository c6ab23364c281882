"""DiaryService: what one person has before them and behind them, read at one moment."""

from collections.abc import Mapping

from creneau.core.clock import Clock
from creneau.core.domain.diary import Diary, Part
from creneau.core.domain.people import Actor
from creneau.core.storage import users
from creneau.core.storage.database import Database
from creneau.core.usecases import diary
from creneau.core.usecases.diary import Pages


class DiaryService:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def get_diary(self, actor: Actor, pages: Pages, sizes: Mapping[Part, int]) -> Diary:
        """Return the actor's own diary; an administrator's is the whole organization's. Raises: `user.not_found`."""
        with self._database.transaction(actor.organization_id) as tx:
            reader = users.get(tx, actor.organization_id, actor.user_id)
            return diary.read(tx, reader, pages, sizes, self._clock.now())
