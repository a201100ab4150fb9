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
from kernel.telephony import CallId, Telephony

log = structlog.get_logger(__name__)


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
        campaign = self._floor.campaign.id
        answered = AnsweredCall(call.attempt, campaign, call.number, script, call.fields)
        link = self._links[call.attempt]
        media = await self._switch.media(CallId(call.attempt))
        if call.ended is not None:
            raise PeerError("the person has hung up", attempt=str(call.attempt))
        serving.robot_started(self._floor, call.attempt, self._moment())
        self._carry_out()
        return await handler.handle(answered, media, link)

    def _wants_agent(self, attempt: AttemptId, queue: str, carry: Mapping[str, str]) -> None:
        log.info("transfer wanted", attempt=str(attempt), queue=queue, carried=len(carry))
        serving.robot_wants_agent(self._floor, attempt, self._moment())
        self._carry_out()
