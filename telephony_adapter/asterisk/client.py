"""The kernel's `Telephony` on a real Asterisk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime, timedelta

from kernel.call import AttemptState
from kernel.clock import Clock
from kernel.errors import PeerError, UnavailableError
from kernel.ids import AttemptId
from kernel.media import MediaStream
from kernel.telephony import (
    AgentLegCommand,
    CallId,
    DialCommand,
    Live,
    Reply,
    Sighting,
    SwitchEvent,
    SwitchInfo,
    Untold,
    call_id,
)
from telephony_adapter.address import SwitchAddress
from telephony_adapter.asterisk import requests
from telephony_adapter.asterisk.connection import AsteriskOptions, Connection, boot_id
from telephony_adapter.asterisk.legs import Legs
from telephony_adapter.asterisk.mapping import (
    EventMapper,
    call_of,
    read_time,
)
from telephony_adapter.asterisk.rest import AriRest, RefusedError
from telephony_adapter.sound import prompt_path, recording_path, wav_seconds

_CONFLICT = 409
_NOT_FOUND = 404
#: Names of channels that are machinery, not telephones.
_MACHINERY = ("Snoop/", "WebSocket/", "Announcer/", "Recorder/", "Local/")


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
        self._mapper = EventMapper()
        self._used: dict[AttemptId, None] = {}
        self._clock_ahead = timedelta(0)
        self._connection: Connection | None = None

    # --- connection --------------------------------------------------------------------------

    async def start(self) -> None:
        """See `Telephony`; also refuses (InputError) an Asterisk older than 22."""
        connection = Connection(self._address, self._clock, self._options, self._mapper)
        self._connection = connection
        try:
            await connection.open()
            await self.heartbeat()
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """See `Telephony`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()

    def events(self) -> AsyncIterator[SwitchEvent]:
        """See `Telephony`.

        Raises:
            ConflictError: another client has taken our application; this one is deaf.
        """
        return self._open.inbox.read()

    async def heartbeat(self) -> SwitchInfo:
        """See `Telephony`; also measures how far Asterisk's clock is ahead of ours."""
        info = await self._rest.send(requests.info())
        asked_at = self._clock.now()
        pong = await self._rest.send(requests.ping())
        halfway = asked_at + (self._clock.now() - asked_at) / 2
        self._clock_ahead = read_time(pong["timestamp"]) - halfway
        channels = await self._rest.send(requests.channels())
        return SwitchInfo(
            boot_id=boot_id(info),
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
        self._open.agents.add(command.leg_id)
        try:
            await self._rest.send(requests.ring_agent(command, self._address.app))
        except PeerError:
            self._open.agents.discard(command.leg_id)
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
    def _open(self) -> Connection:
        if self._connection is None:
            raise UnavailableError("not connected to Asterisk: start the adapter first")
        return self._connection

    @property
    def _rest(self) -> AriRest:
        return self._open.rest

    @property
    def _legs(self) -> Legs:
        return self._open.legs

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
