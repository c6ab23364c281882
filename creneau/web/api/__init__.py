"""The REST API under /api/scheduling: a route is unpack, call, show."""
