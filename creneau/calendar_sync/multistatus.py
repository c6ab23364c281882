"""A server's answer to PROPFIND and REPORT (RFC 4918 section 13), read without trust: no document type, no entities."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate

DAV = "DAV:}"
CALDAV = "urn:ietf:params:xml:ns:caldav}"


_STATUS = re.compile("[1-9][0-9]{2}")
_CONFLICTS = (f"{CALDAV}no-uid-conflict", f"{CALDAV}unique-scheduling-object-resource")


class NotMultistatus(Exception):
    """Not the XML that a WebDAV server answers a PROPFIND with."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of an answer, with the properties that it has.

    `status` is the resource's own (404: it is gone; 507: there is more of it), None where only properties have one.
    """

    href: str
    properties: dict[str, Element]
    status: int | None = None

    def hrefs(self, name: str) -> list[str]:
        """Return the addresses in a property, such as a principal's calendar homes."""
        found = self.properties.get(name)
        nodes = found.iter(f"{DAV}href") if found is not None else ()
        return [node.text.strip() for node in nodes if node.text]

    def text(self, name: str) -> str:
        found = self.properties.get(name)
        return (found.text or "").strip() if found is not None else ""

    def has(self, name: str, *marks: str) -> bool:
        """Tell whether a property holds one of some elements."""
        found = self.properties.get(name)
        return found is not None and any(node.tag in marks for node in found.iter())


@dataclass(frozen=True, slots=True)
class Multistatus:
    """A whole answer. `sync_token` is where the next synchronization begins (RFC 6578 section 6.4)."""

    resources: list[Resource]
    sync_token: str | None


def read_multistatus(body: bytes) -> list[Resource]:
    """Raises: NotMultistatus."""
    return read_report(body).resources


def read_report(body: bytes) -> Multistatus:
    """Raises: NotMultistatus."""
    root = _parse(body)
    if root.tag != f"{DAV}multistatus":
        raise NotMultistatus
    token = (root.findtext(f"{DAV}sync-token") or "").strip()
    return Multistatus(list(_resources(root)), token or None)


def read_conflict(body: bytes) -> str | None:
    """Return where the event of the same UID stands that a PUT was refused for; empty where that is not told.

    None: it was refused for something else.
    """
    try:
        root = _parse(body)
    except NotMultistatus:
        return None
    for mark in _CONFLICTS:
        for node in root.iter(mark):
            return (node.findtext(f"{DAV}href") or "").strip()
    return None


def _resources(root: Element) -> Iterator[Resource]:
    for response in root.findall(f"{DAV}response"):
        properties: dict[str, Element] = {}
        for propstat in response.findall(f"{DAV}propstat"):
            if " 200" in (propstat.findtext(f"{DAV}status") or ""):
                properties |= {node.tag: node for prop in propstat.findall(f"{DAV}prop") for node in prop}
        status = _status(response.findtext(f"{DAV}status"))
        for node in response.findall(f"{DAV}href"):
            if node.text and node.text.strip():
                yield Resource(node.text.strip(), properties, status)


def _status(line: str | None) -> int | None:
    """Read a status line, such as `HTTP/1.1 404 Not Found`."""
    words = (line or "").split()
    return int(words[1]) if len(words) > 1 and _STATUS.fullmatch(words[1]) else None


def _parse(body: bytes) -> Element:
    """Parse without the document types that entities need. Raises: NotMultistatus."""
    builder = TreeBuilder()
    parser = ParserCreate(namespace_separator="}")
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data

    def refuse(*_: object) -> None:
        raise NotMultistatus

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat's own argument: this is the whole of it
        return builder.close()
    except (ExpatError, AssertionError, LookupError, ValueError) as error:  # the last two: of encodings
        raise NotMultistatus from error
