"""What people read: dates, zones, durations, plurals."""

import re
from datetime import UTC, date, datetime
from zoneinfo import available_timezones

import pytest

from creneau.core.domain.booking import MeetingFormat, SessionType, Status
from creneau.core.domain.time import find_zone
from creneau.core.i18n.catalog import LOCALES, closest_locale
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import format_name, session_type_name, status_name

FRENCH, ENGLISH = Reader("fr", "Europe/Paris"), Reader("en", "Europe/Paris")
NO_BREAK = "\u00a0\u202f"
HALF_PAST_TWO = datetime(2026, 3, 12, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        (date(2026, 3, 12), "jeudi 12 mars 2026", "Thursday 12 March 2026"),
        (date(2026, 3, 1), "dimanche 1er mars 2026", "Sunday 1 March 2026"),
        (date(2027, 1, 1), "vendredi 1er janvier 2027", "Friday 1 January 2027"),
        (date(2026, 8, 11), "mardi 11 août 2026", "Tuesday 11 August 2026"),
        (date(2026, 12, 31), "jeudi 31 décembre 2026", "Thursday 31 December 2026"),
    ],
)
def test_days_are_written_as_people_write_them(day: date, french: str, english: str):
    assert FRENCH.day(day) == french
    assert ENGLISH.day(day) == english


def test_a_day_has_a_capital_where_it_begins_a_line():
    assert FRENCH.heading(FRENCH.day(date(2026, 6, 3))) == "Mercredi 3 juin 2026"
    assert FRENCH.heading("") == ""


def test_short_days_are_day_first_in_both_languages():
    assert FRENCH.short_day(date(2026, 3, 12)) == "jeu. 12/03"
    assert ENGLISH.short_day(date(2026, 3, 12)) == "Thu 12/03"


def test_an_instant_is_told_on_the_reader_s_own_wall_clock():
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)

    assert (FRENCH.day_of(late), FRENCH.time(late)) == ("mardi 1er décembre 2026", "00:30")
    in_new_york = Reader("en", "America/New_York")
    assert (in_new_york.day_of(late), in_new_york.time(late)) == ("Monday 30 November 2026", "18:30")
    assert in_new_york.local_day(late) == date(2026, 11, 30)
    assert FRENCH.short_day_of(late) == "mar. 01/12"


def test_a_moment_is_told_with_its_zone():
    assert FRENCH.when(HALF_PAST_TWO) == "jeudi 12 mars 2026 à 14:30 (heure de Paris)"
    assert ENGLISH.when(HALF_PAST_TWO) == "Thursday 12 March 2026 at 14:30 (Paris time)"


@pytest.mark.parametrize(
    ("zone", "french", "english"),
    [
        ("Europe/Paris", "heure de Paris", "Paris time"),
        ("Europe/London", "heure de Londres", "London time"),
        ("Europe/Athens", "heure d’Athènes", "Athens time"),
        ("Africa/Algiers", "heure d’Alger", "Algiers time"),
        ("Europe/Helsinki", "heure d’Helsinki", "Helsinki time"),
        ("Asia/Hong_Kong", "heure de Hong Kong", "Hong Kong time"),
        ("Asia/Yangon", "heure de Yangon", "Yangon time"),
        ("Africa/Cairo", "heure du Caire", "Cairo time"),
        ("Indian/Reunion", "heure de La Réunion", "Réunion time"),
        ("America/Cayenne", "heure de Cayenne", "Cayenne time"),
        ("America/Martinique", "heure de la Martinique", "Martinique time"),
        ("Etc/UTC", "UTC", "UTC"),
    ],
)
def test_a_zone_is_named_by_its_city(zone: str, french: str, english: str):
    assert Reader("fr", zone).zone_name() == french
    assert Reader("en", zone).zone_name() == english


@pytest.mark.parametrize("locale", LOCALES)
def test_every_zone_that_is_accepted_has_a_name(locale: str):
    zones = [name for name in sorted(available_timezones()) if find_zone(name)]

    assert all(Reader(locale, name).zone_name() for name in zones)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(0, "0 h"), (5, "5 min"), (45, "45 min"), (60, "1 h"), (90, "1 h 30"), (65, "1 h 05"), (480, "8 h")],
)
def test_durations_are_hours_and_minutes_that_no_line_breaks_apart(minutes: int, expected: str):
    french, english = FRENCH.duration(minutes), ENGLISH.duration(minutes)

    assert re.sub(f"[{NO_BREAK}]", " ", french) == re.sub(f"[{NO_BREAK}]", " ", english) == expected
    assert " " not in french


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [(0, "et 0 autre", "and 0 more"), (1, "et 1 autre", "and 1 more"), (2, "et 2 autres", "and 2 more")],
)
def test_plurals_follow_the_reader_s_language(count: int, french: str, english: str):
    assert FRENCH.many("and {count} more", "and {count} more", count).replace("\u00a0", " ") == french
    assert ENGLISH.many("and {count} more", "and {count} more", count).replace("\u00a0", " ") == english


@pytest.mark.parametrize(
    ("wanted", "closest"),
    [
        ("fr", "fr"),
        ("fr-FR", "fr"),
        ("fr_CA", "fr"),
        ("FR", "fr"),
        ("en", "en"),
        ("en-GB", "en"),
        ("en_US", "en"),
        ("de-DE", "fr"),
        ("", "fr"),
        (None, "fr"),
        ("-", "fr"),
    ],
)
def test_the_closest_language_is_spoken_and_french_when_there_is_none(wanted: str | None, closest: str):
    assert closest_locale(wanted) == closest


@pytest.mark.parametrize("reader", [FRENCH, ENGLISH])
def test_every_word_of_the_domain_has_a_name_of_its_own(reader: Reader):
    for names in (
        [status_name(reader, status) for status in Status],
        [format_name(reader, meeting_format) for meeting_format in MeetingFormat],
        [session_type_name(reader, session_type) for session_type in SessionType],
    ):
        assert all(names)
        assert len(set(names)) == len(names)
