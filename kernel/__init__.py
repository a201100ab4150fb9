"""The vocabulary of the house: clock, ids, phone numbers, calls, the switch and media ports."""
