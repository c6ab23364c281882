"""Reads and draws the list of sessions, for the command and for whatever is done from one of its rows."""

from creneau.bot.blocks import View
from creneau.bot.person import Person
from creneau.bot.sessions import views
from creneau.bot.sessions.ids import Shown
from creneau.core.services.diary import DiaryService


class SessionsReader:
    def __init__(self, diaries: DiaryService) -> None:
        self._diaries = diaries

    def draw(self, person: Person, shown: Shown) -> View:
        return views.sessions(self._diaries.get_diary(person.actor, shown.pages, views.SIZES), shown)
