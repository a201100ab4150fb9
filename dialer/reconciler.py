"""The shell of reconciliation: asks store and switch, applies the findings to a campaign."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from dialer import dialing, serving
from dialer.campaign_runner import CampaignRunner
from dialer.commands import Moment, Record
from dialer.live_call import Holder, LiveCall
from dialer.ports import AttemptUpdate, EngineStore, OpenAttempt
from dialer.reconcile import GRACE, Adopt, Conclude, Finding, GiveUp, Void, findings, to_ask
from kernel.call import AttemptState
from kernel.ids import AttemptId
from kernel.telephony import (
    CallAnswered,
    CallEarlyMedia,
    CallEvent,
    CallId,
    CallRinging,
    Finished,
    Live,
    NeverSeen,
    Sighting,
    Telephony,
)

log = structlog.get_logger(__name__)

#: A call followed here must be missing on the switch for this long before it is asked about:
#: its end may be on its way, and a call just sent may not be listed yet.
MISSING_S = 4.0
#: A call that we ended is told so again when the switch still has it after this long.
DISMISSED_S = 10.0


class Reconciler:
    """Brings one engine's campaigns into line with the switch.

    Args:
        store: open attempts.
        switch: what is really up.
    """

    def __init__(self, store: EngineStore, switch: Telephony) -> None:
        self._store = store
        self._switch = switch

    # --- calls followed here -----------------------------------------------------------------

    async def followed(self, runner: CampaignRunner, live: Mapping[CallId, AttemptState]) -> None:
        """Calls followed here: catch up with missed events, ask about missing ones.

        Raises:
            UnavailableError: the switch does not answer.
        """
        now = runner.moment()
        missing: list[AttemptId] = []
        for call in list(runner.floor.calls.values()):
            state = live.get(CallId(call.attempt))
            if state is not None:
                call.missing_s = None
                _catch_up(runner, call, state, now)
            elif _should_be_listed(call):
                call.missing_s = now.mono_s if call.missing_s is None else call.missing_s
                if now.mono_s - call.missing_s >= MISSING_S:
                    missing.append(call.attempt)
        runner.carry_out()
        if missing:
            sightings = await self._switch.inquire(missing)
            _conclude(runner, {a: sightings[a] for a in missing if a in sightings})
            runner.carry_out()

    # --- strangers ---------------------------------------------------------------------------

    async def strangers(self, runner: CampaignRunner) -> None:
        """Open attempts in the database that no floor follows.

        Raises:
            UnavailableError: database or switch does not answer.
        """
        # Asked before and after: an attempt may leave our hands while the database answers.
        known = runner.in_hand()
        attempts = await self._store.open_attempts(runner.floor.campaign.id)
        known |= runner.in_hand()
        asked = to_ask(attempts, known, runner.epoch, runner.moment().wall)
        if not asked:
            return
        sightings = await self._switch.inquire([a.attempt for a in asked])
        for finding in findings(asked, sightings, runner.moment().wall):
            log.info("reconciled", attempt=str(finding.attempt.attempt), as_=type(finding).__name__)
            _apply(runner, finding)
        runner.carry_out()


def _should_be_listed(call: LiveCall) -> bool:
    sent = call.in_doubt or call.state is not AttemptState.INTENT
    return sent and call.ended is None


def _catch_up(runner: CampaignRunner, call: LiveCall, state: AttemptState, now: Moment) -> None:
    event = _event_for(call, state)
    if event is not None:
        dialing.switch_event(runner.floor, event, now)
    elif call.in_doubt:
        dialing.taken(runner.floor, call, now)
    if (
        call.ended is None
        and call.dismissed_s is not None
        and now.mono_s - call.dismissed_s >= DISMISSED_S
    ):
        runner.floor.dismiss(call, now)


def _event_for(call: LiveCall, state: AttemptState) -> CallEvent | None:
    """The event that was missed, if the switch is further than the floor."""
    if not call.in_flight or state <= call.state:
        return None
    leg = CallId(call.attempt)
    if state >= AttemptState.ANSWERED:
        return CallAnswered(leg)
    if state is AttemptState.SENT:
        return None
    return CallEarlyMedia(leg) if state is AttemptState.EARLY else CallRinging(leg)


def _conclude(runner: CampaignRunner, sightings: Mapping[AttemptId, Sighting]) -> None:
    floor, now = runner.floor, runner.moment()
    for attempt, sighting in sightings.items():
        call = floor.calls.get(attempt)
        if call is None or call.ended is not None:
            continue
        match sighting:
            case Live():
                continue  # listed next time
            case Finished(reached, ended, answered_at):
                if answered_at is not None:
                    reached = max(reached, AttemptState.ANSWERED)
                dialing.ended_unseen(floor, call, reached, ended, now)
            case NeverSeen() if call.state is AttemptState.INTENT:
                if now.mono_s > call.until_s + GRACE.total_seconds():
                    dialing.not_dialed(floor, call, now)
            case _:
                dialing.lost(floor, call, now)


def _apply(runner: CampaignRunner, finding: Finding) -> None:
    now, floor = runner.moment(), runner.floor
    match finding:
        case Adopt(attempt, state):
            _adopt(runner, attempt, state)
        case Conclude(attempt, reached, ended):
            dialing.ended_unseen(floor, _follow(runner, attempt), reached, ended, now)
        case Void(attempt):
            floor.commands.append(
                Record(AttemptUpdate(attempt.attempt, AttemptState.VOID, now.wall))
            )
        case GiveUp(attempt):
            dialing.lost(floor, _follow(runner, attempt), now)


def _follow(runner: CampaignRunner, attempt: OpenAttempt) -> LiveCall:
    now = runner.moment()
    age_s = max(0.0, (now.wall - attempt.deadline_at).total_seconds())
    call = LiveCall.of_open_attempt(attempt, now.mono_s, age_s)
    if not call.in_flight:
        call.answered_s, call.answered_at = now.mono_s, attempt.answered_at
    runner.floor.calls[attempt.attempt] = call
    return call


def _adopt(runner: CampaignRunner, attempt: OpenAttempt, state: AttemptState) -> None:
    """Follow a call that is up; one that was answered and has nobody gets the message.

    A call that an agent has lives on: agent and person are bridged by the switch, whatever
    happens here.
    """
    floor, now = runner.floor, runner.moment()
    call = _follow(runner, attempt)
    if attempt.state is AttemptState.CONNECTED and attempt.agent is not None:
        call.holder, call.connected_s = Holder.AGENT, call.launched_s  # and no seat here
    elif attempt.state >= AttemptState.ANSWERED:
        serving.apologise(floor, call, now)
    elif state >= AttemptState.ANSWERED:
        serving.answered(floor, call, now)
    elif state > AttemptState.SENT:
        floor.reach(call, state, now)
