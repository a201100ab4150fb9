"""What stands on agents' screens: the call they have, or had until its wrap-up ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from api.masking import mask_fields
from api.services import EngineView, RunnerView
from api.views import SeatCall, SeatView
from dialer.commands import Command, Join, WriteSeat
from dialer.seat import SeatState
from dialer.seating import Seat
from kernel.clock import Clock
from kernel.ids import AgentId, AttemptId


@dataclass(frozen=True, slots=True)
class _Shown:
    attempt: AttemptId
    number: str
    attempt_no: int
    fields: Mapping[str, str]


class Screens:
    """Remembers each agent's last call, because it has left the floor when wrap-up begins."""

    def __init__(self, engine: EngineView, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._last: dict[AgentId, _Shown] = {}
        engine.observe(self._observe)

    def of(self, agent: AgentId) -> SeatView:
        """An agent's own screen, with numbers masked."""
        for runner in self._engine.runners:
            seat = runner.floor.seating.get(agent)
            if seat is not None:
                return self._of_seat(runner, seat)
        return SeatView(agent=agent, state=SeatState.SIGNED_OUT.value)

    def _of_seat(self, runner: RunnerView, seat: Seat) -> SeatView:
        campaign = runner.floor.campaign
        age_s = self._clock.monotonic() - seat.since_s
        return SeatView(
            agent=seat.agent,
            state=seat.state.value,
            since=self._clock.now() - timedelta(seconds=age_s),
            campaign=campaign.id,
            campaign_name=campaign.plan.name,
            wish=seat.wish.value if seat.wish is not None else None,
            call=self._call(seat),
        )

    def _call(self, seat: Seat) -> SeatCall | None:
        shown = self._last.get(seat.agent)
        if shown is not None and shown.attempt == seat.attempt:
            return SeatCall(
                attempt=shown.attempt,
                number=shown.number,
                attempt_no=shown.attempt_no,
                fields=dict(shown.fields),
            )
        name = seat.preview
        if name is None:
            return None
        # Looked at before dialing, and while it rings.
        return SeatCall(
            attempt=seat.attempt,
            number=name.number.masked,
            attempt_no=name.attempts + 1,
            fields=mask_fields(name.fields),
        )

    def _observe(self, runner: RunnerView, command: Command) -> None:
        match command:
            case Join(attempt, agent, _):
                call = runner.floor.calls.get(attempt)
                if call is not None:
                    fields = mask_fields(call.fields)
                    shown = _Shown(attempt, call.number.masked, call.attempt_no, fields)
                    self._last[agent] = shown
            case WriteSeat(change) if change.state is SeatState.SIGNED_OUT:
                self._last.pop(change.agent, None)
            case _:
                pass
