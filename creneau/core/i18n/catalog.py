"""The catalogs, read from their .po files: French and English. A message without a translation is a defect."""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = ("fr", "en")
DEFAULT_LOCALE = "fr"

_FOLDER = Path(__file__).parent


def closest_locale(wanted: str | None) -> str:
    """Return the catalog for a language tag such as `fr-FR` or `en_GB`; French for a language we do not speak."""
    language = (wanted or "").replace("_", "-").split("-")[0].lower()
    return language if language in LOCALES else DEFAULT_LOCALE


@cache
def load_catalog(locale: str) -> gettext.GNUTranslations:
    with (_FOLDER / f"{locale}.po").open("rb") as source:
        compiled = BytesIO()
        write_mo(compiled, read_po(source, locale=locale))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
