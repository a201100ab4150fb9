"""The register of pacing policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kernel.errors import InputError
from pacing.power import Power
from pacing.predictive import Predictive
from pacing.progressive import Progressive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pacing.interface import Limits, Pacer

POLICIES: Final[Mapping[str, Callable[[Limits], Pacer]]] = {
    Progressive.policy: Progressive,
    Power.policy: Power,
    Predictive.policy: Predictive,
}


def create_pacer(policy: str, limits: Limits, seed: int = 0) -> Pacer:
    """Create a pacer without memory.

    Args:
        policy: a name in `POLICIES`.
        limits: what the campaign promises; a value, so changing it means a new pacer.
        seed: for policies that draw. None of the present ones does: each is a function of
            what it was shown, and two seeds decide alike.

    Raises:
        InputError: no such policy.
    """
    del seed
    if policy not in POLICIES:
        known = ", ".join(POLICIES)
        raise InputError(f"no pacing policy {policy!r}; known policies: {known}")
    return POLICIES[policy](limits)
