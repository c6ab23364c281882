"""What servers answer when they are asked what a calendar holds, each in its own spelling."""

import pytest

from creneau.calendar_sync.calendar import NotThere
from creneau.calendar_sync.collection import canonical, multiget_request, strong_etag, to_changes, to_objects
from creneau.calendar_sync.multistatus import read_conflict, read_report

HOME = "https://dav.example:8443/paul@example.org/sessions/"
A = "https://dav.example:8443/paul@example.org/sessions/a.ics"
PATH = "/paul@example.org/sessions/"


def answer(*responses: str, prefix: str = "d", more: str = "") -> bytes:
    body = "".join(f"<d:response>{one}</d:response>" for one in responses)
    text = f'<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">{body}{more}</d:multistatus>'
    return text.replace("d:", f"{prefix}:").replace(":d=", f":{prefix}=").encode()


def found(href: str, etag: str = '"1"', kind: str = "", status: str = "HTTP/1.1 200 OK") -> str:
    prop = f"<d:getetag>{etag}</d:getetag><d:resourcetype>{kind}</d:resourcetype>"
    return f"<d:href>{href}</d:href><d:propstat><d:prop>{prop}</d:prop><d:status>{status}</d:status></d:propstat>"


ITSELF = found(PATH, kind="<d:collection/>")


@pytest.mark.parametrize(
    ("body", "etags"),
    [
        (answer(ITSELF, found(f"{PATH}a.ics")), {A: '"1"'}),
        (answer(ITSELF, found(f"{PATH}a.ics"), prefix="D"), {A: '"1"'}),
        (
            answer(found(f"{PATH}a.ics")).replace(b"d:", b"").replace(b"xmlns:d", b"xmlns").replace(b":d=", b"="),
            {A: '"1"'},
        ),
        (answer(found("/paul%40example.org/sessions/a.ics")), {A: '"1"'}),
        (answer(found("https://DAV.example:8443/paul@example.org/sessions/a.ics")), {A: '"1"'}),
        (answer(found(A, status="HTTP/2 200")), {A: '"1"'}),
        (answer(found(PATH.rstrip("/"), kind="<d:collection/>"), found(f"\n {PATH}a.ics \n")), {A: '"1"'}),
        (answer(found(f"{PATH}a.ics", "W/&quot;1&quot;")), {A: None}),
        (answer(found(f"{PATH}a.ics", "1")), {A: None}),
        (answer(found(f"{PATH}a.ics", '"1\n2"')), {A: None}),
        (answer(found(f"{PATH}a.ics", '"&#233;"')), {A: None}),
        (answer(found(f"{PATH}a.ics", status="HTTP/1.1 404 Not Found")), {A: None}),
        (
            answer(
                found(f"{PATH}sub/", kind="<d:collection/>"), found("/other/a.ics"), found("https://else.example/a.ics")
            ),
            {},
        ),
    ],
    ids=[
        "itself",
        "another prefix",
        "no prefix",
        "percent",
        "absolute",
        "http2",
        "no slash and white space",
        "weak",
        "unquoted",
        "two lines",
        "no header carries it",
        "a property that is not found is no deletion",
        "what is not ours to read",
    ],
)
def test_a_listing_is_read_however_it_is_spelled(body: bytes, etags: dict[str, str | None]):
    changes = to_changes(read_report(body), HOME, is_whole=True)
    assert (dict(changes.etags), changes.gone) == (etags, frozenset())


def test_an_address_that_no_index_takes_is_left_out_of_a_listing():
    changes = to_changes(
        read_report(answer(found(f"{PATH}{'a' * 3000}.ics"), found(f"{PATH}a.ics"))), HOME, is_whole=True
    )
    assert list(changes.etags) == [A]


def test_only_what_a_response_itself_says_is_gone_is_gone():
    gone = f"<d:href>{PATH}a.ics</d:href><d:status>HTTP/1.1 404 Not Found</d:status>"
    changes = to_changes(read_report(answer(gone, more="<d:sync-token>two</d:sync-token>")), HOME, is_whole=False)
    assert (changes.gone, changes.token) == (frozenset({A}), "two")
    here_too = to_changes(read_report(answer(gone, found(f"{PATH}a.ics"))), HOME, is_whole=False)
    assert here_too.gone == frozenset(), "one server says both of what was made anew"
    with pytest.raises(NotThere):
        to_changes(read_report(answer(gone.replace("a.ics", ""))), HOME, is_whole=True)


def test_objects_of_a_multiget_come_back_under_the_names_they_were_asked_by():
    data = '<d:href>/paul%40example.org/sessions/a.ics</d:href><d:propstat><d:prop><d:getetag>"1"</d:getetag>'
    data += (
        "<c:calendar-data>BEGIN:VCALENDAR</c:calendar-data></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>"
    )
    gone = f"<d:href>{PATH}b.ics</d:href><d:status>HTTP/1.1 404 Not Found</d:status>"
    empty = found(f"{PATH}c.ics")
    asked = [A, A.replace("a.ics", "b.ics"), A.replace("a.ics", "c.ics")]
    objects = to_objects(read_report(answer(data, gone, empty)), asked, HOME)
    assert {href: one.ics for href, one in objects.items()} == {A: b"BEGIN:VCALENDAR"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://dav.example/a%20b/", "https://DAV.example:443/a b/"),
        ("http://dav.example/~paul/", "http://dav.example:80/%7Epaul/"),
        ("https://dav.example/%C3%A9/", "https://dav.example/é/"),
        ("https://[::1]/a/", "https://[::1]:443/a/"),
    ],
)
def test_an_address_has_one_spelling(one: str, other: str):
    assert canonical(one) == canonical(other)


def test_a_slash_within_a_name_is_kept_apart_from_one_between_two():
    assert canonical("https://dav.example/c/a%2fb.ics") == "https://dav.example/c/a%2Fb.ics"
    listing = read_report(answer(found(f"{PATH}a%2Fb.ics")))
    [href] = to_changes(listing, HOME, is_whole=True).etags
    assert f"<href>{PATH}a%2Fb.ics</href>".encode() in multiget_request([href])


def test_ports_and_bytes_that_are_no_text_tell_addresses_apart():
    assert canonical("/a", "https://dav.example:8443/") == "https://dav.example:8443/a"
    assert canonical("/%FF", HOME) != canonical("/%FE", HOME)


@pytest.mark.parametrize("etag", ['"', '""', "", "abc", 'W/"a"', '"a'])
def test_an_etag_that_cannot_be_matched_is_none(etag: str):
    assert strong_etag(etag) is None
    assert strong_etag(' "a" ') == '"a"'


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", None),
        (b"<html>Login</html>", None),
        (b'{"error": 1}', None),
        (b'<error xmlns="DAV:"><valid-sync-token/></error>', None),
        (b'<error xmlns="DAV:"><no-uid-conflict xmlns="urn:ietf:params:xml:ns:caldav"/></error>', ""),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><error xmlns="DAV:">&a;</error>', None),
    ],
)
def test_a_refusal_is_read_for_where_the_same_uid_stands(body: bytes, where: str | None):
    assert read_conflict(body) == where
