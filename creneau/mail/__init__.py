"""E-mail: what goes to somebody whom Slack cannot reach."""
