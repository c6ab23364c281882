"""How a refusal reads: the sentence of its code in the reader's language, and the next free times if there are any."""

from creneau.core.domain.errors import Refusal, SlotUnavailable
from creneau.core.i18n.catalog import LOCALES
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import in_words


def sentence(reader: Reader, refusal: Refusal) -> str:
    """Return what to say to a person. Every code has its sentence in every catalog."""
    said = reader.text(refusal.code, **in_words(reader, refusal.details))
    if isinstance(refusal, SlotUnavailable) and refusal.alternatives:
        times = ", ".join(
            f"{reader.short_day_of(time.span.starts_at)} {reader.time(time.span.starts_at)}"
            for time in refusal.alternatives
        )
        return f"{said} {reader.text('Next free times: {times}.', times=times)}"
    return said


def sentence_for_stranger(refusal: Refusal) -> str:
    """Return what to say to somebody whose language is not known: every language we speak."""
    return "\n".join(sentence(Reader(locale, "Europe/Paris"), refusal) for locale in LOCALES)


def in_every_language(message: str, **values: str | int) -> str:
    """Return a message to somebody whose language is not known, a line a language."""
    return "\n".join(Reader(locale, "Europe/Paris").text(message, **values) for locale in LOCALES)
