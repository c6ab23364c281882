"""The settings modal."""

from collections.abc import Sequence
from datetime import time

from creneau.bot import blocks
from creneau.bot.blocks import Block, View
from creneau.core.domain.people import Role, User
from creneau.core.domain.preferences import LATEST_DIGEST, Preferences
from creneau.core.i18n.reader import Reader

PREFERENCES_OPEN = "preferences_open"
PREFERENCES_VIEW = "preferences"
LOCALE_BLOCK = "locale"
ZONE_BLOCK = "timezone"
DIGEST_BLOCK = "digest"
DIGEST_AT_BLOCK = "digest_at"
VIDEO_BLOCK = "video_link"
CHOICE = "choice"
"""The one action of each block."""
WANTED = "wanted"

LANGUAGES = {"fr": "Français", "en": "English"}
ZONES = (
    *("Europe/Paris", "America/Cayenne", "America/Guadeloupe", "America/Martinique", "America/Miquelon"),
    *("Indian/Mayotte", "Indian/Reunion", "Pacific/Noumea", "Pacific/Tahiti", "Pacific/Wallis"),
    *("Europe/Athens", "Europe/Berlin", "Europe/Brussels", "Europe/Bucharest", "Europe/Dublin", "Europe/Helsinki"),
    *("Europe/Istanbul", "Europe/Lisbon", "Europe/London", "Europe/Luxembourg", "Europe/Madrid", "Europe/Rome"),
    *("Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw", "Europe/Zurich", "Africa/Abidjan", "Africa/Algiers"),
    *("Africa/Cairo", "Africa/Casablanca", "Africa/Dakar", "Africa/Johannesburg", "Africa/Kinshasa"),
    *("Africa/Nairobi", "Africa/Tunis", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    *("America/New_York", "America/Sao_Paulo", "America/Toronto", "America/Vancouver"),
    *("Asia/Beirut", "Asia/Dubai", "Asia/Hong_Kong", "Asia/Jerusalem", "Asia/Kolkata", "Asia/Shanghai"),
    *("Asia/Singapore", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland", "UTC"),
)
"""The zones that are offered: those of France first. Somebody who lives in another keeps it."""
DIGEST_TIMES = tuple(time(hour, minute) for hour in range(6, LATEST_DIGEST.hour) for minute in (0, 30))


def open_button(reader: Reader) -> Block:
    return blocks.button(reader.text("Settings"), PREFERENCES_OPEN, "v1")


def preferences(user: User, chosen: Preferences) -> View:
    reader = Reader.from_user(user)
    fields = [
        _choice(reader.text("Language"), LOCALE_BLOCK, [(LANGUAGES[code], code) for code in LANGUAGES], user.locale),
        _choice(reader.text("Time zone"), ZONE_BLOCK, _zones(user), user.timezone),
    ]
    if user.role is Role.CONSULTANT:
        fields += [*_digest(reader, chosen), _video(reader, chosen)]
    return blocks.modal(
        reader.text("Settings"),
        reader.text("Close"),
        fields,
        callback_id=PREFERENCES_VIEW,
        submit=blocks.plain(reader.text("Save")),
    )


def _digest(reader: Reader, chosen: Preferences) -> list[Block]:
    wanted = blocks.option(reader.text("On days with sessions or open requests"), WANTED)
    checkboxes: Block = {"type": "checkboxes", "action_id": CHOICE, "options": [wanted]}
    if chosen.wants_digest:
        checkboxes["initial_options"] = [wanted]
    times = sorted({*DIGEST_TIMES, chosen.digest_at})
    return [
        {
            "type": "input",
            "block_id": DIGEST_BLOCK,
            "optional": True,
            "label": blocks.plain(reader.text("A message in the morning with your day")),
            "element": checkboxes,
        },
        _choice(
            reader.text("At what time"),
            DIGEST_AT_BLOCK,
            [(at.isoformat("minutes"), at.isoformat("minutes")) for at in times],
            chosen.digest_at.isoformat("minutes"),
        ),
    ]


def _video(reader: Reader, chosen: Preferences) -> Block:
    element: Block = {"type": "url_text_input", "action_id": CHOICE}
    if chosen.video_link:
        element["initial_value"] = chosen.video_link
    field = blocks.field(reader.text("Your video room (https://…)"), VIDEO_BLOCK, element, optional=True)
    return field | {"hint": blocks.plain(reader.text("Each video session that you confirm gets this link."))}


def _zones(user: User) -> list[tuple[str, str]]:
    names = [*ZONES] if user.timezone in ZONES else [user.timezone, *ZONES]
    told = {name: Reader(user.locale, name).zone_name() for name in names}
    return [(f"{Reader.heading(told[name])} ({name})", name) for name in names]


def _choice(label: str, block_id: str, options: Sequence[tuple[str, str]], chosen: str) -> Block:
    drawn = {value: blocks.option(text, value) for text, value in options}
    return blocks.select(label, block_id, CHOICE, list(drawn.values()), drawn[chosen])
