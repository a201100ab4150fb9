"""Answered calls meet an agent, the robot, or the abandonment message. Pure.

Nobody who answers hears silence for longer than the campaign's patience: a call in the queue
either gets the longest-idle agent or, at the end of its patience, the message.
"""

from __future__ import annotations

from campaigns.campaign import Mode
from dialer.commands import (
    AnswerTransfer,
    Apologise,
    Join,
    Moment,
    Record,
    StartHandler,
    StartRecording,
)
from dialer.floor import Floor
from dialer.live_call import Holder, LiveCall
from dialer.ports import AttemptUpdate
from dialer.seat import SeatEvent, SeatState
from dialer.seating import Seat
from kernel.call import AttemptState
from kernel.ids import AgentId, AttemptId

#: How long somebody waits for an agent whom the robot promised; they hear that they wait.
TRANSFER_PATIENCE_S = 20.0
#: News of a hang-up come within this time after the switch has refused a command on the call.
END_NEWS_S = 1.0
#: A robot that has not reported this long after the end of its call is taken as done.
REPORT_GRACE_S = 5.0


def answered(floor: Floor, call: LiveCall, now: Moment) -> None:
    """A person, or a machine, answered."""
    if not note_answer(floor, call, now):
        return
    if floor.plan.mode is Mode.ROBOT:
        call.holder, call.robot_busy = Holder.ROBOT, True
        floor.commands.append(StartHandler(call.attempt))
        return
    call.holder = Holder.QUEUE
    call.waits_until_s = now.mono_s + floor.plan.patience_s
    match_queue(floor, now)


def note_answer(floor: Floor, call: LiveCall, now: Moment) -> bool:
    """Count an answer, once; False when it was known already."""
    if not floor.reach(call, AttemptState.ANSWERED, now):
        return False
    call.answered_s, call.answered_at = now.mono_s, now.wall
    floor.counts.answered += 1
    if floor.pacing is not None:
        floor.pacing.answered(call, now.mono_s)
    return True


def match_queue(floor: Floor, now: Moment) -> None:
    """Give waiting calls, longest wait first, to free agents, longest idle first."""
    waiting = [c for c in floor.calls.values() if c.holder is Holder.QUEUE and c.ended is None]
    for call in sorted(waiting, key=lambda c: c.answered_s or 0.0):
        seat = _agent_for(floor, call)
        if seat is not None:
            _reserve(floor, call, seat, now)


def _agent_for(floor: Floor, call: LiveCall) -> Seat | None:
    if call.chosen_by is None:
        return floor.seating.longest_idle(call.refused_by)
    seat = floor.seating.get(call.chosen_by)
    reserved = seat is not None and seat.state is SeatState.RESERVED
    return seat if reserved and seat is not None and seat.attempt == call.attempt else None


def _reserve(floor: Floor, call: LiveCall, seat: Seat, now: Moment) -> None:
    if seat.state is SeatState.READY:
        floor.commands += floor.seating.move(seat, SeatEvent.RESERVE, now, attempt=call.attempt)
    call.holder, call.agent = Holder.AGENT, seat.agent
    floor.commands.append(Join(call.attempt, seat.agent, seat.leg))


def joined(floor: Floor, attempt: AttemptId, agent: AgentId, now: Moment) -> None:
    """Agent and person hear each other."""
    call, seat = floor.calls.get(attempt), floor.seating.get(agent)
    if call is None or call.ended is not None or call.agent != agent:
        return
    if seat is not None and seat.state is SeatState.RESERVED:
        floor.commands += floor.seating.move(seat, SeatEvent.CONNECT, now)
    call.connected_s = now.mono_s
    call.waits_until_s = None
    if call.handed_over:
        # The robot had it, and it is being recorded; whose call it is now must be known even
        # to an engine that has to adopt it.
        update = AttemptUpdate(attempt, AttemptState.CONNECTED, now.wall, agent=agent)
        floor.commands += [Record(update), AnswerTransfer(attempt, joined=True)]
        return
    floor.reach(call, AttemptState.CONNECTED, now)
    floor.counts.connected += 1
    if floor.plan.record:
        floor.commands.append(StartRecording(attempt))


def join_failed(floor: Floor, attempt: AttemptId, agent: AgentId, now: Moment) -> None:
    """The switch could not join them: the agent is free again, the call waits on."""
    seat = floor.seating.get(agent)
    if seat is not None and seat.state is SeatState.RESERVED and seat.attempt == attempt:
        floor.commands += floor.seating.move(seat, SeatEvent.RELEASE, now)
    call = floor.calls.get(attempt)
    if call is not None and call.agent == agent and call.connected_s is None:
        call.agent, call.holder, call.chosen_by = None, Holder.QUEUE, None
        call.refused_by.add(agent)
        match_queue(floor, now)


def robot_started(floor: Floor, attempt: AttemptId, now: Moment) -> None:
    """The robot has the call's audio."""
    call = floor.calls.get(attempt)
    if call is None or call.ended is not None:
        return
    call.connected_s = now.mono_s
    floor.reach(call, AttemptState.CONNECTED, now)
    floor.counts.connected += 1
    if floor.plan.record:
        floor.commands.append(StartRecording(attempt))


def robot_failed(floor: Floor, attempt: AttemptId, now: Moment) -> None:
    """The robot could not take the call, or broke down: the person hears the message."""
    call = floor.calls.get(attempt)
    if call is None:
        return
    call.robot_busy = False
    if call.holder is Holder.ROBOT and call.ended is None:
        apologise(floor, call, now)


def robot_refused(floor: Floor, attempt: AttemptId, now: Moment) -> None:
    """The switch would not give the robot the call's audio.

    Most often the person has just hung up and that news is on its way; if it does not come,
    they hear the message.
    """
    call = floor.calls.get(attempt)
    if call is not None:
        call.robot_busy = False
        call.waits_until_s = now.mono_s + END_NEWS_S


def robot_ended(floor: Floor, attempt: AttemptId, now: Moment, *, machine: bool) -> None:
    """The robot's conversation is over; unless an agent has the call, it ends."""
    call = floor.calls.get(attempt)
    if call is None:
        return
    call.robot_busy = False
    call.machine = machine
    if call.holder is Holder.ROBOT and call.ended is None:
        floor.dismiss(call, now)


def robot_wants_agent(floor: Floor, attempt: AttemptId, now: Moment) -> None:
    """The person shall talk to an agent: join the queue, with a longer patience."""
    call = floor.calls.get(attempt)
    if call is None or call.ended is not None or call.holder is not Holder.ROBOT:
        floor.commands.append(AnswerTransfer(attempt, joined=False))
        return
    call.handed_over = True
    call.holder = Holder.QUEUE
    call.waits_until_s = now.mono_s + TRANSFER_PATIENCE_S
    match_queue(floor, now)


def patience_over(floor: Floor, now: Moment) -> None:
    """End the wait of calls whose patience is over: message, or back to the robot."""
    for call in floor.calls.values():
        if call.holder not in {Holder.QUEUE, Holder.ROBOT} or call.ended is not None:
            continue
        if call.waits_until_s is None or now.mono_s < call.waits_until_s:
            continue
        if call.handed_over and call.robot_busy:
            call.holder, call.handed_over = Holder.ROBOT, False
            floor.commands.append(AnswerTransfer(call.attempt, joined=False))
        else:
            apologise(floor, call, now)


def apologise(floor: Floor, call: LiveCall, now: Moment) -> None:
    """Play the abandonment message instead of silence, then hang up."""
    call.holder, call.waits_until_s = Holder.MESSAGE, None
    if floor.reach(call, AttemptState.ABANDONED, now):
        floor.counts.abandoned += 1
        if floor.pacing is not None:
            floor.pacing.abandoned(call, now.mono_s)
    floor.commands.append(Apologise(call.attempt))
