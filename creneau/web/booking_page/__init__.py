"""One session's own page: what a beneficiary without Slack sees and does, by a signed link."""
