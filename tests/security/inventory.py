"""Everything that is served: every rule of the URL map and what stands before Flask, with who may ask."""

from creneau.app.wiring import Creneau

PUBLIC = {
    "/": "says what this is",
    "/health": "says that the process lives",
    "/ready": "names what a process waits for",
    "/metrics": "to the machine, its private network, or a token",
    "/api/scheduling/docs": "the API's page",
    "/api/scheduling/openapi.json": "the API's document",
    "/slack/events": "whatever Slack signed",
    "/slack/install": "the way to Slack's own page",
    "/slack/oauth_redirect": "the way back, with a state of this browser",
}
"""What is open to who has nothing, or asks for something else than a token."""
BY_LINK = {
    "/calendar/<token>",
    "/calendar/<token>/choice",
    "/booking/<token>",
    "/booking/<token>/move",
    "/booking/<token>/cancel",
    "/booking/<token>/accept",
    "/booking/<token>/refuse",
}
"""Pages that a sealed link opens. Feeds are opened by theirs, before Flask."""


def rules(creneau: Creneau) -> dict[str, set[str]]:
    """Every address with its verbs."""
    found: dict[str, set[str]] = {}
    for rule in creneau.web.url_map.iter_rules():
        found.setdefault(rule.rule, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return found


def pages(creneau: Creneau) -> list[str]:
    """An address of each kind that a GET reaches, with something in the place of ids and links."""
    made = []
    for rule, verbs in rules(creneau).items():
        if "GET" in verbs:
            for place in [part for part in rule.split("/") if part.startswith("<")]:
                rule = rule.replace(place, "0" * 8 + "-0000-0000-0000-" + "0" * 12)  # noqa: PLW2901
            made.append(rule)
    return sorted([*made, "/feeds/nothing/sessions.ics", "/feeds/nothing/busy.ifb", "/nothing/of/the/kind"])
