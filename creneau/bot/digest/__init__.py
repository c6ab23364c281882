"""The daily digest: a consultant's day, as one message in the morning."""
