"""What a caller is told of their rate: the headers of draft-ietf-httpapi-ratelimit-headers, for the token."""

from flask import after_this_request
from werkzeug.wrappers import Response

from creneau.core.domain.rates import WINDOW, Standing

_WINDOW_SECONDS = int(WINDOW.total_seconds())


def announce_standing(standing: Standing | None) -> None:
    """Put where the caller stands on the answer of the request in hand."""
    if standing is None:
        return

    @after_this_request
    def announce(response: Response) -> Response:
        response.headers["RateLimit-Policy"] = f'"token";q={standing.limit.per_minute};w={_WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"token";r={standing.remaining};t={standing.reset_seconds}'
        return response
