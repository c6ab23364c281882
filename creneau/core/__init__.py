"""The scheduling core: people, availability, bookings and reminders on Postgres. Knows no Slack, HTTP or CalDAV."""
