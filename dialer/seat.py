"""An agent's seat: the state table. The seat belongs to the server; a screen is a view of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, unique
from types import MappingProxyType

from kernel.errors import ConflictError


@unique
class SeatState(StrEnum):
    """What an agent is doing; every second of a session belongs to exactly one."""

    SIGNED_OUT = "signed-out"
    CONNECTING = "connecting"  # signed in, the phone leg is not up yet
    READY = "ready"
    PAUSED = "paused"
    PREVIEWING = "previewing"  # looks at a name before dialing it
    RESERVED = "reserved"  # a call was given to the agent and is being joined
    TALKING = "talking"
    WRAP_UP = "wrap-up"


@unique
class SeatEvent(StrEnum):
    """What may happen to a seat."""

    SIGN_IN = "sign-in"
    LEG_UP = "leg-up"
    LEG_DOWN = "leg-down"
    READY = "ready"
    PAUSE = "pause"
    PREVIEW = "preview"
    RESERVE = "reserve"
    CONNECT = "connect"
    RELEASE = "release"  # the reserved or previewed call came to nothing
    CALL_ENDED = "call-ended"
    WRAPPED_UP = "wrapped-up"
    SIGN_OUT = "sign-out"


_S, _E = SeatState, SeatEvent

#: A pause or sign-out asked for during a call is kept by the seat's owner and done after
#: wrap-up: the person on the line is never dropped for it.
TRANSITIONS: Mapping[SeatState, Mapping[SeatEvent, SeatState]] = MappingProxyType({
    _S.SIGNED_OUT: {_E.SIGN_IN: _S.CONNECTING},
    _S.CONNECTING: {
        _E.LEG_UP: _S.PAUSED,
        _E.LEG_DOWN: _S.SIGNED_OUT,
        _E.SIGN_OUT: _S.SIGNED_OUT,
    },
    _S.PAUSED: {
        _E.READY: _S.READY,
        _E.SIGN_OUT: _S.SIGNED_OUT,
        _E.LEG_DOWN: _S.SIGNED_OUT,
    },
    _S.READY: {
        _E.PAUSE: _S.PAUSED,
        _E.PREVIEW: _S.PREVIEWING,
        _E.RESERVE: _S.RESERVED,
        _E.SIGN_OUT: _S.SIGNED_OUT,
        _E.LEG_DOWN: _S.SIGNED_OUT,
    },
    _S.PREVIEWING: {
        _E.RESERVE: _S.RESERVED,
        _E.RELEASE: _S.READY,
        _E.PAUSE: _S.PAUSED,
        _E.SIGN_OUT: _S.SIGNED_OUT,
        _E.LEG_DOWN: _S.SIGNED_OUT,
    },
    _S.RESERVED: {
        _E.CONNECT: _S.TALKING,
        _E.RELEASE: _S.READY,
        _E.CALL_ENDED: _S.READY,
        _E.LEG_DOWN: _S.SIGNED_OUT,
    },
    _S.TALKING: {_E.CALL_ENDED: _S.WRAP_UP, _E.LEG_DOWN: _S.SIGNED_OUT},
    _S.WRAP_UP: {
        _E.WRAPPED_UP: _S.READY,
        _E.PAUSE: _S.PAUSED,
        _E.SIGN_OUT: _S.SIGNED_OUT,
        _E.LEG_DOWN: _S.SIGNED_OUT,
    },
})


def next_seat_state(state: SeatState, event: SeatEvent) -> SeatState:
    """The state after `event`.

    Raises:
        ConflictError: the event is not possible in this state.
    """
    following = TRANSITIONS[state].get(event)
    if following is None:
        raise ConflictError(
            f"an agent who is {state} cannot {event}", state=state.value, event=event.value
        )
    return following
