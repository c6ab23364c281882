"""Pure values and rules. Nothing here reads a clock, a row or a socket: callers pass what is needed."""
