"""Creneau: self-hosted scheduling that lives in Slack."""
