"""A reader: one person's language and zone. Dates, times and sentences for people are made here and only here."""

from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as wall_clock
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal

from creneau.core.domain.people import User
from creneau.core.i18n.catalog import load_catalog

_BABEL_LOCALES = {"fr": "fr_FR", "en": "en_GB"}
_VOWELS = "aàâeéèêhiîoôuy"
_NOT_ELIDED = ("Halifax", "Harare", "Ho Chi Minh", "Hong Kong", "Hovd", "Ya")  # an h that is breathed, a y that glides
_NO_CITIES = ("UTC", "GMT")
_FRENCH_PLACES = {
    "America/Guadeloupe": "la Guadeloupe",
    "America/Martinique": "la Martinique",
    "America/Miquelon": "Saint-Pierre-et-Miquelon",
}
"""Where French puts an article, or has another name, that the CLDR does not."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Speaks to one person. `locale` is a catalog (`fr`, `en`), `timezone` an IANA name."""

    locale: str
    timezone: str

    @classmethod
    def from_user(cls, user: User) -> "Reader":
        return cls(user.locale, user.timezone)

    def text(self, message: str, /, **values: str | int) -> str:
        """Return a message of the catalog in the reader's language, with `{names}` filled in."""
        return load_catalog(self.locale).gettext(message).format(**values)

    def many(self, one: str, several: str, count: int, /, **values: str | int) -> str:
        """Return the singular or the plural as the reader's language counts; `{count}` is filled in."""
        return load_catalog(self.locale).ngettext(one, several, count).format(count=count, **values)

    def day(self, day: date) -> str:
        """`jeudi 12 mars 2026`, `Thursday 12 March 2026`."""
        return _day(self.locale, day)

    def day_of(self, instant: datetime) -> str:
        """The day of an instant on the reader's wall clock."""
        return self.day(self.local_day(instant))

    def short_day(self, day: date) -> str:
        """`jeu. 12/03`, `Thu 12/03`."""
        return format_date(day, "EEE dd/MM", locale=self._babel)

    def short_day_of(self, instant: datetime) -> str:
        return self.short_day(self.local_day(instant))

    def local_day(self, instant: datetime) -> date:
        """The date of an instant on the reader's wall clock."""
        return instant.astimezone(self._zone).date()

    @staticmethod
    def heading(text: str) -> str:
        """A text as it begins a line of its own: `Jeudi 12 mars 2026`. Inside a sentence French days are small."""
        return text[:1].upper() + text[1:]

    def time(self, instant: datetime) -> str:
        """`14:30`, on the reader's wall clock."""
        return self.wall(instant.astimezone(self._zone).time())

    @staticmethod
    def wall(wall: wall_clock) -> str:
        """`14:30`, as it stands on somebody's wall clock; French and English write it alike."""
        return f"{wall:%H:%M}"

    def weekday(self, day_of_week: int) -> str:
        """`mercredi`, `Wednesday`; 0 is Sunday."""
        name: str = self._babel.days["format"]["wide"][(day_of_week - 1) % 7]
        return name

    def days_of_week(self) -> list[int]:
        """The days of a week as the reader's calendar has them in a row; 0 is Sunday."""
        return [(self._babel.first_week_day + 1 + place) % 7 for place in range(7)]

    def when(self, instant: datetime) -> str:
        """`jeudi 12 mars 2026 à 14:30 (heure de Paris)`: day, time and the zone they are told in."""
        return self.text(
            "{day} at {time} ({zone})",
            day=self.day_of(instant),
            time=self.time(instant),
            zone=self.zone_name(),
        )

    def zone_name(self) -> str:
        """`heure de Paris`, `heure d’Athènes`, `heure du Caire`, `Paris time`."""
        return _zone_name(self)

    def number(self, value: float) -> str:
        """`1,5`, `1.5`."""
        return format_decimal(value, locale=self._babel)

    def duration(self, minutes: int) -> str:
        """`45 min`, `2 h`, `1 h 30`, `0 h`."""
        hours, rest = divmod(minutes, 60)
        if rest and not hours:
            return self.text("{minutes} min", minutes=rest)
        if not rest:
            return self.text("{hours} h", hours=hours)
        return self.text("{hours} h {minutes}", hours=hours, minutes=f"{rest:02}")

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def _babel(self) -> Locale:
        return _read_locale(self.locale)


@cache
def _read_locale(locale: str) -> Locale:
    return Locale.parse(_BABEL_LOCALES[locale])


@lru_cache(maxsize=1024)
def _day(locale: str, day: date) -> str:
    """Many messages that go out together are about the same day."""
    if locale == "fr" and day.day == 1:
        return format_date(day, "EEEE '1er' MMMM y", locale=_read_locale(locale))
    return format_date(day, "EEEE d MMMM y", locale=_read_locale(locale))


@lru_cache(maxsize=1024)
def _zone_name(reader: Reader) -> str:
    """Read what the CLDR says of a zone once: it is a third of what drawing a message takes."""
    city = get_timezone_location(ZoneInfo(reader.timezone), locale=_read_locale(reader.locale), return_city=True)
    if reader.locale == "fr":
        city = _FRENCH_PLACES.get(reader.timezone, city)
    if city.startswith(_NO_CITIES):
        return city
    if reader.locale == "fr" and city[:1].lower() in _VOWELS and not city.startswith(_NOT_ELIDED):
        return reader.text("{city} time (elided)", city=city)
    if reader.locale == "fr" and city.startswith("Le "):
        return reader.text("{city} time (contracted)", city=city.removeprefix("Le "))
    return reader.text("{city} time", city=city)
