"""The composition root: settings, wiring, the table of what follows from what, and the command line."""
