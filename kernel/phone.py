"""E.164 number value: cannot be built wrong, and never prints itself in full by accident."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernel.errors import InputError

# ITU-T E.164: country code not starting with 0, at most 15 digits. Seven is the shortest
# number (with country code) in use.
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class PhoneNumber:
    """A dialable number in E.164 form.

    `str()` and `repr()` are masked, because a number is personal data and must not reach a log
    by way of a format string. Whoever really needs the digits asks for `.e164`.

    Raises:
        InputError: the text is not `+` and 7 to 15 digits.
    """

    e164: str

    def __post_init__(self) -> None:
        if not _E164.fullmatch(self.e164):
            raise InputError("a phone number is '+' and 7 to 15 digits", length=len(self.e164))

    @property
    def masked(self) -> str:
        """The number with its middle hidden: `+86138****1234`."""
        digits = self.e164
        hidden = max(4, len(digits) - 10)
        keep_tail = min(4, (len(digits) - hidden) // 2)
        head = len(digits) - hidden - keep_tail
        return digits[:head] + "*" * hidden + digits[len(digits) - keep_tail :]

    def __str__(self) -> str:
        """Masked."""
        return self.masked

    def __repr__(self) -> str:
        """Masked."""
        return f"PhoneNumber({self.masked})"
