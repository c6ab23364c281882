"""Public holidays by the library `holidays`, which reads files: outside the pure domain, which is given dates."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

_ENGLISH = ("en_GB", "en_US")


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday by its name in some language; `is_worked` where a consultant works on it all the same."""

    day: date
    name: str
    is_worked: bool = False


@lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Return the public holidays of a country, or of a subdivision of it (`57` for Moselle); none if it is unknown."""
    if not is_known_region(country, subdivision):
        return frozenset()
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


@lru_cache(maxsize=512)
def is_known_region(country: str, subdivision: str | None) -> bool:
    """Tell whether holidays are known of a country (ISO 3166-1), or of a subdivision of it."""
    subdivisions = holidays.list_supported_countries(include_aliases=True).get(country)
    return subdivisions is not None and (subdivision is None or subdivision in subdivisions)


def holidays_between(country: str, subdivision: str | None, first: date, last: date) -> frozenset[date]:
    """Return the public holidays from `first` to `last`, both included."""
    years = range(first.year, last.year + 1)
    return frozenset(
        day for year in years for day in public_holidays(country, subdivision, year) if first <= day <= last
    )


def named_holidays(country: str, subdivision: str | None, first: date, last: date, locale: str) -> list[Holiday]:
    """Return the public holidays from `first` to `last` in their order, named in a language the library has."""
    if not is_known_region(country, subdivision):
        return []
    spoken: tuple[str, ...] = getattr(holidays, country).supported_languages
    wanted = _ENGLISH if locale == "en" else (locale,)
    language = next((name for name in wanted if name in spoken), None)
    years = range(first.year, last.year + 1)
    named = holidays.country_holidays(country, subdiv=subdivision, years=years, language=language)
    return [Holiday(day, name.replace("'", "’")) for day, name in sorted(named.items()) if first <= day <= last]
