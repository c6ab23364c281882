"""Calendar objects as other programs write them."""


def event(*lines: str, uid: str = "dentist") -> str:
    body = "\r\n".join(lines)
    return f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n{body}\r\nEND:VEVENT\r\n"


def an_object(*events: str, zones: str = "") -> bytes:
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//other//EN\r\n{zones}{''.join(events)}END:VCALENDAR\r\n".encode()
    )


def one(*lines: str, uid: str = "dentist") -> bytes:
    """An object of one event."""
    return an_object(event(*lines, uid=uid))


OWN_ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Home\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0300\r\n"
    "TZOFFSETTO:+0300\r\nTZNAME:H\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
