"""Reminders, as direct messages at their time."""
