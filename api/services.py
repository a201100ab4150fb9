"""What the runtime hands to the API: ports, the engine as the API sees it, clock and key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from campaigns.ports import AgentDirectory, CampaignStore, ScriptStore, SuppressionList
from dialer.commands import Command
from dialer.floor import Floor
from dialer.ports import Disposition, Suppression
from kernel.clock import Clock
from kernel.errors import InputError
from kernel.ids import AgentId, CampaignId, Ids
from kernel.users import UserStore
from lists.ports import BatchStore

#: RFC 7518, section 3.2: an HS256 key is at least as long as its hash.
MIN_TOKEN_KEY_BYTES = 32


class RunnerView(Protocol):
    """A running campaign, to look at."""

    @property
    def floor(self) -> Floor:
        """Its live state; the API reads it between awaits and changes nothing."""
        ...


class EngineView(Protocol):
    """What the API uses of `dialer.engine.Engine`."""

    @property
    def connected(self) -> bool:
        """Whether the switch's events are flowing."""
        ...

    @property
    def runners(self) -> Sequence[RunnerView]:
        """The campaigns that run in this process."""
        ...

    def poke(self) -> None:
        """A campaign changed in the store: look now."""
        ...

    def observe(self, observer: Callable[[RunnerView, Command], None]) -> None:
        """Tell `observer` every command as it is carried out; it must not block."""
        ...

    def sign_in(self, agent: AgentId, address: str, campaign: CampaignId) -> None:
        """Seat an agent at a campaign and ring their phone."""
        ...

    def sign_out(self, agent: AgentId) -> None:
        """The agent leaves, at once or after the present call."""
        ...

    def ready(self, agent: AgentId) -> None:
        """The agent wants calls."""
        ...

    def pause(self, agent: AgentId, reason: str = "") -> None:
        """The agent wants no calls for a while."""
        ...

    def hang_up(self, agent: AgentId) -> None:
        """The agent ends the call."""
        ...

    def preview_dial(self, agent: AgentId) -> None:
        """The agent dials the name on the screen."""
        ...

    def wrap_up(self, disposition: Disposition) -> None:
        """Store the agent's disposition and end wrap-up."""
        ...


class Suppressions(SuppressionList, Protocol):
    """The do-not-call list as the API uses it: to look at, and to add to."""

    async def suppress(self, suppression: Suppression) -> None:
        """Store an entry; repeating it changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the API reaches the outside through.

    Attributes:
        token_key: signs session tokens; secret, at least 32 bytes, the same in every process.
        database_alive: a cheap question to the database; False or an error when it is away.

    Raises:
        InputError: the token key is too short.
    """

    batches: BatchStore
    campaigns: CampaignStore
    agents: AgentDirectory
    scripts: ScriptStore
    users: UserStore
    suppression: Suppressions
    engine: EngineView
    clock: Clock
    ids: Ids
    token_key: bytes = field(repr=False)
    database_alive: Callable[[], Awaitable[bool]]

    def __post_init__(self) -> None:
        if len(self.token_key) < MIN_TOKEN_KEY_BYTES:
            raise InputError(
                f"the token key has {len(self.token_key)} bytes; "
                f"give at least {MIN_TOKEN_KEY_BYTES} random ones"
            )
