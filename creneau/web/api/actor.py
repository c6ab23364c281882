"""The actor of the request in hand, as the API's door established it."""

from typing import cast

from flask import g, request

from creneau.core.domain.people import Actor
from creneau.web.observing import ACTOR


def set_actor(actor: Actor) -> None:
    g.actor = request.environ[ACTOR] = actor


def current_actor() -> Actor:
    return cast("Actor", g.actor)
