"""What a pacer sees, what it answers, and the limits that it keeps.

A pacer is a pure controller: the caller shows it a `Snapshot` as often as it likes and launches
the number of calls that the `Decision` says. Times are seconds on one clock of the caller's
choice; `Limits.window == "day"` counts days as multiples of 86 400 s of that clock, so a caller
who wants days to break at local midnight passes local time.

An answered call appears as one `Outcome` when it is answered and as one `Served` when its
wrap-up ends, or when the person is abandoned (`agent_id` empty, `talk` and `wrap` None).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, Protocol, get_args

from kernel.errors import InputError

AgentState = Literal["idle", "talk", "wrap", "reserved", "paused"]
OutcomeKind = Literal["answered", "busy", "no_answer", "machine", "invalid"]
Window = Literal["run", "day", "30d"]


@dataclass(frozen=True, slots=True)
class Agent:
    """A signed-in agent; one who leaves vanishes from the snapshot.

    Attributes:
        since: when the present state began, in seconds.
        pause_pending: goes off duty as soon as the present call ends; never counted on.
    """

    id: str
    state: AgentState
    since: float
    pause_pending: bool = False


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call launched and not yet answered or ended.

    Attributes:
        since: when it was launched, in seconds.
        p_hint: probability in [0, 1] that this person answers, when the caller knows better
            than the campaign's average.
    """

    id: str
    since: float
    p_hint: float | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person who answered and has no agent yet; patience runs from `answered_at` (seconds)."""

    id: str
    answered_at: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of ringing: `launched` and `ended` in seconds; answered means a live person."""

    call_id: str
    launched: float
    ended: float
    kind: OutcomeKind


@dataclass(frozen=True, slots=True)
class Served:
    """The end of a live answer's story; `talk` and `wrap` are durations in seconds."""

    call_id: str
    agent_id: str
    connected: float
    talk: float | None
    wrap: float | None
    abandoned: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The floor at `now`, and what happened since the previous snapshot.

    Attributes:
        events: in time order, each exactly once.
        leads_left: names that may still be dialed now.
        lines_free: calls that the trunks still take now.
        shift_ends_at: when the agents go home, in seconds, or None.
    """

    now: float
    agents: tuple[Agent, ...]
    ringing: tuple[Ringing, ...]
    waiting: tuple[Waiting, ...]
    events: tuple[Outcome | Served, ...]
    leads_left: int
    lines_free: int
    shift_ends_at: float | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a campaign promises to the people it calls.

    Attributes:
        target: abandoned share of live answers that must not be passed, in [0, 1).
            0 means that no call is ever launched without a free agent.
        patience_s: seconds from the answer within which an agent must be there.
        window: over which answers the share is counted.
        max_lines_per_agent: calls in flight per agent on duty, at most.
        max_cps: calls launched per second, at most; None for no limit.

    Raises:
        InputError: a value is outside its range.
    """

    target: float = 0.03
    patience_s: float = 2.0
    window: Window = "run"
    max_lines_per_agent: float = 10
    max_cps: float | None = None

    def __post_init__(self) -> None:
        _require(0 <= self.target < 1, "target", self.target, "a share from 0 to below 1")
        _require(
            self.patience_s >= 0 and isfinite(self.patience_s),
            "patience_s",
            self.patience_s,
            "seconds, 0 or more",
        )
        windows = get_args(Window)
        _require(self.window in windows, "window", self.window, f"one of {', '.join(windows)}")
        _require(
            self.max_lines_per_agent >= 1,
            "max_lines_per_agent",
            self.max_lines_per_agent,
            "1 or more",
        )
        _require(
            self.max_cps is None or self.max_cps > 0,
            "max_cps",
            self.max_cps,
            "more than 0 calls per second, or None",
        )


def _require(held: bool, name: str, value: object, wanted: str) -> None:  # noqa: FBT001 - a condition
    if not held:
        raise InputError(f"pacing limit {name} = {value!r} cannot be kept; give {wanted}")


@dataclass(frozen=True, slots=True)
class Decision:
    """How many calls to launch now, and why.

    Attributes:
        launch: calls to launch at once.
        wake_at: advice: when to ask again if nothing happens, in seconds; None for not before
            the next event.
        risk: probability that the last call launched (or, with none launched, the first one
            refused) meets no agent if it is answered.
        theta: the risk that was acceptable.
        reason: a sentence fragment for the campaign's manager.
    """

    launch: int
    wake_at: float | None
    risk: float
    theta: float
    reason: str


class Pacer(Protocol):
    """A pacing policy with its memory: no I/O, no clock, no globals, deterministic."""

    def decide(self, s: Snapshot) -> Decision:
        """Say how many calls to launch at `s.now`; remembers what `s` shows."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return everything learned so far, as JSON values."""
        ...

    def load_state(self, d: dict[str, Any]) -> None:
        """Replace the memory by an earlier `state_dict`.

        Raises:
            InputError: `d` was not written by this policy; the present memory is kept.
        """
        ...
