"""States of one dial attempt, their table, and the normal result codes.

The rank of an attempt only rises. Switch events are lossy, duplicated and unordered by
contract, so every event is folded in as "the attempt has reached at least this rank"; a lower
or equal rank changes nothing (docs/decisions/0003-dial-protocol.md).
"""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum, unique


@unique
class AttemptState(IntEnum):
    """Life of one dial. The value is its rank."""

    INTENT = 10  # claimed and written, not yet given to a switch
    SENT = 20  # the switch took it
    RINGING = 30  # the far end rings (SIP 180)
    EARLY = 40  # audio before answer (SIP 183): ringback song, announcement
    ANSWERED = 50  # somebody or something answered
    CONNECTED = 60  # an agent or a robot has the call
    ABANDONED = 61  # nobody was free in time: the person heard the abandonment message
    UNKNOWN = 90  # it may have rung: counts as an attempt, never redialed before the gap
    ENDED = 100  # over, with a result
    VOID = 101  # provably never reached the switch: the name is as if untouched


#: From each state, the states that may follow. Anything else raises or is ignored as stale.
TRANSITIONS: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.INTENT: frozenset({
        AttemptState.SENT,
        AttemptState.RINGING,
        AttemptState.EARLY,
        AttemptState.ANSWERED,
        AttemptState.UNKNOWN,
        AttemptState.ENDED,
        AttemptState.VOID,
    }),
    AttemptState.SENT: frozenset({
        AttemptState.RINGING,
        AttemptState.EARLY,
        AttemptState.ANSWERED,
        AttemptState.UNKNOWN,
        AttemptState.ENDED,
    }),
    AttemptState.RINGING: frozenset({
        AttemptState.EARLY,
        AttemptState.ANSWERED,
        AttemptState.UNKNOWN,
        AttemptState.ENDED,
    }),
    AttemptState.EARLY: frozenset({
        AttemptState.ANSWERED,
        AttemptState.UNKNOWN,
        AttemptState.ENDED,
    }),
    AttemptState.ANSWERED: frozenset({
        AttemptState.CONNECTED,
        AttemptState.ABANDONED,
        AttemptState.UNKNOWN,
        AttemptState.ENDED,
    }),
    AttemptState.CONNECTED: frozenset({AttemptState.UNKNOWN, AttemptState.ENDED}),
    AttemptState.ABANDONED: frozenset({AttemptState.UNKNOWN, AttemptState.ENDED}),
    # A call record or a late event may still tell how an unknown attempt ended.
    AttemptState.UNKNOWN: frozenset({AttemptState.ENDED}),
    AttemptState.ENDED: frozenset(),
    AttemptState.VOID: frozenset(),
}

#: States in which an attempt holds its name and its number: at most one per number.
OPEN_STATES: frozenset[AttemptState] = frozenset(
    state
    for state in AttemptState
    if state not in {AttemptState.UNKNOWN, AttemptState.ENDED, AttemptState.VOID}
)


def may_follow(before: AttemptState, after: AttemptState) -> bool:
    """Whether `after` is a legal next state of `before`."""
    return after in TRANSITIONS[before]


@unique
class Result(StrEnum):
    """The one normal set of results, whatever the switch, carrier or classifier said."""

    ANSWERED_HUMAN = "answered-human"
    ANSWERED_MACHINE = "answered-machine"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"  # switched off or out of coverage (关机, 无法接通)
    SUSPENDED = "suspended"  # the line is suspended (停机)
    EMPTY_NUMBER = "empty-number"  # no such number (空号)
    INVALID = "invalid"  # not a dialable number for this trunk
    BLOCKED = "blocked"  # a rule or the carrier refuses the call
    NETWORK_FAILURE = "network-failure"
    ABANDONED = "abandoned"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  # it may have rung; the switch could not tell how it ended


class EndedBy(Enum):
    """Who ended a call."""

    CALLEE = "callee"
    US = "us"
    NETWORK = "network"
    UNKNOWN = "unknown"
