"""ARI events in, kernel events out: no socket, no clock.

Facts of Asterisk 22 that this rests on: an unanswered call's ChannelDestroyed carries the SIP
status as `tech_cause`; our own ring timeout is a ChannelDestroyed 19/480 that follows neither a
ChannelHangupRequest nor a final Dial event; a hang-up through ARI is a request with `soft`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.call import AttemptState, EndedBy
from kernel.telephony import (
    CallAnswered,
    CallEarlyMedia,
    CallEnded,
    CallEvent,
    CallId,
    CallRinging,
    DigitPressed,
    Finished,
)
from telephony_adapter import causes

#: Ended calls remembered for `inquire`: a busy hour of one switch.
REMEMBERED = 20_000

_STATES = {
    "Ring": AttemptState.RINGING,
    "Ringing": AttemptState.RINGING,
    "Up": AttemptState.ANSWERED,
}


@dataclass(frozen=True, slots=True)
class Entered:
    """A channel of our own making (no call) is under our control."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """Asterisk finished a recording.

    Attributes:
        name: without folder and extension.
        seconds: whole seconds, as Asterisk tells.
    """

    call_id: CallId
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another client took our application: this connection is deaf from now on."""


MappedEvent = CallEvent | Entered | Recorded | Replaced


@dataclass(slots=True)
class _Memory:
    state: AttemptState = AttemptState.SENT
    answered_at: datetime | None = None
    hang_up_soft: bool | None = None  # None: nobody asked for the end


class EventMapper:
    """Turns ARI events into kernel events and remembers how calls went."""

    def __init__(self) -> None:
        self._live: dict[CallId, _Memory] = {}
        self._finished: OrderedDict[CallId, Finished] = OrderedDict()
        self._handlers: Mapping[str, Callable[[Mapping[str, Any]], tuple[MappedEvent, ...]]] = {
            "Dial": self._dial,
            "ChannelStateChange": self._state_change,
            "StasisStart": self._stasis_start,
            "ChannelHangupRequest": self._hangup_request,
            "ChannelDestroyed": self._destroyed,
            "ChannelDtmfReceived": self._digit,
            "RecordingFinished": self._recording,
            "ApplicationReplaced": self._replaced,
        }

    def feed(self, event: Mapping[str, Any]) -> tuple[MappedEvent, ...]:
        """One event as decoded JSON; events that mean nothing to us give nothing."""
        handler = self._handlers.get(event.get("type", ""))
        return () if handler is None else handler(event)

    def state_of(self, channel: Mapping[str, Any]) -> AttemptState:
        """State of a channel as `GET /channels` shows it; it knows no early media, we do."""
        state = _STATES.get(channel["state"], AttemptState.SENT)
        memory = self._live.get(CallId(UUID(channel["id"])))
        return state if memory is None else max(state, memory.state)

    def finished(self, call: CallId) -> Finished | None:
        """How a call ended, if its end was seen."""
        return self._finished.get(call)

    def known(self, call: CallId) -> bool:
        """Whether this call is up or its end was seen."""
        return call in self._live or call in self._finished

    def resync(self, live: Iterable[CallId]) -> frozenset[CallId]:
        """After a gap: forget calls that ended unseen, and return them."""
        gone = frozenset(self._live) - frozenset(live)
        for call in gone:
            del self._live[call]
        return gone

    # --- one method for each type ------------------------------------------------------------

    def _dial(self, event: Mapping[str, Any]) -> tuple[MappedEvent, ...]:
        call = call_of(event["peer"]["id"])
        if call is None:
            return ()
        match event.get("dialstatus"):
            case "RINGING":
                return self._raise(call, AttemptState.RINGING, CallRinging(call))
            case "PROGRESS":
                return self._raise(call, AttemptState.EARLY, CallEarlyMedia(call))
            case _:
                self._live.setdefault(call, _Memory())
                return ()

    def _state_change(self, event: Mapping[str, Any]) -> tuple[MappedEvent, ...]:
        call = call_of(event["channel"]["id"])
        if call is None or event["channel"]["state"] != "Ringing":
            # Up is told by StasisStart, a moment later: only then do commands work.
            return ()
        return self._raise(call, AttemptState.RINGING, CallRinging(call))

    def _stasis_start(self, event: Mapping[str, Any]) -> tuple[MappedEvent, ...]:
        channel_id = event["channel"]["id"]
        call = call_of(channel_id)
        if call is None:
            return (Entered(channel_id),)
        told = self._raise(call, AttemptState.ANSWERED, CallAnswered(call))
        if told:
            self._live[call].answered_at = read_time(event["timestamp"])
        return told

    def _hangup_request(self, event: Mapping[str, Any]) -> tuple[MappedEvent, ...]:
        call = call_of(event["channel"]["id"])
        if call is not None:
            memory = self._live.setdefault(call, _Memory())
            if memory.hang_up_soft is None:
                memory.hang_up_soft = bool(event.get("soft", False))
        return ()

    def _destroyed(self, event: Mapping[str, Any]) -> tuple[MappedEvent, ...]:
        call = call_of(event["channel"]["id"])
        if call is None:
            return ()
        memory = self._live.pop(call, None) or _Memory()
        ended = _ended(call, memory, int(event.get("cause", 0)), event.get("tech_cause"))
        self._finished[call] = Finished(
            memory.state, ended, memory.answered_at, read_time(event["timestamp"])
        )
        if len(self._finished) > REMEMBERED:
            self._finished.popitem(last=False)
        return (ended,)

    def _digit(self, event: Mapping[str, Any]) -> tuple[MappedEvent, ...]:
        call = call_of(event["channel"]["id"])
        return () if call is None else (DigitPressed(call, event["digit"]),)

    def _recording(self, event: Mapping[str, Any]) -> tuple[MappedEvent, ...]:
        recording = event["recording"]
        # target_uri is "channel:rec-<call>".
        target = recording["target_uri"].removeprefix("channel:").removeprefix("rec-")
        call = call_of(target)
        if call is None:
            return ()
        return (Recorded(call, recording["name"], float(recording.get("duration", 0))),)

    def _replaced(self, event: Mapping[str, Any]) -> tuple[MappedEvent, ...]:
        del event
        return (Replaced(),)

    def _raise(
        self, call: CallId, state: AttemptState, event: CallEvent
    ) -> tuple[MappedEvent, ...]:
        memory = self._live.setdefault(call, _Memory())
        if memory.state >= state:
            return ()
        memory.state = state
        return (event,)


def call_of(channel_id: str) -> CallId | None:
    """The call a channel id names: ours are plain UUIDs, helper channels have a prefix."""
    try:
        return CallId(UUID(channel_id)) if len(channel_id) == len(str(UUID(int=0))) else None
    except ValueError:
        return None


def read_time(text: str) -> datetime:
    """A time stamp of ARI, such as `2026-11-20T11:00:31.076+0000`."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def _ended(call: CallId, memory: _Memory, cause: int, tech_cause: int | None) -> CallEnded:
    if memory.hang_up_soft:
        return CallEnded(call, cause, ended_by=EndedBy.US)
    if memory.state is AttemptState.ANSWERED:
        callee_left = memory.hang_up_soft is False and cause == causes.NORMAL_CLEARING
        return CallEnded(call, cause, ended_by=EndedBy.CALLEE if callee_left else EndedBy.NETWORK)
    if memory.hang_up_soft is None and cause == causes.NO_ANSWER:
        # 480 here is what Asterisk makes up for its own timeout; the far end sent nothing.
        return CallEnded(call, cause, ended_by=EndedBy.US, ring_timeout=True)
    if tech_cause is None:
        return CallEnded(call, cause, ended_by=EndedBy.UNKNOWN)
    return CallEnded(call, cause, int(tech_cause), causes.who_refused(int(tech_cause)))
