"""Everything built once and handed on by argument: services, the Bolt app, the job queue, the web application."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import procrastinate
from flask import Flask
from procrastinate import BaseRetryStrategy
from pydantic import SecretStr
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_sdk import WebClient

from creneau.app.manifest import bot_scopes
from creneau.app.outcomes import PatientJobManager
from creneau.app.readiness import Readiness
from creneau.app.retries import BackOff
from creneau.app.schedule import register_expiry, register_housekeeping
from creneau.app.settings import Settings, SettingsInvalid
from creneau.app.slack_clients import open_slack_clients
from creneau.app.subscriptions import follow, register_follow
from creneau.bot.administration.linking import LinkingJobs
from creneau.bot.application import BotParts, create_bot
from creneau.bot.calendar_changes.jobs import CalendarChangeJobs
from creneau.bot.calendars.addresses import Addresses
from creneau.bot.calendars.jobs import CalendarTellingJobs
from creneau.bot.digest.jobs import DigestJobs
from creneau.bot.home.publisher import HomePublisher
from creneau.bot.installing.installer import Installer
from creneau.bot.installing.oauth import AppCredentials, SlackOAuth
from creneau.bot.installing.rotation import TokenRotation
from creneau.bot.jobs import BotJobs
from creneau.bot.other_way import OtherWay
from creneau.bot.outbox import Outbox
from creneau.bot.presence.jobs import PresenceJobs
from creneau.bot.reminders.jobs import ReminderJobs
from creneau.bot.reminders.sender import ReminderSender
from creneau.calendar_sync import jobs as calendar_jobs
from creneau.calendar_sync.caldav import open_caldav
from creneau.calendar_sync.caldav_account import open_caldav_account
from creneau.calendar_sync.calendar import CalendarNotMade
from creneau.calendar_sync.discovery import Discover, discover_caldav
from creneau.calendar_sync.feed import RENDERING
from creneau.calendar_sync.hosts import Hosts
from creneau.calendar_sync.hours_jobs import register_hours
from creneau.calendar_sync.lanes import Lanes
from creneau.calendar_sync.publishing import Publishing
from creneau.calendar_sync.pull import Pull
from creneau.calendar_sync.reading_jobs import register_reading
from creneau.core.clock import Clock, SystemClock
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.ids import OrganizationId, uuid7
from creneau.core.domain.people import User
from creneau.core.domain.rates import RateLimit, RateLimits
from creneau.core.secrets import SecretBox, SecretUnreadable
from creneau.core.services.administration import AdministrationService
from creneau.core.services.admission import AdmissionService
from creneau.core.services.audit import AuditService
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.booking_links import BookingLinkService
from creneau.core.services.busy import BusyService
from creneau.core.services.calendar_changes import CalendarChangeService
from creneau.core.services.calendars import CalendarService
from creneau.core.services.choosing import ChoosingService
from creneau.core.services.diary import DiaryService
from creneau.core.services.digests import DigestService
from creneau.core.services.emails import EmailService
from creneau.core.services.feeds import FeedService
from creneau.core.services.housekeeping import HousekeepingService
from creneau.core.services.installations import InstallationService
from creneau.core.services.listings import ListingService
from creneau.core.services.notes import NotesService
from creneau.core.services.operations import OperationsService
from creneau.core.services.page_links import PageLinkService
from creneau.core.services.people import PeopleService
from creneau.core.services.preferences import PreferencesService
from creneau.core.services.presence import PresenceService
from creneau.core.services.published_hours import PublishedHoursService
from creneau.core.services.readings import ReadingService
from creneau.core.services.reminders import ReminderService
from creneau.core.services.scheduling import SchedulingService
from creneau.core.services.secrets import SecretService
from creneau.core.services.slack import SlackService
from creneau.core.storage.database import Database
from creneau.core.tickets import Tickets
from creneau.mail.envelope import Sender
from creneau.mail.postman import Postman
from creneau.mail.transport import MailTransport
from creneau.web.api.services import ApiServices
from creneau.web.application import WebParts, create_web
from creneau.web.auth import Authenticator
from creneau.web.booking_page import routes as booking_page
from creneau.web.calendar_page.routes import calendar_page_blueprint
from creneau.web.feeds import feeds_door
from creneau.web.jwks import open_jwks
from creneau.web.keys import IdentityKeys
from creneau.web.metrics import Metrics, metrics_blueprint
from creneau.web.slack import slack_blueprint
from creneau.web.slack_install import REDIRECT_PATH, slack_install_blueprint
from creneau.web.tokens import OwnTokens, ProviderTokens, Tokens, TokenSettings, issue_token

UID_DOMAIN = "creneau"
"""What the UID of every session ends in. Never to change: calendars know sessions by their UID."""
RENDERING_IN_FORCE = f"{RENDERING} {UID_DOMAIN}"


@dataclass(frozen=True, slots=True)
class Creneau:
    """The product, wired. `close` lets go of the database."""

    settings: Settings
    clock: Clock
    database: Database
    people: PeopleService
    scheduling: SchedulingService
    availability: AvailabilityService
    notes: NotesService
    audit: AuditService
    reminders: ReminderService
    emails: EmailService
    calendars: CalendarService
    hours: PublishedHoursService
    busy: BusyService
    pull: Pull
    discover: Discover
    feeds: FeedService
    page_links: PageLinkService
    booking_links: BookingLinkService
    slack: SlackService
    files: BookingFileService
    secrets: SecretService
    installations: InstallationService
    installer: Installer
    rotation: TokenRotation
    tokens: TokenSettings | None
    outbox: Outbox
    homes: HomePublisher
    preferences: PreferencesService
    operations: OperationsService
    jobs: procrastinate.App
    bot: App
    open_web: Callable[[], Flask]

    @property
    def web(self) -> Flask:
        """The web front, built when it is first asked for: to describe the API takes most of a start."""
        return self.open_web()

    def issue_token(self, user: User, lifetime: timedelta) -> str:
        """Return a bearer token for a user. Raises: SettingsInvalid where an identity provider issues them."""
        if self.tokens is None:
            raise SettingsInvalid(["CRENEAU_JWT_SECRET: is not set; tokens come from the identity provider"])
        return issue_token(self.tokens, user, self.clock.now(), lifetime)

    def install_link(self, organization_id: OrganizationId, lives: timedelta) -> str:
        ticket = self.installer.issue_link(organization_id, lives)
        return f"{self.settings.base_url.rstrip('/')}/slack/install?link={ticket}"

    def close(self) -> None:
        self.database.close()


def wire(
    settings: Settings,
    database_url: str,
    clock: Clock | None = None,
    retry: BaseRetryStrategy | None = None,
    pool_size: int = 10,
    counts_folder: Path | None = None,
) -> Creneau:
    """Build the product on a database that is there and migrated. Nothing is started, nothing is called.

    With `counts_folder` the metrics are those of all processes that have it.
    """
    clock = clock or SystemClock()
    database = Database(database_url, pool_size)
    metrics = Metrics(counts_folder)
    database.watch_pool(metrics.count_connections)
    operations = OperationsService(database, clock)
    jobs = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database.conninfo))
    jobs.job_manager = PatientJobManager(jobs.connector, jobs.tasks)
    box = SecretBox([key.get_secret_value() for key in settings.encryption_keys])
    people = PeopleService(database, clock, new_id)
    availability = AvailabilityService(database, clock, new_id, follow)
    scheduling = SchedulingService(database, clock, follow, new_id)
    reminders = ReminderService(database, clock)
    calendars = CalendarService(database, clock, box, follow, new_id)
    feeds = FeedService(database, clock, new_id, RENDERING_IN_FORCE)
    notes = NotesService(database, clock, new_id)
    page_links = PageLinkService(database, clock, box, new_id)
    slack = SlackService(database, clock, box, new_id)
    files = BookingFileService(database, clock)
    installations = InstallationService(database, clock, box, follow, new_id)
    slack_client = open_slack_clients(settings)
    oauth = open_oauth(settings, slack_client(None))
    installer = Installer(oauth, installations, Tickets(box, clock), clock)
    rotation = TokenRotation(oauth, installations, slack, clock)
    rotation.register(jobs)
    outbox = Outbox(slack, files, installations, slack_client)
    emails = EmailService(database, clock)
    booking_links = BookingLinkService(database, Tickets(box, clock))
    postman = open_postman(settings, emails, people, clock, booking_links)
    other_way = OtherWay(postman, outbox, people)
    diaries = DiaryService(database, clock)
    homes = HomePublisher(diaries, slack, outbox)
    preferences = PreferencesService(database, clock, new_id)
    administration = AdministrationService(database, clock, follow, new_id)
    presence = PresenceService(database, clock, follow, new_id)
    PresenceJobs(people, presence, outbox).register(jobs, retry or BackOff())
    LinkingJobs(administration, people, outbox).register(jobs, retry or BackOff())
    DigestJobs(DigestService(database, clock), availability, outbox).register(jobs)
    CalendarTellingJobs(calendars, availability, people, outbox).register(jobs, retry or BackOff())
    ReminderJobs(reminders, ReminderSender(reminders, outbox, other_way)).register(jobs)
    BotJobs(slack, files, people, outbox, homes, other_way).register(jobs, retry or BackOff((SecretUnreadable,)))
    hosts = Hosts.parse(settings.allow_private_hosts.split(","))
    open_calendar = open_caldav(hosts)
    hours = PublishedHoursService(database, clock, follow, new_id)
    publishing = Publishing(hours, open_calendar, open_caldav_account(hosts), clock, UID_DOMAIN)
    lanes = Lanes(database.fence.hold)
    retry_calendars = retry or BackOff((*calendar_jobs.HOPELESS, CalendarNotMade))
    calendar_jobs.register(jobs, calendars, open_calendar, UID_DOMAIN, retry_calendars, lanes, publishing)
    register_hours(jobs, publishing, calendars, retry_calendars, lanes)
    busy = BusyService(database, clock)
    changes = CalendarChangeService(database, clock, follow, new_id)
    CalendarChangeJobs(changes, people, files, outbox).register(jobs, retry or BackOff())
    discover = discover_caldav(hosts)
    readings = ReadingService(database, clock, follow)
    pull = Pull(readings, busy, calendars, changes, lanes.around(open_calendar), clock, UID_DOMAIN)
    register_reading(jobs, pull)
    register_housekeeping(jobs, HousekeepingService(database, clock))
    register_expiry(jobs, scheduling)
    register_follow(jobs, retry or BackOff())
    bot = create_bot(
        BotParts(
            scheduling,
            ChoosingService(database, clock),
            availability,
            calendars,
            hours,
            changes,
            feeds,
            page_links,
            Addresses(settings.base_url),
            people,
            slack,
            files,
            notes,
            installations,
            outbox,
            homes,
            diaries,
            preferences,
            administration,
            presence,
            ListingService(database, clock),
            clock,
        ),
        settings.slack_signing_secret.get_secret_value(),
        slack_client(None),
    )
    limits = RateLimits(RateLimit(settings.token_rate), RateLimit(settings.organization_rate))
    admission = AdmissionService(database, clock, limits)
    tokens = token_settings(settings)

    def open_web() -> Flask:
        return create_web(
            WebParts(
                ApiServices(
                    scheduling,
                    availability,
                    people,
                    notes,
                    ListingService(database, clock),
                    reminders,
                    emails,
                    administration,
                ),
                Authenticator(open_tokens(settings, tokens, hosts, admission, clock), admission),
                Readiness(database, operations),
                (
                    slack_blueprint(SlackRequestHandler(bot).handle),
                    slack_install_blueprint(installer),
                    calendar_page_blueprint(
                        page_links, calendars, discover, is_https=settings.base_url.startswith("https://")
                    ),
                    booking_page.booking_page_blueprint(
                        booking_links, scheduling, files, clock, is_https=settings.base_url.startswith("https://")
                    ),
                    metrics_blueprint(metrics, operations.read_figures, _reveal(settings.metrics_token)),
                ),
                metrics,
                settings.base_url,
                {"/feeds/": feeds_door(feeds, UID_DOMAIN)},
            )
        )

    return Creneau(
        settings,
        clock,
        database,
        people,
        scheduling,
        availability,
        notes,
        AuditService(database),
        reminders,
        emails,
        calendars,
        hours,
        busy,
        pull,
        discover,
        feeds,
        page_links,
        booking_links,
        slack,
        files,
        SecretService(database, clock, box, new_id),
        installations,
        installer,
        rotation,
        tokens,
        outbox,
        homes,
        preferences,
        operations,
        jobs,
        bot,
        cache(open_web),
    )


def token_settings(settings: Settings) -> TokenSettings | None:
    """How we sign tokens; None where an identity provider does."""
    if settings.jwt_secret is None:
        return None
    return TokenSettings(settings.jwt_secret.get_secret_value(), settings.jwt_audience, settings.jwt_issuer)


def open_tokens(
    settings: Settings, own: TokenSettings | None, hosts: Hosts, admission: AdmissionService, clock: Clock
) -> Tokens:
    """Return what reads the API's tokens. The keys of an identity provider are fetched by the first request."""
    if own is not None:
        return OwnTokens(own, clock)
    keys = IdentityKeys(open_jwks(str(settings.jwks_url), hosts), clock)
    return ProviderTokens(keys, settings.jwt_audience, settings.jwt_issuer, admission, clock)


def _reveal(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def open_mail(settings: Settings) -> MailTransport | None:
    """Return what hands e-mails to the operator's server; None where none is set. Nothing is connected yet."""
    if settings.mail_server is None or settings.mail_from is None:
        return None
    return MailTransport(settings.mail_server, Sender.parse(settings.mail_from).address)


def open_postman(
    settings: Settings, emails: EmailService, people: PeopleService, clock: Clock, links: BookingLinkService
) -> Postman:
    sender = Sender.parse(settings.mail_from) if settings.mail_from else None
    pages = settings.base_url.rstrip("/") + booking_page.PREFIX

    def page_of(file: BookingFile) -> str:
        return f"{pages}/{links.issue(file.booking, file.beneficiary)}"

    return Postman(emails, people, clock, UID_DOMAIN, page_of, open_mail(settings), sender)


def open_oauth(settings: Settings, client: WebClient) -> SlackOAuth | None:
    if settings.slack_client_id is None or settings.slack_client_secret is None:
        return None
    return SlackOAuth(
        AppCredentials(settings.slack_client_id, settings.slack_client_secret.get_secret_value()),
        client,
        bot_scopes(),
        settings.base_url.rstrip("/") + REDIRECT_PATH,
    )


def new_id() -> UUID:
    return uuid7(datetime.now(UTC), os.urandom(10))
