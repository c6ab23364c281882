"""The actor of the request in hand, as the API's door established it."""

from typing import cast

from flask import g

from creneau.core.domain.people import Actor


def set_actor(actor: Actor) -> None:
    g.actor = actor


def current_actor() -> Actor:
    return cast("Actor", g.actor)
