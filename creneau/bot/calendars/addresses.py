"""The public addresses of our pages and feeds."""

from dataclasses import dataclass

from creneau.core.domain.feeds import FeedKind


@dataclass(frozen=True, slots=True)
class Addresses:
    """`base_url` is where the web front is reached from outside."""

    base_url: str

    def calendar_page(self, token: str) -> str:
        return f"{self.base_url.rstrip('/')}/calendar/{token}"

    def feed(self, token: str, kind: FeedKind) -> str:
        return f"{self.base_url.rstrip('/')}/feeds/{token}/{kind}.ics"

    def further(self, token: str, kind: FeedKind) -> str | None:
        """The same in another form, opened by the same token: one VFREEBUSY, or a VAVAILABILITY."""
        file = {FeedKind.BUSY: "busy.ifb", FeedKind.AVAILABILITY: "vavailability.ics"}.get(kind)
        return f"{self.base_url.rstrip('/')}/feeds/{token}/{file}" if file else None

    def subscription(self, token: str, kind: FeedKind) -> str:
        """The same for programs that subscribe by a click."""
        return f"webcal://{self.feed(token, kind).split('://', 1)[1]}"
