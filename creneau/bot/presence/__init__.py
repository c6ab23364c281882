"""Who is in Slack and who has left it: what events say, what Slack is asked, who is told."""
