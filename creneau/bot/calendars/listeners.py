"""`/calendar` shows calendars and feeds; buttons connect, send again, disconnect, give and take back addresses."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from creneau.bot import inputs
from creneau.bot.acknowledging import show
from creneau.bot.blocks import View
from creneau.bot.calendars import feeds, views
from creneau.bot.calendars.addresses import Addresses
from creneau.bot.calendars.ids import (
    CALENDAR_COMMAND,
    CALENDAR_CONNECT,
    CALENDAR_LEAVE,
    CALENDAR_LEAVE_VIEW,
    CALENDAR_OPEN,
    CALENDAR_PAGE,
    CALENDAR_PUSH,
    FEED_ISSUE,
    FEED_REVOKE,
    HOURS_HIDE,
    HOURS_SHOW,
    KEEP,
    LEAVE_BLOCK,
    REMOVE,
    read_feed_value,
)
from creneau.bot.ids import UnreadableValue
from creneau.bot.modals import open_loading, show_beneath
from creneau.bot.person import Person, get_person
from creneau.bot.refusals import sentence
from creneau.core.domain.errors import Refusal
from creneau.core.domain.feeds import FeedKind
from creneau.core.domain.hours_calendar import HoursWish
from creneau.core.domain.page_links import PagePurpose
from creneau.core.domain.people import Role
from creneau.core.services.calendars import CalendarService
from creneau.core.services.feeds import FeedService
from creneau.core.services.page_links import PageLinkService
from creneau.core.services.people import PeopleService
from creneau.core.services.published_hours import PublishedHoursService

_FEEDS = {
    Role.CONSULTANT: (FeedKind.SESSIONS, FeedKind.AVAILABILITY, FeedKind.BUSY),
    Role.BENEFICIARY: (FeedKind.SESSIONS,),
    Role.ORG_ADMIN: (FeedKind.SESSIONS,),
}
"""Which feeds have something to say to whom."""


class CalendarListeners:
    def __init__(
        self,
        calendars: CalendarService,
        feed_service: FeedService,
        page_links: PageLinkService,
        people: PeopleService,
        addresses: Addresses,
        hours: PublishedHoursService,
    ) -> None:
        self._calendars = calendars
        self._hours = hours
        self._feeds = feed_service
        self._page_links = page_links
        self._people = people
        self._addresses = addresses

    def register(self, app: App) -> None:
        app.command(CALENDAR_COMMAND)(self.open)
        app.action(CALENDAR_OPEN)(self.open)
        app.action(CALENDAR_CONNECT)(self.connect)
        app.action(CALENDAR_PAGE)(self.follow_link)
        app.action(CALENDAR_PUSH)(self.push_again)
        app.action(HOURS_SHOW)(self.show_hours)
        app.action(HOURS_HIDE)(self.hide_hours)
        app.action(CALENDAR_LEAVE)(self.ask_to_leave)
        app.view(CALENDAR_LEAVE_VIEW)(self.leave)
        app.action(FEED_ISSUE)(self.issue_feed)
        app.action(FEED_REVOKE)(self.revoke_feed)

    def open(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Open a loading view before anything is read, then show the calendars."""
        ack()
        view_id = open_loading(client, body, context)
        show(client, view_id, self._draw(get_person(self._people, body)))

    def connect(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Show the way to our page, with a link made for this."""
        ack()
        view_id = open_loading(client, body, context)
        person = get_person(self._people, body)
        token = self._page_links.issue(person.actor, PagePurpose.CONNECT_CALENDAR)
        show(client, view_id, views.page_link(person.reader, self._addresses.calendar_page(token)))

    def follow_link(self, ack: Ack) -> None:
        """The browser opens the page; Slack only wants to know that the click was heard."""
        ack()

    def push_again(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        ack()
        person = get_person(self._people, body)
        try:
            self._calendars.push_again(person.actor, person.user.id)
            notice = person.reader.text("What is missing is being sent.")
        except Refusal as refusal:
            notice = sentence(person.reader, refusal)
        self._redraw(person, body, client, notice)

    def show_hours(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        """Show bookable hours in a calendar that is made for them."""
        ack()
        person = get_person(self._people, body)
        try:
            self._hours.show_hours(person.actor, person.user.id, HoursWish())
            notice = person.reader.text("Your bookable hours are on their way.")
        except Refusal as refusal:
            notice = sentence(person.reader, refusal)
        self._redraw(person, body, client, notice)

    def hide_hours(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        ack()
        person = get_person(self._people, body)
        try:
            self._hours.hide_hours(person.actor, person.user.id)
            notice = person.reader.text("Your bookable hours are being taken out of your account.")
        except Refusal as refusal:
            notice = sentence(person.reader, refusal)
        self._redraw(person, body, client, notice)

    def ask_to_leave(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view_id = open_loading(client, body, context)
        show(client, view_id, views.leave(get_person(self._people, body).reader))

    def leave(self, ack: Ack, body: Mapping[str, Any], view: Mapping[str, Any], client: WebClient) -> None:
        """Disconnect, and remove what stands in the calendar if that was chosen."""
        person = get_person(self._people, body)
        chosen = inputs.chosen(view, LEAVE_BLOCK)
        if chosen not in (KEEP, REMOVE):
            raise UnreadableValue(str(chosen))
        try:
            self._calendars.unlink_calendar(person.actor, person.user.id, removes_sessions=chosen == REMOVE)
            notice = person.reader.text("The calendar is disconnected.")
        except Refusal as refusal:
            notice = sentence(person.reader, refusal)
        ack()
        self._redraw(person, body, client, notice)

    def issue_feed(self, ack: Ack, body: Mapping[str, Any], context: BoltContext, client: WebClient) -> None:
        """Give one's own feed a new address and show it, this once, in a window that stands open already."""
        ack()
        view_id = open_loading(client, body, context)
        person = get_person(self._people, body)
        kind = read_feed_value(body["actions"][0]["value"])
        token = self._feeds.issue_feed_token(person.user, kind, person.actor)
        https, webcal = self._addresses.feed(token, kind), self._addresses.subscription(token, kind)
        further = self._addresses.further(token, kind)
        show(client, view_id, feeds.address(person.reader, kind, https, webcal, further))
        self._redraw(person, body, client)

    def revoke_feed(self, ack: Ack, body: Mapping[str, Any], client: WebClient) -> None:
        ack()
        person = get_person(self._people, body)
        self._feeds.revoke_feed_token(person.actor, read_feed_value(body["actions"][0]["value"]))
        self._redraw(person, body, client, person.reader.text("The address no longer works."))

    def _redraw(self, person: Person, body: Mapping[str, Any], client: WebClient, notice: str | None = None) -> None:
        show_beneath(client, body, self._draw(person, notice))

    def _draw(self, person: Person, notice: str | None = None) -> View:
        can_connect = person.user.role is Role.CONSULTANT
        health = self._calendars.find_health(person.actor, person.user.id) if can_connect else None
        kinds, issued = _FEEDS[person.user.role], self._feeds.list_issued(person.actor)
        return views.calendar(person.reader, health, kinds, issued, can_connect=can_connect, notice=notice)
