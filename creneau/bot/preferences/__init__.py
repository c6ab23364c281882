"""One's own settings: language, time zone, and for consultants the daily digest."""
