"""Nextcloud's calendar trash bin: what was deleted keeps its UID and its name there, and stands in the way of both.

Making an event anew is answered with 400, deleting it for the third time with 403 (nextcloud/server #30096, #42582).
Pure.
"""

import re
from xml.sax.saxutils import escape

from creneau.calendar_sync.lines import unfold

_IN_THE_WAY = {
    400: b"Deleted calendar object with uid already exists",
    403: b"can't be moved into the trashbin",
}
_HOME = re.compile(r"(.*/calendars/[^/]+/)[^/]+/")
_UID = re.compile(rb"^UID:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE)


def is_in_the_way(status: int, body: bytes) -> bool:
    """Tell whether a request was refused for what lies in the trash."""
    return _IN_THE_WAY.get(status, b"\0") in body


def trash_of(calendar_url: str) -> str | None:
    """Return the address of the trash that a calendar's objects go into, if it is like one of Nextcloud's."""
    found = _HOME.fullmatch(calendar_url)
    return f"{found[1]}trashbin/objects/" if found else None


def trash_query(uid: str) -> bytes:
    """Ask for deleted events by UID; the answer may hold others whose UID only contains it."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:prop-filter name="UID">
<C:text-match collation="i;octet">{escape(uid)}</C:text-match>
</C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>""".encode()


def uid_in(ics: bytes) -> str:
    """Return the UID of an object; empty where it has none."""
    found = _UID.search(ics)
    return unfold(found[1]).decode(errors="replace").strip() if found else ""
