"""The button Settings opens the modal; saving it draws App Home again in the language and zone of now."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot import modals
from creneau.bot.acknowledging import show
from creneau.bot.home.publisher import HomePublisher
from creneau.bot.ids import reading
from creneau.bot.person import get_person
from creneau.bot.preferences import views
from creneau.bot.refusals import sentence
from creneau.core.domain.errors import InvalidPreferences, TextInvalid, UnknownZone
from creneau.core.domain.preferences import Preferences
from creneau.core.services.people import PeopleService
from creneau.core.services.preferences import PreferencesService

_FIELDS = {"digest_at": views.DIGEST_AT_BLOCK, "locale": views.LOCALE_BLOCK}


class PreferencesListeners:
    def __init__(self, preferences: PreferencesService, people: PeopleService, homes: HomePublisher) -> None:
        self._preferences = preferences
        self._people = people
        self._homes = homes

    def register(self, app: App) -> None:
        app.action(views.PREFERENCES_OPEN)(self.open)
        app.view(views.PREFERENCES_VIEW)(self.submit)

    def open(self, ack: Ack, body: Mapping[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        view_id = modals.open_loading(client, body, context)
        person = get_person(self._people, body)
        chosen = self._preferences.get_preferences(person.actor)
        show(client, view_id, views.preferences(person.user, chosen))

    def submit(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        person = get_person(self._people, body)
        values = view["state"]["values"]
        kept = self._preferences.get_preferences(person.actor)
        with reading():
            locale, zone = _chosen(values, views.LOCALE_BLOCK), _chosen(values, views.ZONE_BLOCK)
            chosen = _read(values, kept)
        try:
            user = self._preferences.set_preferences(person.actor, locale, zone, chosen)
        except TextInvalid as refusal:
            ack(response_action="errors", errors={views.VIDEO_BLOCK: sentence(person.reader, refusal)})
        except UnknownZone as refusal:
            ack(response_action="errors", errors={views.ZONE_BLOCK: sentence(person.reader, refusal)})
        except InvalidPreferences as refusal:
            block = _FIELDS[str(refusal.details["field"])]
            ack(response_action="errors", errors={block: sentence(person.reader, refusal)})
        else:
            ack()
            self._homes.publish(user)


def _read(values: Mapping[str, Any], kept: Preferences) -> Preferences:
    """What a consultant chose; who is not asked keeps what they have."""
    if views.DIGEST_BLOCK not in values:
        return kept
    wanted = values[views.DIGEST_BLOCK][views.CHOICE]["selected_options"]
    at = time.fromisoformat(_chosen(values, views.DIGEST_AT_BLOCK))
    if views.VIDEO_BLOCK not in values:  # a window of before there was this field
        return replace(kept, wants_digest=bool(wanted), digest_at=at)
    return Preferences(bool(wanted), at, values[views.VIDEO_BLOCK][views.CHOICE]["value"])


def _chosen(values: Mapping[str, Any], block_id: str) -> str:
    value: str = values[block_id][views.CHOICE]["selected_option"]["value"]
    return value
