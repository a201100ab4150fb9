"""How a policy's memory is labelled when written and judged when read back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from kernel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERSION: Final = 1


def stamp(policy: str, memory: dict[str, Any]) -> dict[str, Any]:
    """Label a policy's memory with its name and the version of its layout."""
    return {"policy": policy, "version": VERSION, **memory}


@contextmanager
def reading(policy: str, d: Mapping[str, Any]) -> Iterator[None]:
    """Turn anything unreadable in a stored memory into one InputError.

    The body builds every part before it assigns the first, so a bad memory changes nothing.
    """
    found = (d.get("policy"), d.get("version"))
    if found != (policy, VERSION):
        raise InputError(
            f"pacing memory is of policy {found[0]!r} version {found[1]!r}, wanted {policy!r} "
            f"version {VERSION}; start the policy without it"
        )
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"pacing memory of policy {policy!r} is damaged ({error!r}); start without it"
        ) from error
