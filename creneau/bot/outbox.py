"""What leaves for Slack on our own initiative: posts, updates and homes, each with a clear outcome."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from slack_sdk import WebClient

from creneau.bot.blocks import View
from creneau.bot.calling import RecipientLeft, SlackCalls, SlackRefused, SlackUnavailable
from creneau.bot.drawing import draw, redraw
from creneau.bot.message import Message
from creneau.bot.stranger import NotRegistered, require_member
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.errors import BookingNotFound
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.jobs import Job
from creneau.core.domain.messages import Place, Purpose
from creneau.core.domain.people import User
from creneau.core.services.booking_files import BookingFileService
from creneau.core.services.installations import InstallationService
from creneau.core.services.slack import SlackService

log = structlog.get_logger()

REFRESH_MESSAGES = "slack.refresh_messages"
_PAGE, _PAGES = 200, 5
"""How far back a message is looked for; Slack advises against longer pages."""
_ON_ITS_WAY = timedelta(seconds=30)
"""How long an update may be under way that nobody waits for any more."""


class Outbox:
    """Posts as the app of an organization's workspace. `open_client` makes a client from a bot token."""

    def __init__(
        self,
        slack: SlackService,
        files: BookingFileService,
        installations: InstallationService,
        open_client: Callable[[str], WebClient],
    ) -> None:
        self._slack = slack
        self._files = files
        self._call = SlackCalls(slack, installations, open_client).call

    def post(self, recipient: User, message: Message, metadata: Mapping[str, str], *, may_be_out: bool) -> Place:
        """Post a direct message; return where it stands. `metadata` holds ids only, which no other message has.

        What an earlier attempt `may_be_out` is looked for first.

        Raises: SlackUnavailable, SlackRefused.
        """
        _require_account(recipient)
        earlier = self._find_earlier(recipient, metadata) if may_be_out else None
        if earlier is not None:
            return earlier
        answer = self._call(
            recipient.organization_id,
            "chat.postMessage",
            channel=recipient.slack_user_id,
            text=message.text,
            blocks=message.blocks,
            metadata={"event_type": "creneau_message", "event_payload": metadata},
            unfurl_links=False,
            unfurl_media=False,
        )
        return Place(answer["channel"], answer["ts"])

    def find_posted(self, recipient: User, metadata: Mapping[str, str]) -> Place | None:
        """Look in the conversation for a message that an earlier attempt may have posted, by its metadata.

        Raises: SlackUnavailable, SlackRefused (the conversation may not be read).
        """
        _require_account(recipient)
        opened = self._call(recipient.organization_id, "conversations.open", users=recipient.slack_user_id)
        channel = str(opened["channel"]["id"])
        for message in self._list_newest(recipient.organization_id, channel):
            if message.get("metadata", {}).get("event_payload") == metadata:
                return Place(channel, message["ts"])
        return None

    def _list_newest(self, organization_id: OrganizationId, channel: str) -> Iterator[Mapping[str, Any]]:
        """List the last thousand messages of a conversation: by number, not by time, for clocks differ, and jump.

        Raises: SlackUnavailable, SlackRefused.
        """
        from_here: dict[str, str] = {}
        for _ in range(_PAGES):
            history = self._call(
                organization_id,
                "conversations.history",
                channel=channel,
                limit=_PAGE,
                include_all_metadata=True,
                **from_here,
            )
            yield from history["messages"]
            if not history.get("has_more"):
                return
            from_here = {"cursor": history["response_metadata"]["next_cursor"]}

    def post_about(
        self,
        file: BookingFile,
        recipient_id: UserId,
        purpose: Purpose,
        version: int = 1,
        *,
        may_be_out: bool = False,
    ) -> None:
        """Tell a party something about a booking, unless it was told of that version, or of a later one, already.

        What an earlier attempt `may_be_out` is looked for first; it may not have come to bring others up to date.

        Raises: SlackUnavailable, SlackRefused.
        """
        recipient = file.party(recipient_id)
        metadata = {"booking": str(file.booking.id), "purpose": str(purpose), "version": str(version)}
        known = {m.booking_version for m in file.messages if m.recipient_id == recipient_id and m.purpose is purpose}
        if any(other >= version for other in known):
            if may_be_out:
                # Of two of one version the one that was not noted is told as the oldest of all.
                as_of = version if version not in known else min(known) - 1
                self._remember_overtaken(file, recipient, purpose, as_of, metadata)
                self.refresh(file.booking.organization_id, file.booking.id)
            return
        self.post_of(file, recipient, purpose, metadata, may_be_out=may_be_out)

    def post_of(
        self, file: BookingFile, recipient: User, purpose: Purpose, metadata: Mapping[str, str], *, may_be_out: bool
    ) -> None:
        """Post a message about a booking as `post` does, remember it, and bring messages up to date.

        Older ones point to it. What was done with the booking meanwhile brought up to date what was recorded by then,
        and not this message; nor does one that an earlier attempt posted say what is so by now.

        Raises: SlackUnavailable, SlackRefused.
        """
        earlier = self._find_earlier(recipient, metadata) if may_be_out else None
        place = earlier or self.post(recipient, draw(recipient, purpose, file), metadata, may_be_out=False)
        posted = file.told(recipient, purpose, place)
        is_current = self._slack.record_message(file.booking, posted) and earlier is None
        if not is_current or any(other.is_older_than(posted) for other in file.messages):
            self.refresh(file.booking.organization_id, file.booking.id)

    def _remember_overtaken(
        self, file: BookingFile, recipient: User, purpose: Purpose, version: int, metadata: Mapping[str, str]
    ) -> None:
        """Remember a message that an earlier attempt posted, where a newer one was recorded before it could be.

        Nobody would bring it up to date otherwise. Raises: SlackUnavailable.
        """
        with suppress(SlackRefused):
            place = self.find_posted(recipient, metadata)
            if place is not None and all(place != Place(m.channel_id, m.ts) for m in file.messages):
                posted = replace(file.told(recipient, purpose, place), booking_version=version)
                self._slack.record_overtaken(file.booking, posted)

    def tell(self, recipient: User, message: Message, metadata: Mapping[str, str], *, may_be_out: bool) -> None:
        """Post what is of no booking; what Slack refuses is left at that. Raises: SlackUnavailable."""
        try:
            self.post(recipient, message, metadata, may_be_out=may_be_out)
        except SlackRefused as refused:
            log.warning("slack.message_refused", user_id=str(recipient.id), problem=refused.problem)

    def tell_unreachable(self, file: BookingFile, missed_id: UserId, *, may_be_out: bool) -> None:
        """Tell the other side of a booking, once a version, that a message did not reach whom it was for.

        Raises: SlackUnavailable, SlackRefused: the other side has left as well.
        """
        other = file.other(file.party(missed_id))
        self.post_about(file, other.id, Purpose.UNREACHABLE, file.booking.version, may_be_out=may_be_out)

    def _find_earlier(self, recipient: User, metadata: Mapping[str, str]) -> Place | None:
        """Look for a message that must not be missing: where the conversation may not be read, better twice than never.

        Raises: SlackUnavailable.
        """
        try:
            return self.find_posted(recipient, metadata)
        except RecipientLeft:
            raise
        except SlackRefused as refused:
            log.warning("slack.history_refused", problem=refused.problem)
            return None

    def refresh(self, organization_id: OrganizationId, booking_id: BookingId) -> None:
        """Bring every message about a booking up to date in place; one that Slack refuses does not keep the others.

        What is done with it meanwhile may be shown already, and just have been written over: it is shown again.

        Raises: SlackUnavailable.
        """
        file = self._files.get_booking_file(organization_id, booking_id)
        self._update(file)
        while not self._files.is_current(file.booking):
            file = self._files.get_booking_file(organization_id, booking_id)
            self._update(file)

    def _update(self, file: BookingFile) -> None:
        """Raises: SlackUnavailable."""
        booking = file.booking
        for posted in reversed(file.messages):  # the newest first: that is the one people look at
            if not file.party(posted.recipient_id).is_in_slack:
                continue
            message = redraw(posted, file)
            place = {"channel": posted.channel_id, "ts": posted.ts}
            try:
                self._call(booking.organization_id, "chat.update", **place, text=message.text, blocks=message.blocks)
            except SlackRefused as refused:
                log.warning("slack.update_refused", booking_id=str(booking.id), problem=refused.problem)

    def refresh_now(self, organization_id: OrganizationId, booking_id: BookingId) -> None:
        """Show at once what a click changed, and again after a while if that fails or this process is killed.

        The job of the same event may be done by then: what is on its way here would come after it, and stay.
        """
        again = Job(REFRESH_MESSAGES, {"organization_id": str(organization_id), "booking_id": str(booking_id)})
        try:
            with self._slack.trying(again, _ON_ITS_WAY):
                self.refresh(organization_id, booking_id)
        except (SlackUnavailable, BookingNotFound) as problem:
            log.warning("slack.refresh_failed", booking_id=str(booking_id), problem=str(problem))

    def publish_home(self, user: User, view: View, over: str | None = None) -> str:
        """Publish an App Home and return Slack's hash of it; given a hash, only over the view that has it.

        Raises: SlackUnavailable, SlackRefused (`hash_conflict`: another view is there by now).
        """
        _require_account(user)
        arguments = {"user_id": user.slack_user_id, "view": view, **({"hash": over} if over else {})}
        answer = self._call(user.organization_id, "views.publish", **arguments)
        return str(answer["view"]["hash"])

    def get_profile(self, organization_id: OrganizationId, slack_user_id: str) -> dict[str, Any]:
        """Return what Slack knows of a user. Raises: SlackUnavailable, SlackRefused."""
        answer = self._call(organization_id, "users.info", user=slack_user_id, include_locale=True)
        return dict(answer["user"])

    def find_by_email(self, organization_id: OrganizationId, email: str) -> str | None:
        """Return the id of the one active person of the workspace with an address. Raises: SlackUnavailable."""
        try:
            user = self._call(organization_id, "users.lookupByEmail", email=email)["user"]
        except SlackRefused as refused:
            if refused.problem in ("users_not_found", "account_inactive"):
                return None
            raise
        try:
            self.require_member(organization_id, user)
        except NotRegistered:
            return None
        return str(user["id"])

    def require_member(self, organization_id: OrganizationId, profile: Mapping[str, Any]) -> None:
        """Require that a Slack user can be a person of an organization: see `bot.stranger`."""
        installation = self._slack.find_installation(organization_id)
        require_member(profile, installation.team_id if installation else None)


def _require_account(recipient: User) -> None:
    if recipient.slack_user_id is None:
        raise SlackRefused("recipient_without_slack")
    if not recipient.is_in_slack:
        raise RecipientLeft
