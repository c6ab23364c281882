"""App Home: what is next, for whoever opens it."""
