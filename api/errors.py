"""Errors that only the API knows, and the table from error to HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import (
    CommitUnknownError,
    ConflictError,
    DefectError,
    InputError,
    PeerError,
    UnavailableError,
    WaihuError,
)


class SignInRequiredError(InputError):
    """No valid session came with the request."""


class ForbiddenError(InputError):
    """The session's role may not do this."""


class NotFoundError(InputError):
    """The address names nothing."""


class ThrottledError(UnavailableError):
    """Too many tries.

    Attributes:
        wait_s: seconds until the next try is looked at.
    """

    def __init__(self, message: str, wait_s: int) -> None:
        super().__init__(message, wait_s=wait_s)
        self.wait_s = wait_s


#: The first class that the error is an instance of decides; subclasses stand before their base.
STATUS: Mapping[type[WaihuError], int] = MappingProxyType({
    SignInRequiredError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    InputError: 422,
    ConflictError: 409,
    ThrottledError: 429,
    UnavailableError: 503,
    CommitUnknownError: 503,
    PeerError: 502,
    DefectError: 500,
})


def status_of(error: WaihuError) -> int:
    """The HTTP status of an error."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
