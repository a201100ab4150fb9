"""Agents' phones on the switch: which are up, which are gone, which nobody explains."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import structlog

from dialer import desk
from dialer.campaign_runner import CampaignRunner
from kernel.call import AttemptState
from kernel.clock import Clock
from kernel.telephony import CallAnswered, CallEnded, CallEvent, CallId, Telephony

log = structlog.get_logger(__name__)

#: A phone must be missing on the switch for this long before its seat goes.
MISSING_S = 4.0
#: A leg of ours on the switch that nothing here explains is ended after this long.
ORPHAN_S = 10.0


class AgentLegs:
    """Keeps seats and phones in line.

    Args:
        switch: where the phones are.
        clock: for how long something has been so.
    """

    def __init__(self, switch: Telephony, clock: Clock) -> None:
        self._switch = switch
        self._clock = clock
        self._rung: set[CallId] = set()
        self._inherited: frozenset[CallId] = frozenset()
        self._missing: dict[CallId, float] = {}
        self._orphans: dict[CallId, float] = {}

    def rung(self, leg: CallId) -> None:
        """This engine rings a phone."""
        self._rung.add(leg)

    def inherit(self, live: Collection[CallId]) -> None:
        """What was up when this engine started, left by earlier ones."""
        self._inherited = frozenset(live)

    def event(self, runners: Iterable[CampaignRunner], event: CallEvent) -> bool:
        """Take an event of an agent's phone; False when it is none of ours."""
        leg = event.call_id
        if leg not in self._rung:
            return False
        if isinstance(event, CallEnded):
            self._rung.discard(leg)
        for runner in runners:
            if runner.floor.seating.by_leg(leg) is None:
                continue
            if isinstance(event, CallAnswered):
                desk.leg_up(runner.floor, leg, runner.moment())
            elif isinstance(event, CallEnded):
                desk.leg_down(runner.floor, leg, runner.moment())
            runner.carry_out()
        return True

    def check_seats(self, runner: CampaignRunner, live: Mapping[CallId, AttemptState]) -> None:
        """Phones that answered unheard, and seats whose phone the switch has lost."""
        now = runner.moment()
        for seat in runner.floor.seating:
            state = live.get(seat.leg)
            if state is None:
                since_s = self._missing.setdefault(seat.leg, now.mono_s)
                if now.mono_s - since_s >= MISSING_S:
                    log.warning("an agent's phone is gone", leg=str(seat.leg))
                    desk.leg_down(runner.floor, seat.leg, now)
                continue
            self._missing.pop(seat.leg, None)
            if state >= AttemptState.ANSWERED:
                desk.leg_up(runner.floor, seat.leg, now)
        runner.carry_out()

    async def end_orphans(
        self, runners: Collection[CampaignRunner], live: Collection[CallId]
    ) -> None:
        """End legs that nothing here explains, such as phones that a dead engine had rung.

        Only what earlier engines left, and what this one began: a later engine's calls are not
        ours to judge. While a call adopted from an earlier engine is still talking, its agent's
        phone is one of these legs, so all of them are spared; when there is none, nobody is
        left at the other end of that call.
        """
        strange = self._strange(runners, live)
        now_s = self._clock.monotonic()
        self._orphans = {leg: self._orphans.get(leg, now_s) for leg in strange}
        talks = [(r, c) for r in runners for c in r.floor.calls.values() if c.orphaned_talk]
        if talks:
            for runner, call in talks:
                if not strange and call.ended is None and call.dismissed_s is None:
                    runner.floor.dismiss(call, runner.moment())
                    runner.carry_out()
            return
        for leg, since_s in self._orphans.items():
            if now_s - since_s >= ORPHAN_S:
                log.warning("ending a leg that nothing explains", leg=str(leg))
                await self._switch.hangup(leg)

    def _strange(
        self, runners: Collection[CampaignRunner], live: Collection[CallId]
    ) -> list[CallId]:
        seated = {seat.leg for runner in runners for seat in runner.floor.seating}
        called = {CallId(attempt) for runner in runners for attempt in runner.in_hand()}
        given_up = {CallId(attempt) for runner in runners for attempt in runner.floor.lost}
        self._inherited &= frozenset(live)
        self._rung &= seated | set(live)
        self._missing = {leg: s for leg, s in self._missing.items() if leg in seated}
        ours = self._inherited | self._rung | given_up
        return [leg for leg in live if leg in ours and leg not in seated | called]
