"""The demonstration: a local Slack, sample people, and everything started at once."""
