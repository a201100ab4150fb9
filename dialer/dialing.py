"""From the switch's answer to the end of a call. Pure.

Every switch event is folded in as "at least this far"; repeats and latecomers change nothing.
"""

from __future__ import annotations

from campaigns.campaign import CampaignState
from dialer import desk, serving
from dialer.commands import Forget, Moment, Record
from dialer.floor import Floor
from dialer.live_call import Holder, LiveCall
from dialer.ports import AttemptUpdate
from dialer.results import NORMAL_CLEARING, normal_result
from kernel.call import AttemptState, EndedBy, Result
from kernel.ids import AttemptId
from kernel.telephony import (
    CallAnswered,
    CallEarlyMedia,
    CallEnded,
    CallEvent,
    CallId,
    CallRinging,
    Reply,
)


def dial_replied(floor: Floor, attempt: AttemptId, reply: Reply, now: Moment) -> None:
    """The switch answered a dial command."""
    call = floor.calls.get(attempt)
    if call is None:
        return
    match reply:
        case Reply.SENT:
            taken(floor, call, now)
        case Reply.EXPIRED:
            not_dialed(floor, call, now)
        case Reply.DUPLICATE:
            # Somebody dialed it already: it rang once, and nobody here follows that call.
            lost(floor, call, now)


def taken(floor: Floor, call: LiveCall, now: Moment) -> None:
    """The switch has it, as its answer says or any event shows."""
    call.in_doubt = False
    if floor.reach(call, AttemptState.SENT, now):
        floor.counts.dialed += 1


def dial_refused(floor: Floor, attempt: AttemptId, now: Moment) -> None:
    """The switch refused the command: nothing rang."""
    call = floor.calls.get(attempt)
    if call is not None:
        _finish(floor, call, Result.NETWORK_FAILURE, None, now)


def in_doubt(floor: Floor, attempt: AttemptId) -> None:
    """No answer came from the switch: it may ring or not; reconciliation finds out.

    Until then it keeps its line and its place in the pacer's count, and if somebody answers
    they are served like anybody else.
    """
    call = floor.calls.get(attempt)
    if call is not None and call.state is AttemptState.INTENT:
        call.in_doubt = True


def not_dialed(floor: Floor, call: LiveCall, now: Moment) -> None:
    """The attempt provably never reached the switch: as if it had not been claimed."""
    floor.commands.append(Record(AttemptUpdate(call.attempt, AttemptState.VOID, now.wall)))
    if floor.pacing is not None:
        floor.pacing.failed(call, Result.CANCELLED, now.mono_s)
    _leave(floor, call, now)


def lost(floor: Floor, call: LiveCall, now: Moment) -> None:
    """Nobody can tell how the call ended: it counts, and is never redialed before its gap."""
    if call.state >= AttemptState.ANSWERED:
        ended(floor, call, CallEnded(CallId(call.attempt), 0, ended_by=EndedBy.UNKNOWN), now)
        return
    next_step = floor.plan.redial.after(Result.UNKNOWN, call.attempt_no, now.wall)
    update = AttemptUpdate(
        call.attempt, AttemptState.UNKNOWN, now.wall, result=Result.UNKNOWN, next_step=next_step
    )
    floor.commands.append(Record(update))
    floor.lost.add(call.attempt)
    if floor.pacing is not None:
        floor.pacing.failed(call, Result.UNKNOWN, now.mono_s)
    _leave(floor, call, now)


def switch_event(floor: Floor, event: CallEvent, now: Moment) -> None:
    """Fold in an event of one of this campaign's calls."""
    call = floor.calls.get(AttemptId(event.call_id))
    if call is None or call.ended is not None:
        return
    taken(floor, call, now)
    match event:
        case CallRinging():
            floor.reach(call, AttemptState.RINGING, now)
        case CallEarlyMedia():
            floor.reach(call, AttemptState.EARLY, now)
        case CallAnswered():
            serving.answered(floor, call, now)
        case CallEnded():
            ended(floor, call, event, now)
        case _:
            pass  # key presses and recordings are the shell's business


def ended_unseen(
    floor: Floor, call: LiveCall, reached: AttemptState, event: CallEnded, now: Moment
) -> None:
    """The end of a call was missed; so may have been its answer."""
    if reached >= AttemptState.ANSWERED:
        serving.note_answer(floor, call, now)
    elif call.in_flight:
        floor.reach(call, reached, now)
    ended(floor, call, event, now)


def ended(floor: Floor, call: LiveCall, event: CallEnded, now: Moment) -> None:
    """The call is over; its result waits for the robot's report, if one is due."""
    if _was_answered(call, event):
        serving.note_answer(floor, call, now)
    call.ended, call.ended_s = event, now.mono_s
    if call.robot_busy:
        floor.commands.append(Forget(call.attempt))
        return
    settle(floor, call, now)


def _was_answered(call: LiveCall, event: CallEnded) -> bool:
    """Whether the answer was missed: only who has picked up can hang up in the normal way."""
    normally = event.cause == NORMAL_CLEARING and event.sip_status is None
    return call.in_flight and normally and event.ended_by is EndedBy.CALLEE


def settle(floor: Floor, call: LiveCall, now: Moment) -> None:
    """Give an ended call its result."""
    event = call.ended
    assert event is not None, "only an ended call is settled"
    if call.state is AttemptState.ANSWERED and call.holder in {Holder.QUEUE, Holder.NOBODY}:
        # The person left before anybody came: to them it was an abandoned call.
        floor.reach(call, AttemptState.ABANDONED, now)
        floor.counts.abandoned += 1
        if floor.pacing is not None:
            floor.pacing.abandoned(call, now.mono_s)
    result = normal_result(event, call.state, machine=call.machine)
    if call.answered_s is None and floor.pacing is not None:
        floor.pacing.failed(call, result, now.mono_s)
    _finish(floor, call, result, event, now)


def reports_overdue(floor: Floor, now: Moment) -> None:
    """Settle ended calls whose robot has reported, or does not report any more."""
    for call in list(floor.calls.values()):
        if call.ended is None:
            continue
        if not call.robot_busy or now.mono_s - call.ended_s > serving.REPORT_GRACE_S:
            settle(floor, call, now)


def _finish(
    floor: Floor, call: LiveCall, result: Result, event: CallEnded | None, now: Moment
) -> None:
    next_step = floor.plan.redial.after(result, call.attempt_no, now.wall)
    update = AttemptUpdate(
        call.attempt,
        AttemptState.ENDED,
        now.wall,
        agent=call.agent if call.connected_s is not None else None,
        cause=event.cause if event else None,
        sip_status=event.sip_status if event else None,
        result=result,
        next_step=next_step,
    )
    floor.commands.append(Record(update))
    floor.counts.ended += 1
    _leave(floor, call, now)


def _leave(floor: Floor, call: LiveCall, now: Moment) -> None:
    del floor.calls[call.attempt]
    floor.commands.append(Forget(call.attempt))
    desk.call_over(floor, call, now)
    serving.match_queue(floor, now)


def is_idle(floor: Floor) -> bool:
    """Whether nothing of this campaign is under way."""
    return not floor.calls and not floor.claiming


def may_finish(floor: Floor, unsettled: int, open_attempts: int = 0) -> bool:
    """Whether the campaign is over: drained, or nothing left that could be dialed.

    Args:
        floor: the campaign's.
        unsettled: names that are, or will be, due.
        open_attempts: attempts without a result, whoever made them.
    """
    if open_attempts or not is_idle(floor):
        return False
    if floor.campaign.state is CampaignState.DRAINING:
        return True
    return floor.campaign.state is CampaignState.RUNNING and unsettled == 0
