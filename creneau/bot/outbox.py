"""What leaves for Slack on our own initiative: posts, updates and homes, each with a clear outcome.

The SDK's own retries are off: its default posts twice when an answer is lost. Jobs retry instead.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from creneau.bot.blocks import View
from creneau.bot.drawing import draw
from creneau.bot.message import Message
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.messages import PostedMessage, Purpose
from creneau.core.domain.people import User
from creneau.core.services.slack import BookingFile, SlackService

_TOO_MANY = 429
_SERVER_ERROR = 500
_WORTH_RETRYING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"})


class SlackUnavailable(Exception):
    """Slack could not be reached, or asked us to wait: the same call may succeed later."""

    def __init__(self, problem: str, retry_after: timedelta | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class SlackRefused(Exception):
    """Slack understood and said no (`channel_not_found`, `account_inactive`, ...): trying again is useless."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Outbox:
    """Posts as the app of an organization's workspace. `open_client` makes a client from a bot token."""

    def __init__(self, slack: SlackService, open_client: Callable[[str], WebClient]) -> None:
        self._slack = slack
        self._open_client = open_client

    def post(self, recipient: User, message: Message, metadata: dict[str, str]) -> tuple[str, str]:
        """Post a direct message; return its channel and timestamp. `metadata` holds ids only.

        Raises: SlackUnavailable, SlackRefused.
        """
        if recipient.slack_user_id is None:
            raise SlackRefused("recipient_without_slack")
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
        return answer["channel"], answer["ts"]

    def post_about(self, file: BookingFile, recipient_id: UserId, purpose: Purpose) -> None:
        """Tell a party something about a booking, unless that message is already out.

        Raises: SlackUnavailable, SlackRefused.
        """
        if any(message.recipient_id == recipient_id and message.purpose is purpose for message in file.messages):
            return
        recipient, booking = file.party(recipient_id), file.booking
        channel, ts = self.post(
            recipient, draw(recipient, purpose, file), {"booking": str(booking.id), "purpose": purpose}
        )
        self._slack.record_message(
            booking.organization_id, PostedMessage(booking.id, recipient.id, purpose, channel, ts)
        )

    def refresh(self, organization_id: OrganizationId, booking_id: BookingId) -> None:
        """Bring every message about a booking up to date in place. Raises: SlackUnavailable, SlackRefused."""
        file = self._slack.get_booking_file(organization_id, booking_id)
        for posted in file.messages:
            message = draw(file.party(posted.recipient_id), posted.purpose, file)
            self._call(
                organization_id,
                "chat.update",
                channel=posted.channel_id,
                ts=posted.ts,
                text=message.text,
                blocks=message.blocks,
            )

    def publish_home(self, user: User, view: View, over: str | None = None) -> str:
        """Publish an App Home and return Slack's hash of it; given a hash, only over the view that has it.

        Raises: SlackUnavailable, SlackRefused (`hash_conflict`: another view is there by now).
        """
        if user.slack_user_id is None:
            raise SlackRefused("recipient_without_slack")
        arguments = {"user_id": user.slack_user_id, "view": view, **({"hash": over} if over else {})}
        answer = self._call(user.organization_id, "views.publish", **arguments)
        return str(answer["view"]["hash"])

    def _call(self, organization_id: OrganizationId, method: str, **arguments: Any) -> dict[str, Any]:
        installation = self._slack.find_installation(organization_id)
        if installation is None:
            raise SlackRefused("not_installed")
        parked = self._slack.find_park(organization_id, method)
        if parked:
            raise SlackUnavailable("parked", parked)
        try:
            answer = self._open_client(installation.bot_token).api_call(method, json=arguments)
        except SlackApiError as error:
            outcome = _outcome(error)
            if isinstance(outcome, SlackUnavailable) and outcome.retry_after:
                self._slack.park_method(organization_id, method, outcome.retry_after)
            raise outcome from error
        except (SlackClientError, URLError, OSError) as error:
            raise SlackUnavailable(type(error).__name__) from error
        data: dict[str, Any] = dict(answer.data) if isinstance(answer.data, dict) else {}
        return data


def _outcome(error: SlackApiError) -> SlackUnavailable | SlackRefused:
    response = error.response
    if response.status_code == _TOO_MANY:
        return SlackUnavailable("ratelimited", timedelta(seconds=int(response.headers.get("Retry-After", 30))))
    problem = response.get("error") if isinstance(response.data, dict) else None
    if response.status_code >= _SERVER_ERROR or problem is None or problem in _WORTH_RETRYING:
        return SlackUnavailable(problem or f"http_{response.status_code}")
    return SlackRefused(str(problem))
