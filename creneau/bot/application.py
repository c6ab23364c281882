"""The Bolt app: the same for HTTP and Socket Mode, built from services and nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from creneau.bot.acknowledging import Acknowledger
from creneau.bot.acting import Acting
from creneau.bot.administration.bilans import BilansListeners
from creneau.bot.administration.people import PeopleListeners
from creneau.bot.administration.rules import RulesListeners
from creneau.bot.answering.listeners import AnsweringListeners
from creneau.bot.authorize import WorkspaceTokens, authorize, create_workspace_clients
from creneau.bot.availability.ids import AVAILABILITY_COMMAND, AVAILABILITY_OPEN, HOURS_MENU
from creneau.bot.availability.listeners import AvailabilityListeners
from creneau.bot.booking.listeners import BookingListeners
from creneau.bot.buttons import SESSION_JOIN
from creneau.bot.calendar_changes.listeners import CalendarChangeListeners
from creneau.bot.calendars.addresses import Addresses
from creneau.bot.calendars.ids import CALENDAR_COMMAND, CALENDAR_OPEN
from creneau.bot.calendars.listeners import CalendarListeners
from creneau.bot.changing.listeners import ChangingListeners
from creneau.bot.details.listeners import DetailsListeners
from creneau.bot.details.reader import DetailsReader
from creneau.bot.failures import ErrorReport
from creneau.bot.home.listeners import HomeListeners
from creneau.bot.home.publisher import HomePublisher
from creneau.bot.ids import BOOK_COMMAND, BOOK_OPEN, BOOK_SHORTCUT, UnreadableValue
from creneau.bot.installing.listeners import InstallingListeners
from creneau.bot.listener_pool import ListenerPool
from creneau.bot.outbox import Outbox
from creneau.bot.placing.listeners import PlacingListeners
from creneau.bot.preferences.listeners import PreferencesListeners
from creneau.bot.presence.listeners import PresenceListeners
from creneau.bot.rating.listeners import RatingListeners
from creneau.bot.recording.listeners import RecordingListeners
from creneau.bot.sessions.ids import SESSIONS_COMMAND, SESSIONS_OPEN
from creneau.bot.sessions.listeners import SessionsListeners
from creneau.bot.sessions.reader import SessionsReader
from creneau.bot.stranger import Strangers
from creneau.core.clock import Clock
from creneau.core.services.administration import AdministrationService
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.calendar_changes import CalendarChangeService
from creneau.core.services.calendars import CalendarService
from creneau.core.services.choosing import ChoosingService
from creneau.core.services.diary import DiaryService
from creneau.core.services.feeds import FeedService
from creneau.core.services.installations import InstallationService
from creneau.core.services.listings import ListingService
from creneau.core.services.notes import NotesService
from creneau.core.services.page_links import PageLinkService
from creneau.core.services.people import PeopleService
from creneau.core.services.preferences import PreferencesService
from creneau.core.services.presence import PresenceService
from creneau.core.services.published_hours import PublishedHoursService
from creneau.core.services.scheduling import SchedulingService
from creneau.core.services.slack import SlackService

LISTENER_THREADS = 16  # as many as a process has database connections; acknowledgements do not wait for them
LISTENERS_WAITING = 144

OPENERS = {
    BOOK_COMMAND: BOOK_OPEN,
    BOOK_SHORTCUT: BOOK_OPEN,
    AVAILABILITY_COMMAND: AVAILABILITY_OPEN,
    CALENDAR_COMMAND: CALENDAR_OPEN,
    SESSIONS_COMMAND: SESSIONS_OPEN,
    HOURS_MENU: AVAILABILITY_OPEN,
}
"""The button that opens what a command, a shortcut or a menu opens: for when Slack would not open it in time."""


@dataclass(frozen=True, slots=True)
class BotParts:
    scheduling: SchedulingService
    choosing: ChoosingService
    availability: AvailabilityService
    calendars: CalendarService
    hours: PublishedHoursService
    calendar_changes: CalendarChangeService
    feeds: FeedService
    page_links: PageLinkService
    addresses: Addresses
    people: PeopleService
    slack: SlackService
    files: BookingFileService
    notes: NotesService
    installations: InstallationService
    outbox: Outbox
    homes: HomePublisher
    diaries: DiaryService
    preferences: PreferencesService
    administration: AdministrationService
    presence: PresenceService
    listings: ListingService
    clock: Clock


def create_bot(parts: BotParts, signing_secret: str, client: WebClient) -> App:
    """Build the app. `client` carries the API's address; each request gets a copy with its workspace's token."""
    pool = ListenerPool(LISTENER_THREADS, LISTENERS_WAITING)
    app = App(
        name="creneau",  # else it is sought among the sources of all modules, which takes most of a start
        signing_secret=signing_secret,
        before_authorize=Acknowledger(pool),
        authorize=authorize,
        client=client,
        listener_executor=pool,
        raise_error_for_unhandled_request=False,
    )
    app.middleware(create_workspace_clients(WorkspaceTokens(parts.slack)))
    BookingListeners(parts.scheduling, parts.choosing, parts.people).register(app)
    AvailabilityListeners(parts.availability, parts.scheduling, parts.people, parts.clock).register(app)
    details = DetailsReader(parts.scheduling, parts.files, parts.notes)
    sessions = SessionsReader(parts.diaries)
    acting = Acting(parts.people, parts.outbox, details, sessions)
    of_bookings = (parts.scheduling, parts.people, parts.files)
    CalendarChangeListeners(parts.calendar_changes, parts.people, acting).register(app)
    AnsweringListeners(*of_bookings, parts.outbox, acting).register(app)
    ChangingListeners(*of_bookings, parts.outbox, parts.clock).register(app)
    RecordingListeners(*of_bookings, parts.notes, parts.outbox, acting).register(app)
    RatingListeners(*of_bookings, parts.outbox).register(app)
    PlacingListeners(*of_bookings, parts.outbox).register(app)
    DetailsListeners(parts.people, details).register(app)
    CalendarListeners(
        parts.calendars, parts.feeds, parts.page_links, parts.people, parts.addresses, parts.hours
    ).register(app)
    strangers = Strangers(parts.presence)
    HomeListeners(parts.people, parts.homes, strangers).register(app)
    SessionsListeners(parts.people, sessions).register(app)
    BilansListeners(parts.administration, parts.listings, parts.people).register(app)
    RulesListeners(parts.availability, parts.people).register(app)
    PeopleListeners(
        parts.administration, parts.listings, parts.people, parts.scheduling, parts.outbox, parts.clock
    ).register(app)
    PreferencesListeners(parts.preferences, parts.people, parts.homes).register(app)
    InstallingListeners(parts.installations).register(app)
    PresenceListeners(parts.presence).register(app)
    app.action(SESSION_JOIN)(_let_follow)
    app.action(re.compile(".*"))(_refuse_unknown)
    app.error(ErrorReport(parts.people, strangers, OPENERS))
    return app


def _let_follow(ack: Ack) -> None:
    """The browser opens the link; Slack only wants to know that the click was heard."""
    ack()


def _refuse_unknown(ack: Ack, body: Mapping[str, Any]) -> None:
    """Tell of a button that only another version of the app drew. Raises: UnreadableValue."""
    ack()
    action = body["actions"][0]
    if action["type"] == "button":
        raise UnreadableValue(str(action["action_id"]))
