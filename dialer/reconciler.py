"""The shell of reconciliation: asks store and switch, applies the findings to a campaign."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from dialer import dialing, serving
from dialer.campaign_runner import CampaignRunner
from dialer.commands import Record
from dialer.live_call import Holder, LiveCall
from dialer.ports import AttemptUpdate, EngineStore, OpenAttempt
from dialer.reconcile import Adopt, Conclude, Finding, GiveUp, Void, findings, to_ask
from kernel.call import AttemptState
from kernel.ids import AttemptId
from kernel.telephony import (
    CallAnswered,
    CallEarlyMedia,
    CallEvent,
    CallId,
    CallRinging,
    Finished,
    Telephony,
)

log = structlog.get_logger(__name__)

#: A call followed here must be missing on the switch for this long before it is asked about:
#: its end may be on its way, and a call just sent may not be listed yet.
MISSING_S = 4.0


class Reconciler:
    """Brings one engine's campaigns into line with the switch.

    Args:
        store: open attempts.
        switch: what is really up.
    """

    def __init__(self, store: EngineStore, switch: Telephony) -> None:
        self._store = store
        self._switch = switch
        self._missing_since: dict[AttemptId, float] = {}

    async def run(self, runner: CampaignRunner, live: Mapping[CallId, AttemptState]) -> None:
        """Reconcile one campaign against the calls that are up."""
        await self._strangers(runner)
        await self._followed(runner, live)
        runner.carry_out()

    async def _strangers(self, runner: CampaignRunner) -> None:
        """Open attempts in the database that no floor follows."""
        now = runner.moment()
        attempts = await self._store.open_attempts(runner.floor.campaign.id)
        asked = to_ask(attempts, runner.floor.calls, now.wall)
        if not asked:
            return
        sightings = await self._switch.inquire([a.attempt for a in asked])
        followed = runner.floor.calls
        still = [a for a in asked if a.attempt not in followed]
        for finding in findings(still, sightings, now.wall):
            log.info("reconciled", attempt=str(finding.attempt.attempt), as_=type(finding).__name__)
            self._apply(runner, finding)

    def _apply(self, runner: CampaignRunner, finding: Finding) -> None:
        now, floor = runner.moment(), runner.floor
        match finding:
            case Adopt(attempt, state):
                self._adopt(runner, attempt, state)
            case Conclude(attempt, reached, ended):
                call = self._follow(runner, attempt, reached)
                dialing.ended(floor, call, ended, now)
            case Void(attempt):
                floor.commands.append(
                    Record(AttemptUpdate(attempt.attempt, AttemptState.VOID, now.wall))
                )
            case GiveUp(attempt):
                dialing.lost(floor, self._follow(runner, attempt, attempt.state), now)

    def _follow(
        self, runner: CampaignRunner, attempt: OpenAttempt, state: AttemptState
    ) -> LiveCall:
        call = LiveCall.of_open_attempt(attempt, runner.moment().mono_s)
        runner.floor.calls[attempt.attempt] = call
        if state > call.state:
            runner.floor.reach(call, state, runner.moment())
        if attempt.answered_at is not None or state >= AttemptState.ANSWERED:
            call.answered_s, call.answered_at = call.launched_s, attempt.answered_at
        return call

    def _adopt(self, runner: CampaignRunner, attempt: OpenAttempt, state: AttemptState) -> None:
        """Follow a call that is up; one that was answered and has nobody gets the message.

        A call that an agent has lives on: agent and person are bridged by the switch, whatever
        happens here.
        """
        floor, now = runner.floor, runner.moment()
        talking = attempt.state is AttemptState.CONNECTED and attempt.agent is not None
        call = self._follow(
            runner, attempt, min(state, AttemptState.EARLY) if not talking else state
        )
        if talking:
            call.holder, call.connected_s = Holder.AGENT, call.launched_s  # and no seat here
        elif attempt.state >= AttemptState.ANSWERED:
            call.holder = Holder.MESSAGE
            serving.apologise(floor, call, now)
        elif state >= AttemptState.ANSWERED:
            serving.answered(floor, call, now)

    async def _followed(self, runner: CampaignRunner, live: Mapping[CallId, AttemptState]) -> None:
        """Calls followed here: catch up with missed events, ask about missing ones."""
        now_s = runner.moment().mono_s
        missing: list[AttemptId] = []
        for call in list(runner.floor.calls.values()):
            state = live.get(CallId(call.attempt))
            if state is not None:
                self._missing_since.pop(call.attempt, None)
                self._catch_up(runner, call, state)
            elif call.ended is None and call.state is not AttemptState.INTENT:
                since = self._missing_since.setdefault(call.attempt, now_s)
                if now_s - since >= MISSING_S:
                    missing.append(call.attempt)
        self._missing_since = {
            a: s for a, s in self._missing_since.items() if a in runner.floor.calls
        }
        if missing:
            await self._conclude_missing(runner, missing)

    def _catch_up(self, runner: CampaignRunner, call: LiveCall, state: AttemptState) -> None:
        event = _event_for(call, state)
        if event is not None:
            dialing.switch_event(runner.floor, event, runner.moment())

    async def _conclude_missing(self, runner: CampaignRunner, missing: list[AttemptId]) -> None:
        sightings = await self._switch.inquire(missing)
        for attempt in missing:
            call = runner.floor.calls.get(attempt)
            if call is None or call.ended is not None:
                continue
            sighting = sightings.get(attempt)
            if isinstance(sighting, Finished):
                if sighting.answered_at is not None and call.answered_s is None:
                    call.answered_s, call.answered_at = call.launched_s, sighting.answered_at
                    runner.floor.reach(call, AttemptState.ANSWERED, runner.moment())
                dialing.ended(runner.floor, call, sighting.ended, runner.moment())
            else:
                dialing.lost(runner.floor, call, runner.moment())


def _event_for(call: LiveCall, state: AttemptState) -> CallEvent | None:
    """The event that was missed, if the switch is further than the floor."""
    if not call.in_flight or state <= call.state:
        return None
    leg = CallId(call.attempt)
    if state >= AttemptState.ANSWERED:
        return CallAnswered(leg)
    return CallEarlyMedia(leg) if state is AttemptState.EARLY else CallRinging(leg)
