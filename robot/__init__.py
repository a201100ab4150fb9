"""Hearing, speaking, turns, and running a script on a call."""
