"""The kernel's `Telephony` on a real Asterisk."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from kernel.call import AttemptState
from kernel.clock import Clock
from kernel.errors import ConflictError, InputError, PeerError, UnavailableError
from kernel.ids import AttemptId
from kernel.media import MediaStream
from kernel.service import TaskOwner
from kernel.telephony import (
    AgentLegCommand,
    CallAnswered,
    CallEnded,
    CallId,
    DialCommand,
    Live,
    RecordingReady,
    Reply,
    Sighting,
    SwitchBack,
    SwitchEvent,
    SwitchInfo,
    SwitchLost,
    Untold,
    call_id,
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
    read_time,
)
from telephony_adapter.asterisk.rest import AriRest, RefusedError
from telephony_adapter.inbox import Inbox
from telephony_adapter.sound import prompt_path, recording_path, wav_seconds

#: chan_websocket with JSON control and `tech_cause` in ChannelDestroyed need it.
OLDEST = 22

_CONFLICT = 409
_NOT_FOUND = 404
#: Names of channels that are machinery, not telephones.
_MACHINERY = ("Snoop/", "WebSocket/", "Announcer/", "Recorder/", "Local/")


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


class AsteriskSwitch:
    """`Telephony` over ARI.

    The dial gate stands on this side: a command is refused when Asterisk's own clock (its
    offset is measured by `heartbeat`, to the millisecond of `/asterisk/ping`) is past the
    deadline, and when its id was used since this client was made or is up on the switch.
    Asterisk has no later gate: a request that it read late (a frozen process) still rings.

    Args:
        address: parsed `asterisk://` address.
        clock: monotonic time and our wall clock.
        options: see `AsteriskOptions`.
    """

    def __init__(
        self, address: SwitchAddress, clock: Clock, options: AsteriskOptions | None = None
    ) -> None:
        self._address = address
        self._clock = clock
        self._options = options or AsteriskOptions()
        self._inbox: Inbox[SwitchEvent] = Inbox()
        self._mapper = EventMapper()
        self._tasks = TaskOwner("asterisk")
        self._agents: set[CallId] = set()
        self._used: dict[AttemptId, None] = {}
        self._clock_ahead = timedelta(0)
        self._boot_id = ""
        self._open: tuple[AriRest, Legs, EventLink] | None = None

    # --- connection --------------------------------------------------------------------------

    async def start(self) -> None:
        """See `Telephony`; also refuses (InputError) an Asterisk older than 22."""
        rest = AriRest(self._address, self._options.rest_timeout_s)
        legs = Legs(rest, self._address, self._clock, self._options.rest_timeout_s)
        link = EventLink(self._address, self._clock, Random(), self._options.rest_timeout_s)
        self._open = rest, legs, link
        self._inbox = Inbox()
        try:
            await self._greet()
            await link.connect()
            await self._resync()
        except BaseException:
            await self.aclose()
            raise
        self._tasks.start("events", self._listen(link))

    async def aclose(self) -> None:
        """See `Telephony`."""
        if self._open is None:
            return
        rest, legs, link = self._open
        self._open = None
        await self._tasks.aclose()
        await link.aclose()
        await legs.aclose()
        await rest.aclose()
        self._inbox.close()

    def events(self) -> AsyncIterator[SwitchEvent]:
        """See `Telephony`.

        Raises:
            ConflictError: another client has taken our application; this one is deaf.
        """
        return self._inbox.read()

    async def heartbeat(self) -> SwitchInfo:
        """See `Telephony`; also measures how far Asterisk's clock is ahead of ours."""
        info = await self._rest.send(requests.info())
        asked_at = self._clock.now()
        pong = await self._rest.send(requests.ping())
        halfway = asked_at + (self._clock.now() - asked_at) / 2
        self._clock_ahead = read_time(pong["timestamp"]) - halfway
        channels = await self._rest.send(requests.channels())
        return SwitchInfo(
            boot_id=_boot_id(info),
            version=info["system"]["version"],
            clock_at=self._switch_now(),
            live_calls=sum(not c["name"].startswith(_MACHINERY) for c in channels),
        )

    # --- calls -------------------------------------------------------------------------------

    async def originate(self, command: DialCommand) -> Reply:
        """See `Telephony`."""
        attempt = command.attempt_id
        if attempt in self._used or self._mapper.known(call_id(attempt)):
            return Reply.DUPLICATE
        if self._switch_now() > command.deadline_at:
            return Reply.EXPIRED
        request = requests.originate(command, self._address.app, self._options.trunk)
        self._use(attempt)
        try:
            await self._rest.send(request)
        except RefusedError as refusal:
            if refusal.status == _CONFLICT:
                return Reply.DUPLICATE
            raise
        return Reply.SENT

    async def connect_agent(self, command: AgentLegCommand) -> None:
        """See `Telephony`; the address is an endpoint, such as `PJSIP/8001`."""
        self._agents.add(command.leg_id)
        try:
            await self._rest.send(requests.ring_agent(command, self._address.app))
        except PeerError:
            self._agents.discard(command.leg_id)
            raise

    async def bridge(self, call: CallId, leg: CallId) -> None:
        """See `Telephony`."""
        await self._legs.join(call, leg)

    async def unbridge(self, call: CallId, leg: CallId) -> None:
        """See `Telephony`."""
        await self._legs.part(call, leg)

    async def hangup(self, call: CallId) -> None:
        """See `Telephony`."""
        try:
            await self._rest.send(requests.hang_up(str(call)))
        except RefusedError as refusal:
            if refusal.status != _NOT_FOUND:
                raise

    # --- sound -------------------------------------------------------------------------------

    async def play(self, call: CallId, prompt: str) -> float:
        """See `Telephony`."""
        path = prompt_path(self._options.prompts, prompt)
        seconds = wav_seconds(path)
        await self._rest.send(requests.play(call, str(path.with_suffix(""))))
        return seconds

    async def media(self, call: CallId) -> MediaStream:
        """See `Telephony`; before the answer it only listens, through a snoop channel."""
        channel = await self._rest.send(requests.channel(str(call)))
        return await self._legs.open_media(call, self._mapper.state_of(channel))

    async def send_digits(self, call: CallId, digits: str) -> None:
        """See `Telephony`."""
        await self._rest.send(requests.send_digits(call, digits))

    async def record(self, call: CallId, name: str) -> None:
        """See `Telephony`.

        A snoop channel records what the call says and hears. Known limit of Asterisk 22.10: when
        the call hears two telephones one after the other (a transfer between agents), the
        recording may miss one of them; a robot and then an agent are both recorded.
        """
        recording_path(self._options.recordings, name)
        await self._legs.record(call, name)

    # --- the truth ---------------------------------------------------------------------------

    async def live_calls(self) -> Mapping[CallId, AttemptState]:
        """See `Telephony`; a call that was answered stays ANSWERED, whoever has it."""
        channels = await self._rest.send(requests.channels())
        return {
            call: self._mapper.state_of(channel)
            for channel in channels
            if (call := call_of(channel["id"])) is not None
        }

    async def inquire(self, attempts: Iterable[AttemptId]) -> Mapping[AttemptId, Sighting]:
        """See `Telephony`.

        Asterisk keeps no call records for us: what is not up and was not seen ending by this
        client (the latest 20,000 calls) is `Untold`. `NeverSeen` is never the answer.
        """
        live = await self.live_calls()
        return {attempt: self._sight(attempt, live) for attempt in attempts}

    # --- inside ------------------------------------------------------------------------------

    @property
    def _rest(self) -> AriRest:
        return self._parts()[0]

    @property
    def _legs(self) -> Legs:
        return self._parts()[1]

    def _parts(self) -> tuple[AriRest, Legs, EventLink]:
        if self._open is None:
            raise UnavailableError("not connected to Asterisk: start the adapter first")
        return self._open

    def _switch_now(self) -> datetime:
        return self._clock.now() + self._clock_ahead

    def _use(self, attempt: AttemptId) -> None:
        self._used[attempt] = None
        if len(self._used) > self._options.remembered_ids:
            del self._used[next(iter(self._used))]

    def _sight(self, attempt: AttemptId, live: Mapping[CallId, AttemptState]) -> Sighting:
        call = call_id(attempt)
        if call in live:
            return Live(live[call])
        return self._mapper.finished(call) or Untold()

    async def _greet(self) -> None:
        info = await self._rest.send(requests.info())
        version = info["system"]["version"]
        number = re.match(r"\d+", version)
        if number is not None and int(number[0]) < OLDEST:
            raise InputError(
                f"Asterisk at {self._address.host}:{self._address.port} is version {version}; "
                f"version {OLDEST} or later is needed"
            )
        self._boot_id = _boot_id(info)
        await self.heartbeat()

    async def _resync(self) -> None:
        """Learn what is up after a gap, and remove what belongs to nobody."""
        await self._rest.send(requests.filter_events(self._address.app))
        channels = await self._rest.send(requests.channels())
        bridges = await self._rest.send(requests.bridges())
        ids = [channel["id"] for channel in channels]
        live = [call for name in ids if (call := call_of(name)) is not None]
        for call in self._mapper.resync(live):
            self._legs.call_ended(call)
        await self._legs.sweep(ids, [bridge["id"] for bridge in bridges])

    async def _listen(self, link: EventLink) -> None:
        try:
            while True:
                await self._read(link)
                self._inbox.put(SwitchLost())
                await self._come_back(link)
        except Exception as error:
            self._inbox.close(error)
            raise

    async def _read(self, link: EventLink) -> None:
        async for event in link.read():
            for mapped in self._mapper.feed(event):
                self._handle(mapped)

    async def _come_back(self, link: EventLink) -> None:
        async for _ in link.reconnecting():
            try:
                info = await self._rest.send(requests.info())
                if _boot_id(info) != self._boot_id:
                    self._boot_id = _boot_id(info)
                    self._legs.all_ended()
                await self._resync()
            except UnavailableError:
                continue
            break
        self._inbox.put(SwitchBack(self._boot_id))

    def _handle(self, event: MappedEvent) -> None:
        match event:
            case Entered(channel_id):
                self._legs.entered(channel_id)
            case Recorded():
                self._inbox.put(self._recording(event))
            case Replaced():
                raise ConflictError(
                    f"another client took the application {self._address.app!r} on Asterisk: "
                    "run one engine for each application"
                )
            case CallAnswered(call) if call in self._agents:
                self._tasks.start("house", self._house(call))
            case CallEnded(call):
                self._agents.discard(call)
                self._legs.call_ended(call)
                self._inbox.put(event)
            case _:
                self._inbox.put(event)

    async def _house(self, leg: CallId) -> None:
        """An agent's leg counts as up once it is in its bridge."""
        # Gone again, or no answer: `bridge` makes up for the latter.
        with suppress(PeerError, UnavailableError):
            await self._legs.house(leg)
        self._inbox.put(CallAnswered(leg))

    def _recording(self, event: Recorded) -> RecordingReady:
        path = recording_path(self._options.recordings, event.name)
        try:
            seconds = wav_seconds(path)
        except PeerError:
            # Not readable from here; Asterisk's own count is in whole seconds.
            seconds = event.seconds
        return RecordingReady(event.call_id, str(path), seconds)


def _boot_id(info: Mapping[str, Any]) -> str:
    return f"{info['config']['name']}/{info['status']['startup_time']}"
