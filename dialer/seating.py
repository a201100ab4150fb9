"""The agents of one campaign: whose turn it is, and what each one waits for. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from dialer.commands import Command, DropLeg, Moment, WriteSeat
from dialer.ports import PreviewName, SeatChange
from dialer.seat import SeatEvent, SeatState, next_seat_state
from kernel.errors import ConflictError
from kernel.ids import AgentId, AttemptId, CampaignId
from kernel.telephony import CallId

#: States in which a pause or a sign-out must wait until the call and its wrap-up are over.
ENGAGED = frozenset({SeatState.RESERVED, SeatState.TALKING})


@dataclass(frozen=True, slots=True)
class Seat:
    """One signed-in agent.

    Attributes:
        leg: the agent's phone on the switch.
        since_s: monotonic time of entering `state`.
        attempt: the call the agent has, had (wrap-up), or is about to get.
        wish: a pause or sign-out asked for during a call, done after it.
        preview: the name shown before dialing.
        idle_since_s: monotonic time since the last call; longest-idle-first goes by it.
        asked_s: monotonic time of the last look for a name to preview.
    """

    agent: AgentId
    leg: CallId
    address: str
    state: SeatState
    since_s: float
    attempt: AttemptId | None = None
    wish: SeatEvent | None = None
    wish_reason: str = ""
    preview: PreviewName | None = None
    idle_since_s: float = 0.0
    asked_s: float = 0.0


class Seating:
    """Seats by agent; every move goes through the state table and is written down."""

    def __init__(self, campaign: CampaignId) -> None:
        self._campaign = campaign
        self._seats: dict[AgentId, Seat] = {}

    def __iter__(self) -> Iterator[Seat]:
        """Every signed-in seat, in order of sign-in."""
        return iter(tuple(self._seats.values()))

    def __len__(self) -> int:
        """Signed-in agents."""
        return len(self._seats)

    def get(self, agent: AgentId) -> Seat | None:
        """An agent's seat, or None when signed out."""
        return self._seats.get(agent)

    def seat(self, agent: AgentId) -> Seat:
        """An agent's seat.

        Raises:
            ConflictError: the agent is not signed in here.
        """
        seat = self._seats.get(agent)
        if seat is None:
            raise ConflictError("the agent is not signed in to this campaign")
        return seat

    def by_leg(self, leg: CallId) -> Seat | None:
        """The seat whose phone this leg is."""
        return next((seat for seat in self._seats.values() if seat.leg == leg), None)

    def longest_idle(self, but: Container[AgentId] = ()) -> Seat | None:
        """The READY agent who has waited longest; ties go to whoever signed in first."""
        ready = (
            seat
            for seat in self._seats.values()
            if seat.state is SeatState.READY and seat.agent not in but
        )
        return min(ready, key=lambda seat: seat.idle_since_s, default=None)

    def sign_in(self, agent: AgentId, address: str, leg: CallId, now: Moment) -> list[Command]:
        """Seat an agent whose phone is about to ring.

        Raises:
            ConflictError: the agent is signed in already.
        """
        if agent in self._seats:
            raise ConflictError("the agent is signed in already")
        seat = Seat(agent, leg, address, SeatState.SIGNED_OUT, now.mono_s)
        self._seats[agent] = seat
        return self.move(seat, SeatEvent.SIGN_IN, now)

    def move(
        self, seat: Seat, event: SeatEvent, now: Moment, *, reason: str = "", **facts: object
    ) -> list[Command]:
        """Move a seat along the table, changing `facts` of it as well.

        Raises:
            ConflictError: the table has no such move; nothing has changed.
        """
        state = next_seat_state(seat.state, event)
        moved = replace(seat, state=state, since_s=now.mono_s, **facts)  # type: ignore[arg-type] # facts are fields of Seat
        if state is SeatState.READY:
            idle_s = seat.idle_since_s if seat.state is SeatState.PREVIEWING else now.mono_s
            moved = replace(moved, attempt=None, preview=None, idle_since_s=idle_s)
        commands: list[Command] = [self._written(moved, now, reason)]
        if state is SeatState.SIGNED_OUT:
            del self._seats[seat.agent]
            commands.append(DropLeg(seat.leg))
        else:
            self._seats[seat.agent] = moved
        return commands

    def ask(self, seat: Seat, event: SeatEvent, now: Moment, reason: str = "") -> list[Command]:
        """Pause or sign out now, or as soon as the call and its wrap-up are over."""
        if seat.state in ENGAGED:
            self.wish(seat, event, reason)
            return []
        return self.move(seat, event, now, reason=reason)

    def wish(self, seat: Seat, event: SeatEvent | None, reason: str = "") -> Seat:
        """Remember, or withdraw (None), what the agent wants after the present call."""
        wishing = replace(seat, wish=event, wish_reason=reason)
        self._seats[seat.agent] = wishing
        return wishing

    def assign(self, seat: Seat, attempt: AttemptId) -> None:
        """The call that a reserved agent is about to get."""
        self._seats[seat.agent] = replace(seat, attempt=attempt)

    def asked_for_preview(self, seat: Seat, now: Moment) -> None:
        """Remember that a name is being looked for."""
        self._seats[seat.agent] = replace(seat, asked_s=now.mono_s)

    def wrapped_up(self, seat: Seat, now: Moment) -> list[Command]:
        """End wrap-up: on to the next call, or to the pause or sign-out asked for."""
        event = seat.wish or SeatEvent.WRAPPED_UP
        return self.move(
            seat, event, now, reason=seat.wish_reason, wish=None, wish_reason="", attempt=None
        )

    def release(self, seat: Seat, now: Moment) -> list[Command]:
        """Free a reserved agent whose call came to nothing, then grant the wish, if any."""
        commands = self.move(seat, SeatEvent.RELEASE, now, wish=None, wish_reason="")
        if seat.wish is not None:
            freed = self._seats[seat.agent]
            commands += self.move(freed, seat.wish, now, reason=seat.wish_reason)
        return commands

    def _written(self, seat: Seat, now: Moment, reason: str) -> WriteSeat:
        return WriteSeat(
            SeatChange(seat.agent, self._campaign, seat.state, now.wall, seat.attempt, reason)
        )
