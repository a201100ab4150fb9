"""Switches: simulated and Asterisk, behind the kernel's Telephony port."""
