"""Composition root: settings, wiring, worker, logs and the command line."""
