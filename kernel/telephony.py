"""What the engine needs from a switch: commands, events, and the port itself.

Contract of every adapter (tests/conformance/telephony.py runs it over all of them):

- A dial attempt's id is its call id on the switch. `originate` is at most once: the adapter
  never repeats it, and a lost answer raises `UnavailableError` ("it may have been sent").
- Events are hints: they may be lost, repeated or reordered. `inquire` and `live_calls` are the
  truth that reconciliation reads.
- Commands on a call that is gone do nothing (`hangup`) or raise `PeerError` (the others).
- Only ids travel into the switch, never text from a list.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NewType, Protocol
from uuid import UUID

from kernel.call import AttemptState, EndedBy
from kernel.ids import AttemptId
from kernel.media import MediaStream
from kernel.phone import PhoneNumber

#: A leg on the switch: a dial attempt or an agent's phone.
CallId = NewType("CallId", UUID)


def call_id(attempt: AttemptId) -> CallId:
    """An attempt's id is its call id."""
    return CallId(attempt)


# --- commands --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DialCommand:
    """Ring one person once.

    Attributes:
        attempt_id: our name for the call; refused by the switch when used before.
        number: whom to ring.
        caller_id: number shown to the person, or None for the trunk's own.
        ring_timeout_s: longest ringing before the switch gives up (at least 15 s by law in
            several places; the campaign decides).
        deadline_at: the switch refuses the command after this instant of its own clock.
    """

    attempt_id: AttemptId
    number: PhoneNumber
    caller_id: PhoneNumber | None
    ring_timeout_s: float
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class AgentLegCommand:
    """Ring an agent's phone and keep the leg up: its audio is ready before any answer.

    Attributes:
        leg_id: our name for the leg.
        address: the agent's phone in the switch's own terms (`PJSIP/8001@trunk`, `sim:7`).
        ring_timeout_s: longest ringing.
    """

    leg_id: CallId
    address: str
    ring_timeout_s: float = 20.0


class Reply(Enum):
    """The switch's answer to `originate`."""

    SENT = "sent"
    EXPIRED = "expired"  # came after its deadline: provably not dialed
    DUPLICATE = "duplicate"  # this attempt id was used already


# --- events ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallRinging:
    """The far end rings."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class CallEarlyMedia:
    """Audio before answer: a ringback song or an announcement."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The far end answered."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """A key press from the far end.

    Attributes:
        digit: one of `0123456789*#ABCD`.
    """

    call_id: CallId
    digit: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The call is over.

    Attributes:
        cause: ITU-T Q.850 cause value; 0 when the switch knows none.
        sip_status: final SIP status of an unanswered call, or None.
        ended_by: who ended it, as far as the switch can tell.
        ring_timeout: the switch gave up because `ring_timeout_s` had passed.
    """

    call_id: CallId
    cause: int
    sip_status: int | None = None
    ended_by: EndedBy = EndedBy.UNKNOWN
    ring_timeout: bool = False


@dataclass(frozen=True, slots=True)
class RecordingReady:
    """A recording is complete on disk.

    Attributes:
        path: the file, readable by this process.
        seconds: its length.
    """

    call_id: CallId
    path: str
    seconds: float


@dataclass(frozen=True, slots=True)
class SwitchLost:
    """The event stream broke; what happens on the switch is not seen until `SwitchBack`."""


@dataclass(frozen=True, slots=True)
class SwitchBack:
    """The event stream is back: reconcile. A new boot id means every earlier call is gone."""

    boot_id: str


CallEvent = CallRinging | CallEarlyMedia | CallAnswered | DigitPressed | CallEnded | RecordingReady
SwitchEvent = CallEvent | SwitchLost | SwitchBack


# --- what reconciliation asks ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Live:
    """The call is up and has reached this state."""

    state: AttemptState


@dataclass(frozen=True, slots=True)
class Finished:
    """The call is over and the switch still knows how it went.

    Attributes:
        reached: the highest state before its end.
        answered_at, ended_at: by the switch's clock; None when it was never answered.
    """

    reached: AttemptState
    ended: CallEnded
    answered_at: datetime | None
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class NeverSeen:
    """The switch vouches that this id was never dialed, and never will be."""


@dataclass(frozen=True, slots=True)
class Untold:
    """The switch does not know (it restarted, or keeps no records)."""


Sighting = Live | Finished | NeverSeen | Untold


@dataclass(frozen=True, slots=True)
class SwitchInfo:
    """A heartbeat.

    Attributes:
        boot_id: changes when the switch restarts.
        clock_at: the switch's wall clock.
        live_calls: calls up on the switch, ours or not.
    """

    boot_id: str
    version: str
    clock_at: datetime
    live_calls: int


class Telephony(Protocol):
    """One switch."""

    async def start(self) -> None:
        """Connect. Raises `UnavailableError` (unreachable) or `InputError` (refused)."""
        ...

    async def aclose(self) -> None:
        """Disconnect; calls on the switch stay up."""
        ...

    async def heartbeat(self) -> SwitchInfo:
        """Ask for a sign of life."""
        ...

    def events(self) -> AsyncIterator[SwitchEvent]:
        """Events of our calls until `aclose`; one reader only."""
        ...

    async def originate(self, command: DialCommand) -> Reply:
        """Ring a person; at most once.

        Raises:
            UnavailableError: no answer came; it may or may not have been sent.
            PeerError: the switch refused the command; nothing rings.
        """
        ...

    async def connect_agent(self, command: AgentLegCommand) -> None:
        """Ring an agent's phone; `CallAnswered(leg_id)` tells when the leg is up."""
        ...

    async def bridge(self, call: CallId, leg: CallId) -> None:
        """Let an answered call and an agent's leg hear each other; repeating it does no harm."""
        ...

    async def unbridge(self, call: CallId, leg: CallId) -> None:
        """Part them again; both stay up. Does nothing when one is gone."""
        ...

    async def play(self, call: CallId, prompt: str) -> float:
        """Play a stored prompt to the call.

        Args:
            call: the leg that hears it.
            prompt: `[a-z0-9-]+`; the file is `<prompt>.wav` (8 kHz mono 16-bit) in the prompt
                folder that the product and the switch share.

        Returns:
            The prompt's length in seconds.
        """
        ...

    async def media(self, call: CallId) -> MediaStream:
        """Take the call's audio, both ways, for a robot."""
        ...

    async def send_digits(self, call: CallId, digits: str) -> None:
        """Press keys towards the far end."""
        ...

    async def record(self, call: CallId, name: str) -> None:
        """Record both directions of the call until it ends; then `RecordingReady`."""
        ...

    async def hangup(self, call: CallId) -> None:
        """End the call; does nothing when it is gone."""
        ...

    async def live_calls(self) -> Mapping[CallId, AttemptState]:
        """Every leg of ours that is up now, attempts and agents' phones alike."""
        ...

    async def inquire(self, attempts: Iterable[AttemptId]) -> Mapping[AttemptId, Sighting]:
        """What the switch knows of each of these attempts."""
        ...
