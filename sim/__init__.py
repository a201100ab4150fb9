"""The real engine on a virtual clock, with people and carriers drawn from a seed."""
