"""A server's answer to PROPFIND (RFC 4918 section 13), read without trust: no document type, so no entities."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate

DAV = "DAV:}"
CALDAV = "urn:ietf:params:xml:ns:caldav}"


class NotMultistatus(Exception):
    """Not the XML that a WebDAV server answers a PROPFIND with."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of an answer, with the properties that it has."""

    href: str
    properties: dict[str, Element]

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


def read_multistatus(body: bytes) -> list[Resource]:
    """Raises: NotMultistatus."""
    root = _parse(body)
    if root.tag != f"{DAV}multistatus":
        raise NotMultistatus
    return list(_resources(root))


def _resources(root: Element) -> Iterator[Resource]:
    for response in root.findall(f"{DAV}response"):
        href = (response.findtext(f"{DAV}href") or "").strip()
        properties: dict[str, Element] = {}
        for propstat in response.findall(f"{DAV}propstat"):
            if " 200" in (propstat.findtext(f"{DAV}status") or ""):
                properties |= {node.tag: node for prop in propstat.findall(f"{DAV}prop") for node in prop}
        if href:
            yield Resource(href, properties)


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
    except (ExpatError, AssertionError) as error:
        raise NotMultistatus from error
