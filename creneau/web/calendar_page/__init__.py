"""Connecting a calendar: the page that a signed link opens, because passwords are not typed into Slack."""
