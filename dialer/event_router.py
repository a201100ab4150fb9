"""Brings the switch's events to the campaign whose call they are about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from uuid import uuid5

from dialer import dialing
from dialer.agent_legs import AgentLegs
from dialer.campaign_runner import CampaignRunner
from dialer.journal import WriteJournal
from dialer.ports import NewRecording
from kernel.clock import Clock
from kernel.ids import AttemptId, CampaignId, RecordingId
from kernel.telephony import CallEvent, DigitPressed, RecordingReady


class EventRouter:
    """Routes events of calls and phones; an event about nothing known here changes nothing.

    Args:
        runners: the campaigns, kept up to date by the engine.
        legs: agents' phones.
        journal: where recordings are noted.
        clock: time of noting.
    """

    def __init__(
        self,
        runners: Mapping[CampaignId, CampaignRunner],
        legs: AgentLegs,
        journal: WriteJournal,
        clock: Clock,
    ) -> None:
        self._runners = runners
        self._legs = legs
        self._journal = journal
        self._clock = clock

    def route(self, event: CallEvent) -> None:
        """Take one event."""
        if isinstance(event, RecordingReady):
            self._keep_recording(event)
        elif not self._legs.event(self._runners.values(), event):
            self._on_call(event)

    def _on_call(self, event: CallEvent) -> None:
        attempt = AttemptId(event.call_id)
        runner = next((r for r in self._runners.values() if attempt in r.floor.calls), None)
        if runner is None:
            return
        if isinstance(event, DigitPressed):
            runner.digit(attempt, event.digit)
            return
        dialing.switch_event(runner.floor, event, runner.moment())
        runner.carry_out()

    def _keep_recording(self, event: RecordingReady) -> None:
        name = PurePath(event.path).name
        # Events may be repeated: the same file of the same call is the same recording.
        recording = RecordingId(uuid5(event.call_id, name))
        attempt = AttemptId(event.call_id)
        self._journal.put(NewRecording(recording, attempt, name, event.seconds, self._clock.now()))
