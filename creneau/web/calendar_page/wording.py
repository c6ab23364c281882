"""What the pages for connecting a calendar say, and which field an error belongs to."""

from creneau.calendar_sync.calendar import (
    AuthenticationFailed,
    CalendarError,
    CalendarRefused,
    CalendarUnavailable,
    HostNotAllowed,
    HostUnknown,
    MailAddress,
    NoCalendar,
    NotCaldav,
    NotThere,
    OtherHost,
    TlsFailed,
)
from creneau.core.domain.credentials import CredentialKind
from creneau.core.domain.errors import TextInvalid
from creneau.core.domain.page_links import PageVisit
from creneau.core.i18n.reader import Reader

Words = dict[str, str]


def who(reader: Reader, visit: PageVisit) -> str:
    return reader.text("For {name}, {organization}", name=visit.user.name, organization=visit.organization.name)


def account(reader: Reader, visit: PageVisit) -> Words:
    return {
        "title": reader.text("Connect your calendar"),
        "who": who(reader, visit),
        "about": reader.text(
            "Confirmed sessions are put into a calendar of yours. The connection is tested at once; the password is"
            " kept encrypted and is sent to this server alone."
        ),
        "address": reader.text("Address of the CalDAV server"),
        "address_hint": reader.text(
            "Your provider names it, for example caldav.icloud.com. Google’s and Microsoft’s calendars cannot be"
            " connected: they read a feed, from /calendar in Slack."
        ),
        "username": reader.text("User name"),
        "username_hint": reader.text("Often your e-mail address."),
        "credential": reader.text("How do you sign in to this account?"),
        "by_password": reader.text("With a user name and a password"),
        "by_token": reader.text("With a token alone: no user name is needed"),
        "password": reader.text("App password or token"),
        "password_hint": reader.text("Make one for this use where your provider offers them."),
        "test": reader.text("Test the connection"),
    }


def choice(reader: Reader, visit: PageVisit) -> Words:
    return {
        "title": reader.text("Choose a calendar"),
        "who": who(reader, visit),
        "choose": reader.text("Where should sessions be put?"),
        "choose_hint": reader.text("Creneau touches nothing there but the events that it made itself."),
        "busy": reader.text("Which calendars block your times?"),
        "busy_hint": reader.text(
            "Where an event stands in one of them, you cannot be booked. Creneau reads when, never what. The calendar"
            " for sessions always counts."
        ),
        "hours": reader.text("Show your bookable hours in your account?"),
        "hours_hint": reader.text(
            "They come back each week and take none of your time: everybody who sees that calendar sees when you can be"
            " booked. Holidays and time off are left out."
        ),
        "hours_none": reader.text("No"),
        "hours_new": reader.text("In a new calendar that is made for them"),
        "inbox": reader.text("Also tell the server: whoever invites you there sees you as unavailable at other times"),
        "connect": reader.text("Connect this calendar"),
    }


def not_apart(reader: Reader) -> Words:
    return {"hours": reader.text("calendar.hours_not_apart")}


def done(reader: Reader, visit: PageVisit, calendar: str) -> dict[str, object]:
    return {
        "title": reader.text("Your calendar is connected"),
        "who": who(reader, visit),
        "lines": [
            reader.text("Confirmed sessions are on their way to “{calendar}”.", calendar=calendar),
            reader.text("You can close this page. In Slack, /calendar shows how the calendar is doing."),
        ],
    }


def spent(reader: Reader) -> dict[str, object]:
    return {
        "title": reader.text("This link is no longer good"),
        "lines": [
            reader.text("It works once, for fifteen minutes, and only the newest one does."),
            reader.text("To get a new one, type /calendar in Slack."),
        ],
    }


def not_from_here(reader: Reader) -> Words:
    """Said when the form did not come back from the browser that it was sent to."""
    return {
        "form": reader.text("For your safety the form was not taken. Please fill it in again, with cookies allowed.")
    }


def missing(reader: Reader, **entered: str) -> Words:
    return {name: reader.text("Please fill this in.") for name, value in entered.items() if not value.strip()}


def unfit(reader: Reader, refusal: TextInvalid) -> Words:
    field = {"calendar_url": "address"}.get(str(refusal.details["field"]), str(refusal.details["field"]))
    return {field: reader.text("This cannot be right: it is too long, or has characters that cannot be sent.")}


def failure(reader: Reader, error: CalendarError, credential: CredentialKind = CredentialKind.PASSWORD) -> Words:
    """Return what came of asking the server, at the field that can mend it."""
    if not isinstance(error, AuthenticationFailed):
        return {"address": _at_address(reader, error)}
    if credential is CredentialKind.TOKEN:
        return {"password": reader.text("The server does not accept this token.")}
    said = reader.text("The server does not accept this user name and password. Many providers want an app password.")
    return {"password": said}


def _at_address(reader: Reader, error: CalendarError) -> str:
    match error:
        case OtherHost(host=host):
            return reader.text("This server sends on to {host}. If that is yours, enter that address.", host=host)
        case HostNotAllowed():
            return reader.text(
                "This address leads into a private network or is not encrypted: it is not allowed here. The operator"
                " of this service can allow it."
            )
        case HostUnknown():
            return reader.text("There is no server of this name. Please check the address.")
        case TlsFailed():
            return reader.text(
                "The encrypted connection to this server fails: its certificate is not trusted, or it does not speak"
                " https."
            )
        case NoCalendar():
            return reader.text("This account has no calendar that can be written to.")
        case NotCaldav() | NotThere():
            return _not_caldav(reader, error)
        case CalendarUnavailable():
            return reader.text("The server does not answer at the moment. Please try again in a few minutes.")
        case CalendarRefused(status=status):
            return reader.text("The server refused the request (HTTP {status}).", status=status)
    return reader.text("The server gave an answer that is not understood here.")


def _not_caldav(reader: Reader, error: CalendarError) -> str:
    if isinstance(error, MailAddress):
        return reader.text("This is an e-mail address. Please enter the address of the calendar server.")
    return reader.text("Something answers at this address, but it is not a CalDAV server.")
