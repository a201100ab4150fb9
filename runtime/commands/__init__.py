"""Subcommands of `waihu`, thin over functions that tests call directly."""
