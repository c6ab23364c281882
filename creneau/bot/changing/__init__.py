"""Changing a session: moving it and cancelling it, with the deadline stated before anything is decided."""
