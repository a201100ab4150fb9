"""Decides how many calls to launch. Pure."""
