"""Hands answered calls to whoever talks on them, and hears how it went."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from dialer import serving
from dialer.commands import Moment
from dialer.conversation_link import ConversationLink
from dialer.floor import Floor
from dialer.live_call import LiveCall
from kernel.conversation import AnsweredCall, AnsweredCallHandler, HandlerReport
from kernel.errors import PeerError, WaihuError
from kernel.ids import AttemptId, ScriptVersionId
from kernel.media import MediaStream
from kernel.telephony import CallId, Telephony

log = structlog.get_logger(__name__)


class _RefusedError(Exception):
    """The call has no audio to give: as a rule it has just ended."""


class RobotDesk:
    """The robot's side of one campaign.

    Args:
        floor: the campaign's.
        switch: gives the audio.
        handler: talks; None when this process has no robot.
        moment: gives the time.
        carry_out: starts whatever the floor has decided.
    """

    def __init__(
        self,
        floor: Floor,
        switch: Telephony,
        handler: AnsweredCallHandler | None,
        moment: Callable[[], Moment],
        carry_out: Callable[[], None],
    ) -> None:
        self._floor = floor
        self._switch = switch
        self._handler = handler
        self._moment = moment
        self._carry_out = carry_out
        self._links: dict[AttemptId, ConversationLink] = {}

    def link(self, attempt: AttemptId) -> ConversationLink | None:
        """The robot's link to a call it is talking on."""
        return self._links.get(attempt)

    async def prepare(self, attempt: AttemptId) -> None:
        """Let the robot get ready while the telephone rings; that it cannot is no matter yet."""
        call, script = self._floor.calls.get(attempt), self._floor.plan.script
        if call is None or self._handler is None or script is None:
            return
        try:
            await self._handler.prepare(self._described(call, script))
        except WaihuError as error:
            log.warning("robot not ready yet", attempt=str(attempt), error=str(error))

    def _described(self, call: LiveCall, script: ScriptVersionId) -> AnsweredCall:
        campaign = self._floor.campaign.id
        return AnsweredCall(call.attempt, campaign, call.number, script, call.fields)

    async def serve(self, attempt: AttemptId) -> None:
        """Let the robot talk on a call until it has reported; its failure is only this call's."""
        call, script = self._floor.calls.get(attempt), self._floor.plan.script
        if call is None or call.ended is not None or self._handler is None or script is None:
            serving.robot_failed(self._floor, attempt, self._moment())
            return
        self._links[attempt] = ConversationLink(
            lambda queue, carry: self._wants_agent(attempt, queue, carry)
        )
        try:
            report = await self._talk(self._handler, call, script)
        except _RefusedError:
            serving.robot_refused(self._floor, attempt, self._moment())
        except WaihuError as error:
            log.warning("robot failed", attempt=str(attempt), error=str(error))
            serving.robot_failed(self._floor, attempt, self._moment())
        except Exception:  # a defect in one conversation must not end all others
            log.exception("robot broke down", attempt=str(attempt))
            serving.robot_failed(self._floor, attempt, self._moment())
        else:
            serving.robot_ended(self._floor, attempt, self._moment(), machine=report.machine)
        finally:
            del self._links[attempt]

    async def _talk(
        self, handler: AnsweredCallHandler, call: LiveCall, script: ScriptVersionId
    ) -> HandlerReport:
        link = self._links[call.attempt]
        media = await self._audio(call)
        serving.robot_started(self._floor, call.attempt, self._moment())
        self._carry_out()
        return await handler.handle(self._described(call, script), media, link)

    async def _audio(self, call: LiveCall) -> MediaStream:
        try:
            media = await self._switch.media(CallId(call.attempt))
        except PeerError as error:
            raise _RefusedError from error
        if call.ended is not None:
            raise _RefusedError
        return media

    def _wants_agent(self, attempt: AttemptId, queue: str, carry: Mapping[str, str]) -> None:
        log.info("transfer wanted", attempt=str(attempt), queue=queue, carried=len(carry))
        serving.robot_wants_agent(self._floor, attempt, self._moment())
        self._carry_out()
