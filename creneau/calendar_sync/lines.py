"""Content lines of iCalendar (RFC 5545 section 3.1): what people wrote is escaped, long lines are folded. Pure."""

import re
import unicodedata
from datetime import datetime
from functools import lru_cache

_FOLD = re.compile(rb"\r?\n[ \t]")
_LONGEST = 75  # octets, without the line break
_UNSAFE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_YEARS = tuple(f"{year:04}" for year in range(10_000))
_DAYS = tuple(f"{month:02}{day:02}T" for month in range(13) for day in range(32))
_MINUTES = tuple(f"{hour:02}{minute:02}" for hour in range(24) for minute in range(60))
_SECONDS = tuple(f"{second:02}Z" for second in range(60))
"""To be looked up: a feed writes three thousand instants at once."""
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,"})


def one_line(text: str) -> str:
    """Return a text without line breaks and without the characters that servers refuse or store differently."""
    spaced = "".join(" " if unicodedata.category(character) in _UNSAFE else character for character in text)
    return " ".join(spaced.split())


@lru_cache(maxsize=4096)
def text_line(name: str, text: str) -> str:
    """Return the line of a property of type TEXT, folded and ended; a feed says the same few again and again."""
    return fold(f"{name}:{one_line(text).translate(_ESCAPED)}")


def fold(line: str) -> str:
    """Return a line in pieces of at most 75 octets that no character is cut by, with CRLF at the end."""
    if len(line) <= _LONGEST and line.isascii():
        return f"{line}\r\n"
    pieces: list[str] = []
    piece, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > _LONGEST:
            pieces.append(piece)
            piece, octets = " ", 1
        piece += character
        octets += size
    return "\r\n".join([*pieces, piece]) + "\r\n"


def unfold(ics: bytes) -> bytes:
    """Return lines in one piece each, whoever folded them."""
    return _FOLD.sub(b"", ics)


def instant(at: datetime) -> str:
    """Return a UTC instant as iCalendar writes it, without fractions of a second."""
    day, minute = _DAYS[at.month * 32 + at.day], _MINUTES[at.hour * 60 + at.minute]
    return f"{_YEARS[at.year]}{day}{minute}{_SECONDS[at.second]}"
