"""Reads what a person's App Home shows, and publishes it when it is not what stands there already."""

import hashlib
import json

from creneau.bot.blocks import View
from creneau.bot.calling import SlackRefused
from creneau.bot.home.ids import read_pages
from creneau.bot.home.views import SIZES, home
from creneau.bot.outbox import Outbox
from creneau.core.domain.diary import Part
from creneau.core.domain.messages import PublishedHome
from creneau.core.domain.people import Actor, User
from creneau.core.services.diary import DiaryService
from creneau.core.services.slack import SlackService

_MOST_ATTEMPTS = 5
_CONFLICT = "hash_conflict"


class HomePublisher:
    """A view is drawn after the one it replaces was looked up, and published over that one only.

    So a slow job cannot lay an old view over a newer one: it meets a conflict, reads again and finds nothing to do.
    """

    def __init__(self, diaries: DiaryService, slack: SlackService, outbox: Outbox) -> None:
        self._diaries = diaries
        self._slack = slack
        self._outbox = outbox

    def publish(self, user: User, pages: dict[Part, int] | None = None) -> None:
        """Bring a home up to date, at the pages that are shown unless others are given. Who is not in Slack has none.

        Raises: SlackUnavailable, SlackRefused.
        """
        if not user.is_in_slack:
            return
        lost: str | None = None
        for _ in range(_MOST_ATTEMPTS):
            known = self._slack.find_home(user)
            view = self._draw(user, pages, known)
            if known is not None and known.fingerprint == _fingerprint(view):
                return
            # Two conflicts over one hash: what we remember was never recorded after a publication, so it is nobody's.
            over = known.hash if known is not None and known.hash != lost else None
            try:
                self._publish(user, view, known, over)
            except SlackRefused as refused:
                if refused.problem != _CONFLICT:
                    raise
                lost = over
            else:
                return
        raise SlackRefused(_CONFLICT)

    def publish_anew(self, user: User) -> None:
        """Publish the first pages, whatever stands there: what we remember of it is wrong.

        Raises: SlackUnavailable, SlackRefused.
        """
        known = self._slack.find_home(user)
        self._publish(user, self._draw(user, {}, known), known, None)

    def stands(self, user: User, hash_: str | None) -> bool:
        """Tell whether the home with this hash is the one we published last."""
        known = self._slack.find_home(user)
        return known is not None and known.hash == hash_

    def _draw(self, user: User, pages: dict[Part, int] | None, known: PublishedHome | None) -> View:
        wanted = pages if pages is not None else read_pages(known.metadata) if known else {}
        return home(self._diaries.get_diary(Actor.from_user(user), wanted, SIZES))

    def _publish(self, user: User, view: View, known: PublishedHome | None, over: str | None) -> None:
        hash_ = self._outbox.publish_home(user, view, over)
        self._slack.record_home(user, known, PublishedHome(_fingerprint(view), hash_, view["private_metadata"]))


def _fingerprint(view: View) -> str:
    return hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()
