"""Bridges, robots' audio legs and recorders around the calls: made, found again, cleaned up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from functools import partial

import aiohttp

from kernel.call import AttemptState
from kernel.clock import Clock
from kernel.errors import PeerError, UnavailableError
from kernel.service import TaskOwner
from kernel.telephony import CallId
from telephony_adapter.address import SwitchAddress
from telephony_adapter.asterisk import requests
from telephony_adapter.asterisk.mapping import call_of
from telephony_adapter.asterisk.media import AsteriskMedia
from telephony_adapter.asterisk.rest import AriRest, RefusedError, sign_in, unreachable

_CONFLICT = 409
_HELPERS = ("media-", "ear-", "rec-")
_UUID_LENGTH = 36
_MEDIA_ID = "MEDIA_WEBSOCKET_CONNECTION_ID"


class Legs:
    """What the adapter puts around calls on the switch.

    Everything is named after its call or agent's leg, so a client that has just started finds
    what an earlier one made.

    Args:
        rest: commands.
        address: which switch.
        clock: for arriving audio.
        timeout_s: longest wait for one step.
    """

    def __init__(
        self, rest: AriRest, address: SwitchAddress, clock: Clock, timeout_s: float
    ) -> None:
        self._rest = rest
        self._address = address
        self._clock = clock
        self._timeout_s = timeout_s
        # Media sockets live as long as calls: in the pool of the REST session they would eat it.
        self._session = aiohttp.ClientSession(
            headers=sign_in(address),
            connector=aiohttp.TCPConnector(limit=0),
        )
        self._tasks = TaskOwner("asterisk-media")
        self._streams: dict[CallId, list[tuple[str, AsteriskMedia]]] = {}
        self._entering: dict[str, asyncio.Future[None]] = {}
        self._bridges: dict[CallId, set[str]] = {}
        self._made = 0

    async def aclose(self) -> None:
        """Let go of every stream; bridges and calls stay."""
        await self._tasks.aclose()
        await self._session.close()

    def entered(self, channel_id: str) -> None:
        """A channel of ours is under control."""
        waiting = self._entering.get(channel_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    # --- agents ------------------------------------------------------------------------------

    async def house(self, leg: CallId) -> None:
        """Put an agent's leg into a bridge of its own, where calls will come and go."""
        try:
            await self._gather(leg, requests.leg_bridge(leg), str(leg))
        except PeerError:
            # The leg is gone: nobody would ever leave this bridge.
            self.call_ended(leg)
            raise

    async def join(self, call: CallId, leg: CallId) -> None:
        """Bring a call into an agent's bridge."""
        request = requests.add_channel(requests.leg_bridge(leg), str(call))
        try:
            await self._rest.send(request)
        except RefusedError as refusal:
            if refusal.status == _CONFLICT:
                raise
            # The bridge is not there: the leg answered while nobody listened.
            await self.house(leg)
            await self._rest.send(request)

    async def part(self, call: CallId, leg: CallId) -> None:
        """Take a call out of an agent's bridge, if it is there."""
        await self._rest.attempt(requests.remove_channel(requests.leg_bridge(leg), str(call)))

    # --- audio -------------------------------------------------------------------------------

    async def open_media(self, call: CallId, state: AttemptState) -> AsteriskMedia:
        """Take a call's audio: both ways when it is answered, before that only the ear."""
        self._made += 1
        channel_id = requests.media_channel(call, self._made)
        bridge = requests.call_bridge(call)
        try:
            media = await self._connect(call, channel_id)
            source = str(call)
            if state is not AttemptState.ANSWERED:
                source = requests.ear_channel(call, self._made)
                bridge = bridge + f"-ear-{self._made}"
                await self._snoop(call, source, "in")
            await self._gather(call, bridge, source, channel_id)
        except BaseException:
            self._tasks.start("undo", self._drop(channel_id))
            raise
        return media

    async def record(self, call: CallId, name: str) -> None:
        """Record both directions until the call ends."""
        channel_id = requests.recorder_channel(call)
        await self._snoop(call, channel_id, "both")
        await self._rest.send(requests.record(channel_id, name))

    # --- cleaning up -------------------------------------------------------------------------

    def call_ended(self, call: CallId) -> None:
        """A call or an agent's leg is over: what was made for it goes too."""
        streams = self._streams.pop(call, [])
        for _, media in streams:
            media.end()
        going = [requests.hang_up(channel_id) for channel_id, _ in streams]
        going += [requests.drop_bridge(bridge) for bridge in self._bridges.pop(call, ())]
        if going:
            self._tasks.start("remove", self._remove(going))

    def all_ended(self) -> None:
        """The switch restarted: nothing of ours is left there."""
        for streams in self._streams.values():
            for _, media in streams:
                media.end()
        self._streams.clear()
        self._bridges.clear()

    async def sweep(self, channel_ids: Iterable[str], bridge_ids: Iterable[str]) -> None:
        """Remove what belongs to calls that ended unseen; learn what belongs to live ones."""
        names = tuple(channel_ids)
        live = {call for name in names if (call := call_of(name)) is not None}
        going = [
            requests.hang_up(name)
            for name in names
            if (owner := _owner(name, _HELPERS)) is not None and owner not in live
        ]
        for bridge in bridge_ids:
            owner = _owner(bridge, ("call-", "leg-"))
            if owner is not None and owner in live:
                self._bridges.setdefault(owner, set()).add(bridge)
            elif owner is not None:
                going.append(requests.drop_bridge(bridge))
        await self._remove(going)

    # --- steps -------------------------------------------------------------------------------

    async def _gather(self, owner: CallId, bridge: str, *channel_ids: str) -> None:
        self._bridges.setdefault(owner, set()).add(bridge)
        await self._rest.send(requests.make_bridge(bridge))
        await self._rest.send(requests.add_channel(bridge, *channel_ids))

    async def _connect(self, call: CallId, channel_id: str) -> AsteriskMedia:
        async with self._entry(channel_id):
            made = await self._rest.send(requests.external_media(channel_id, self._address.app))
            media = AsteriskMedia(
                await self._open_socket(made["channelvars"][_MEDIA_ID]),
                self._clock,
                partial(self._left, call, channel_id),
            )
            self._streams.setdefault(call, []).append((channel_id, media))
            self._tasks.start("pump", media.pump())
            self._tasks.start("fill", media.fill_gaps())
        return media

    async def _open_socket(self, connection_id: str) -> aiohttp.ClientWebSocketResponse:
        url = f"ws://{self._address.host}:{self._address.port}/media/{connection_id}"
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._session.ws_connect(url, protocols=("media",), max_msg_size=0)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unreachable(self._address, error) from error

    async def _left(self, call: CallId, channel_id: str) -> None:
        streams = self._streams.get(call, [])
        self._streams[call] = [entry for entry in streams if entry[0] != channel_id]
        await self._drop(channel_id)

    async def _snoop(self, call: CallId, channel_id: str, spy: str) -> None:
        async with self._entry(channel_id):
            await self._rest.send(requests.snoop(call, channel_id, self._address.app, spy))

    @asynccontextmanager
    async def _entry(self, channel_id: str) -> AsyncIterator[None]:
        """Make a channel within the block; then wait until it is under control.

        Before its StasisStart, Asterisk refuses commands on it with 409.
        """
        if channel_id in self._entering:
            raise PeerError("this is being done already", channel_id=channel_id)
        entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._entering[channel_id] = entered
        try:
            yield
            async with asyncio.timeout(self._timeout_s):
                await entered
        except TimeoutError as error:
            raise unreachable(self._address, error) from error
        finally:
            del self._entering[channel_id]

    async def _drop(self, channel_id: str) -> None:
        await self._remove([requests.hang_up(channel_id)])

    async def _remove(self, going: Iterable[requests.Request]) -> None:
        # A switch that does not answer is swept after the reconnect.
        with suppress(UnavailableError):
            for request in going:
                await self._rest.attempt(request)


def _owner(name: str, prefixes: tuple[str, ...]) -> CallId | None:
    """The call that a helper channel or bridge is named after."""
    for prefix in prefixes:
        if name.startswith(prefix):
            return call_of(name.removeprefix(prefix)[:_UUID_LENGTH])
    return None
