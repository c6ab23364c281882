"""Answering: the messages about a booking, and the buttons on them."""
