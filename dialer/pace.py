"""Shows the floor to the pacer and counts what it needs to learn. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from dialer.live_call import Holder, LiveCall
from dialer.seat import SeatEvent, SeatState
from dialer.seating import Seat
from kernel.call import Result
from pacing import Agent, Decision, Outcome, Pacer, Ringing, Served, Snapshot, Waiting
from pacing.interface import AgentState, OutcomeKind

_AGENT_STATES: Mapping[SeatState, AgentState] = MappingProxyType({
    SeatState.CONNECTING: "paused",
    SeatState.READY: "idle",
    SeatState.PAUSED: "paused",
    SeatState.PREVIEWING: "paused",
    SeatState.RESERVED: "reserved",
    SeatState.TALKING: "talk",
    SeatState.WRAP_UP: "wrap",
})

_OUTCOME_KINDS: Mapping[Result, OutcomeKind] = MappingProxyType({
    Result.BUSY: "busy",
    Result.NO_ANSWER: "no_answer",
    Result.REJECTED: "no_answer",
    Result.UNREACHABLE: "no_answer",
    Result.CANCELLED: "no_answer",
    Result.UNKNOWN: "no_answer",
    Result.ANSWERED_MACHINE: "machine",
})


class PacingDesk:
    """One campaign's pacer with its inbox of outcomes.

    Args:
        pacer: the policy.
    """

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._events: list[Outcome | Served] = []
        self.last: Decision | None = None

    def answered(self, call: LiveCall, now_s: float) -> None:
        """A person answered."""
        self._events.append(Outcome(str(call.attempt), call.launched_s, now_s, "answered"))

    def failed(self, call: LiveCall, result: Result, now_s: float) -> None:
        """Ringing ended without an answer."""
        kind = _OUTCOME_KINDS.get(result, "invalid")
        self._events.append(Outcome(str(call.attempt), call.launched_s, now_s, kind))

    def abandoned(self, call: LiveCall, now_s: float) -> None:
        """A person who answered met nobody in time."""
        self._events.append(Served(str(call.attempt), "", now_s, None, None, abandoned=True))

    def served(
        self, call_id: str, agent: str, connected_s: float, talk_s: float, wrap_s: float
    ) -> None:
        """An agent has finished with a call, wrap-up included."""
        self._events.append(Served(call_id, agent, connected_s, talk_s, wrap_s, abandoned=False))

    def decide(
        self,
        now_s: float,
        seats: Iterable[Seat],
        calls: Iterable[LiveCall],
        *,
        claiming: int,
        leads_left: int,
        lines_free: int,
    ) -> Decision:
        """Ask the pacer how many calls to launch now.

        Args:
            now_s: monotonic seconds.
            seats: the campaign's agents.
            calls: the campaign's live calls.
            claiming: names being claimed at this moment; they count as ringing.
            leads_left: names that are due.
            lines_free: lines not in use.
        """
        calls = tuple(calls)
        ringing = [Ringing(str(c.attempt), c.launched_s) for c in calls if c.in_flight]
        ringing += [Ringing(f"claim-{n}", now_s) for n in range(claiming)]
        snapshot = Snapshot(
            now=now_s,
            agents=tuple(_agent(seat) for seat in seats),
            ringing=tuple(ringing),
            waiting=tuple(
                Waiting(str(c.attempt), c.answered_s)
                for c in calls
                if c.holder is Holder.QUEUE and c.answered_s is not None
            ),
            events=tuple(self._events),
            leads_left=leads_left,
            lines_free=lines_free,
            shift_ends_at=None,
        )
        self._events.clear()
        self.last = self._pacer.decide(snapshot)
        return self.last


def _agent(seat: Seat) -> Agent:
    pending = seat.wish in {SeatEvent.PAUSE, SeatEvent.SIGN_OUT}
    return Agent(str(seat.agent), _AGENT_STATES[seat.state], seat.since_s, pause_pending=pending)
