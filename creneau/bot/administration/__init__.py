"""What administrators do in Slack: people, bilans, the rules of the centre."""
