"""Calendars: sessions put into consultants' own CalDAV calendars, and the feeds that calendar clients subscribe to."""
