"""One connection to one Asterisk: found again after each loss, its events put in order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from kernel.clock import Clock
from kernel.errors import ConflictError, InputError, PeerError, UnavailableError
from kernel.service import TaskOwner
from kernel.telephony import (
    CallAnswered,
    CallEnded,
    CallId,
    RecordingReady,
    SwitchBack,
    SwitchEvent,
    SwitchLost,
)
from telephony_adapter.address import SwitchAddress
from telephony_adapter.asterisk import requests
from telephony_adapter.asterisk.legs import Legs
from telephony_adapter.asterisk.link import EventLink
from telephony_adapter.asterisk.mapping import (
    Entered,
    EventMapper,
    MappedEvent,
    Recorded,
    Replaced,
    call_of,
)
from telephony_adapter.asterisk.rest import AriRest
from telephony_adapter.inbox import Inbox
from telephony_adapter.sound import recording_path, wav_seconds

#: chan_websocket with JSON control and `tech_cause` in ChannelDestroyed need it.
OLDEST = 22


@dataclass(frozen=True, slots=True)
class AsteriskOptions:
    """Settings of one Asterisk.

    Attributes:
        trunk: PJSIP endpoint that people are rung through.
        prompts: folder of `<prompt>.wav`, at the same path for Asterisk.
        recordings: Asterisk's own recording folder (`spool/recording`) as this process sees it.
        rest_timeout_s: longest wait for the answer to one request.
        remembered_ids: attempt ids kept to refuse a second use.
    """

    trunk: str = "trunk"
    prompts: Path | None = None
    recordings: Path | None = None
    rest_timeout_s: float = 3.0
    remembered_ids: int = 100_000


class Connection:
    """REST, events and media sockets of one client, from `open` to `aclose`.

    Args:
        address: which switch.
        clock: waits and stamps.
        options: see `AsteriskOptions`.
        mapper: what is known of the calls; it outlives connections.
    """

    def __init__(
        self, address: SwitchAddress, clock: Clock, options: AsteriskOptions, mapper: EventMapper
    ) -> None:
        timeout_s = options.rest_timeout_s
        self._address = address
        self._options = options
        self._mapper = mapper
        self._tasks = TaskOwner("asterisk")
        self._boot_id = ""
        self.rest = AriRest(address, timeout_s)
        self.legs = Legs(self.rest, address, clock, timeout_s)
        self.link = EventLink(address, clock, Random(), timeout_s)
        self.inbox: Inbox[SwitchEvent] = Inbox()
        #: Legs of agents: they count as answered once they are in their bridge.
        self.agents: set[CallId] = set()

    async def open(self) -> None:
        """Connect, learn what is up, and listen from then on."""
        await self._greet()
        await self.link.connect()
        await self._resync()
        self._tasks.start("events", self._listen())

    async def aclose(self) -> None:
        """Disconnect; calls stay up, the event stream ends."""
        await self._tasks.aclose()
        await self.link.aclose()
        await self.legs.aclose()
        await self.rest.aclose()
        self.inbox.close()

    async def _greet(self) -> None:
        info = await self.rest.send(requests.info())
        version = info["system"]["version"]
        number = re.match(r"\d+", version)
        if number is not None and int(number[0]) < OLDEST:
            raise InputError(
                f"Asterisk at {self._address.host}:{self._address.port} is version {version}; "
                f"version {OLDEST} or later is needed"
            )
        self._boot_id = boot_id(info)

    async def _resync(self) -> None:
        """Learn what is up after a gap, and remove what belongs to nobody."""
        await self.rest.send(requests.filter_events(self._address.app))
        channels = await self.rest.send(requests.channels())
        bridges = await self.rest.send(requests.bridges())
        ids = [channel["id"] for channel in channels]
        live = [call for name in ids if (call := call_of(name)) is not None]
        for call in self._mapper.resync(live):
            self.legs.call_ended(call)
        await self.legs.sweep(ids, [bridge["id"] for bridge in bridges])

    async def _listen(self) -> None:
        try:
            while True:
                await self._read()
                self.inbox.put(SwitchLost())
                await self._come_back()
        except Exception as error:
            self.inbox.close(error)
            raise

    async def _read(self) -> None:
        async for event in self.link.read():
            for mapped in self._mapper.feed(event):
                self._handle(mapped)

    async def _come_back(self) -> None:
        async for _ in self.link.reconnecting():
            try:
                info = await self.rest.send(requests.info())
                if boot_id(info) != self._boot_id:
                    self._boot_id = boot_id(info)
                    self.legs.all_ended()
                await self._resync()
            except (UnavailableError, PeerError):
                # Still booting: HTTP answers before every module does.
                continue
            break
        self.inbox.put(SwitchBack(self._boot_id))

    def _handle(self, event: MappedEvent) -> None:
        match event:
            case Entered(channel_id):
                self.legs.entered(channel_id)
            case Recorded():
                self._recorded(event)
            case Replaced():
                raise ConflictError(
                    f"another client took the application {self._address.app!r} on Asterisk: "
                    "run one engine for each application"
                )
            case CallAnswered(call) if call in self.agents:
                self._tasks.start("house", self._house(call))
            case CallEnded(call):
                self.agents.discard(call)
                self.legs.call_ended(call)
                self.inbox.put(event)
            case _:
                self.inbox.put(event)

    async def _house(self, leg: CallId) -> None:
        """An agent's leg counts as up once it is in its bridge."""
        # Gone again, or no answer: `bridge` makes up for the latter.
        with suppress(PeerError, UnavailableError):
            await self.legs.house(leg)
        self.inbox.put(CallAnswered(leg))

    def _recorded(self, event: Recorded) -> None:
        try:
            path = recording_path(self._options.recordings, event.name)
        except PeerError:
            # Begun by a client with another recordings folder.
            return
        try:
            seconds = wav_seconds(path)
        except PeerError:
            # Not readable from here; Asterisk's own count is in whole seconds.
            seconds = event.seconds
        self.inbox.put(RecordingReady(event.call_id, str(path), seconds))


def boot_id(info: Mapping[str, Any]) -> str:
    """Changes with every start of the process."""
    return f"{info['config']['name']}/{info['status']['startup_time']}"
