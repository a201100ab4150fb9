"""One error root; the subclass says whose fault it was, the attributes carry the facts.

    WaihuError
    ├── InputError         the user's: a file, a field, a script, an address
    ├── ConflictError      two legal wishes that exclude each other
    ├── UnavailableError   the network's or a peer's: may succeed later (retryable)
    ├── PeerError          a peer answered, and its answer was an error
    ├── CommitUnknownError the database may or may not have kept a transaction
    └── DefectError        ours

`str(error)` is one line a user can act on: what, where, what to do. Phone numbers and names of
people never stand in it; ids and row numbers do.
"""

from __future__ import annotations

from typing import ClassVar


class WaihuError(Exception):
    """Root of every error the product raises on purpose.

    Attributes:
        retryable: whether doing the same again later may succeed without anybody's help.
        facts: machine-readable details for logs and the API (never personal data).
    """

    retryable: ClassVar[bool] = False

    def __init__(self, message: str, **facts: object) -> None:
        if type(self) is WaihuError:
            raise TypeError("raise a subclass that says whose fault it was")
        super().__init__(" ".join(message.split()))
        self.facts = facts


class InputError(WaihuError):
    """The user gave something that cannot be used; the message says what and where."""


class ConflictError(WaihuError):
    """The request is legal in itself, but not in the present state."""


class UnavailableError(WaihuError):
    """A peer (database, switch, file system) does not answer now."""

    retryable: ClassVar[bool] = True


class PeerError(WaihuError):
    """A peer answered with an error that a repetition will not cure."""


class CommitUnknownError(WaihuError):
    """The connection broke between COMMIT and its answer: the rows may or may not be there.

    A type of its own, never caught together with ordinary database errors: whoever meets it
    while claiming must not dial (docs/decisions/0003-dial-protocol.md).
    """


class DefectError(WaihuError):
    """Our own code reached a state that its tables rule out."""
