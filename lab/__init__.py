"""Starts real Asterisk instances, and a world outside that behaves by number."""
