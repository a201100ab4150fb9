"""What agents ask for, and what becomes of their seats. Pure."""

from __future__ import annotations

from campaigns.campaign import Mode
from dialer import serving
from dialer.commands import ClaimNames, DropLeg, FetchPreview, Moment, RingAgent
from dialer.floor import Floor
from dialer.live_call import LiveCall
from dialer.ports import PreviewName
from dialer.seat import SeatEvent, SeatState
from dialer.seating import ENGAGED
from kernel.errors import ConflictError
from kernel.ids import AgentId, AttemptId
from kernel.telephony import CallId

#: An agent without a name to preview is offered one again after this long.
PREVIEW_RETRY_S = 2.0


def sign_in(floor: Floor, agent: AgentId, address: str, leg: CallId, now: Moment) -> None:
    """Seat an agent and ring their phone.

    Raises:
        ConflictError: signed in already.
    """
    floor.commands += floor.seating.sign_in(agent, address, leg, now)
    floor.commands.append(RingAgent(agent, leg, address))


def leg_up(floor: Floor, leg: CallId, now: Moment) -> None:
    """An agent's phone answered: the voice is ready before any call comes."""
    seat = floor.seating.by_leg(leg)
    if seat is not None and seat.state is SeatState.CONNECTING:
        floor.commands += floor.seating.move(seat, SeatEvent.LEG_UP, now)


def leg_down(floor: Floor, leg: CallId, now: Moment) -> None:
    """An agent's phone is gone, and so is the seat.

    A call that was only about to reach this agent goes back to the queue; one that had begun
    ends, because nobody is left at its other end.
    """
    seat = floor.seating.by_leg(leg)
    if seat is None:
        return
    floor.commands += floor.seating.move(seat, SeatEvent.LEG_DOWN, now)
    if seat.attempt is None:
        return
    _wrap_served(floor, seat.attempt, seat.agent, now)
    call = floor.calls.get(seat.attempt)
    if call is None or call.ended is not None:
        return
    if call.connected_s is None and call.chosen_by is None:
        serving.join_failed(floor, call.attempt, seat.agent, now)
    else:
        floor.dismiss(call, now)


def ready(floor: Floor, agent: AgentId, now: Moment) -> None:
    """The agent wants calls. Raises `ConflictError` when that is not possible now."""
    seat = floor.seating.seat(agent)
    if seat.wish is SeatEvent.PAUSE and seat.state in ENGAGED:
        floor.seating.wish(seat, None)
        return
    floor.commands += floor.seating.move(seat, SeatEvent.READY, now)
    became_ready(floor, agent, now)


def pause(floor: Floor, agent: AgentId, reason: str, now: Moment) -> None:
    """The agent wants no calls, at once or after the present one."""
    seat = floor.seating.seat(agent)
    if seat.state is SeatState.WRAP_UP:
        wrapped_up(floor, agent, now, wish=SeatEvent.PAUSE, reason=reason)
        return
    floor.commands += floor.seating.ask(seat, SeatEvent.PAUSE, now, reason)


def sign_out(floor: Floor, agent: AgentId, now: Moment) -> None:
    """The agent leaves, at once or after the present call."""
    seat = floor.seating.seat(agent)
    if seat.state is SeatState.WRAP_UP:
        wrapped_up(floor, agent, now, wish=SeatEvent.SIGN_OUT)
        return
    floor.commands += floor.seating.ask(seat, SeatEvent.SIGN_OUT, now)


def hang_up(floor: Floor, agent: AgentId, now: Moment) -> None:
    """The agent ends the present call.

    Raises:
        ConflictError: there is none.
    """
    seat = floor.seating.seat(agent)
    call = None if seat.attempt is None else floor.calls.get(seat.attempt)
    if call is None:
        raise ConflictError("the agent has no call to hang up")
    floor.dismiss(call, now)


def close(floor: Floor, now: Moment) -> None:
    """The engine stops: seats end with it, phones of agents without a call are hung up."""
    for seat in floor.seating:
        kept = DropLeg if seat.state in ENGAGED else ()
        left = floor.seating.move(seat, SeatEvent.LEG_DOWN, now)
        floor.commands += [command for command in left if not isinstance(command, kept)]


def let_go(floor: Floor, now: Moment) -> None:
    """The campaign is over here: everybody leaves, whoever still wraps up does so after it."""
    for seat in floor.seating:
        if seat.state is SeatState.WRAP_UP:
            floor.seating.wish(seat, SeatEvent.SIGN_OUT)
        else:
            sign_out(floor, seat.agent, now)


def wrapped_up(
    floor: Floor, agent: AgentId, now: Moment, wish: SeatEvent | None = None, reason: str = ""
) -> None:
    """Wrap-up is done: ready again, or whatever the agent wished for.

    Raises:
        ConflictError: the agent is not in wrap-up.
    """
    seat = floor.seating.seat(agent)
    if seat.state is not SeatState.WRAP_UP:
        raise ConflictError("the agent is not in wrap-up", state=seat.state.value)
    if seat.attempt is not None:
        _wrap_served(floor, seat.attempt, agent, now)
    if wish is not None:
        seat = floor.seating.wish(seat, wish, reason)
    floor.commands += floor.seating.wrapped_up(seat, now)
    became_ready(floor, agent, now)


def became_ready(floor: Floor, agent: AgentId, now: Moment) -> None:
    """A free agent takes a waiting call, or looks at the next name."""
    seat = floor.seating.get(agent)
    if seat is None or seat.state is not SeatState.READY:
        return
    serving.match_queue(floor, now)
    if floor.plan.mode is Mode.PREVIEW and floor.dialing_allowed:
        floor.commands.append(FetchPreview(agent))


def preview_found(floor: Floor, agent: AgentId, name: PreviewName | None, now: Moment) -> None:
    """A name to look at before dialing; None when none is due."""
    seat = floor.seating.get(agent)
    if seat is not None and name is not None and seat.state is SeatState.READY:
        floor.commands += floor.seating.move(seat, SeatEvent.PREVIEW, now, preview=name)


def preview_dial(floor: Floor, agent: AgentId, now: Moment) -> None:
    """The agent dials the name on the screen.

    Raises:
        ConflictError: no name is shown, or the campaign does not dial now, or has no line free.
    """
    seat = floor.seating.seat(agent)
    if seat.state is not SeatState.PREVIEWING or seat.preview is None:
        raise ConflictError("no name is shown to this agent", state=seat.state.value)
    if not floor.dialing_allowed or not floor.plan.window.is_open(now.wall):
        raise ConflictError("the campaign does not dial now: it is paused or outside its hours")
    if not floor.lines_free:
        raise ConflictError("every line of the campaign is in use; try again in a moment")
    floor.commands += floor.seating.move(seat, SeatEvent.RESERVE, now)
    floor.claiming += 1
    floor.commands.append(ClaimNames(1, agent, seat.preview.lead))


def release_preview(floor: Floor, agent: AgentId, now: Moment) -> None:
    """The chosen name could not be claimed: a rule holds it now."""
    seat = floor.seating.get(agent)
    if seat is not None and seat.state is SeatState.RESERVED and seat.attempt is None:
        floor.commands += floor.seating.release(seat, now)
        became_ready(floor, agent, now)


def call_over(floor: Floor, call: LiveCall, now: Moment) -> None:
    """A call left the floor: its agent wraps up, or is free again."""
    seat = floor.seat_of(call)
    if seat is None or (seat.attempt is not None and seat.attempt != call.attempt):
        return
    if seat.state is SeatState.TALKING and call.connected_s is not None:
        floor.wrapping[call.attempt] = (call.connected_s, now.mono_s)
        floor.commands += floor.seating.move(seat, SeatEvent.CALL_ENDED, now)
    elif seat.state is SeatState.RESERVED:
        floor.commands += floor.seating.release(seat, now)
        became_ready(floor, seat.agent, now)


def time_passes(floor: Floor, now: Moment) -> None:
    """Limits of wrap-up, and names for previewing agents who had none."""
    for seat in floor.seating:
        age_s = now.mono_s - seat.since_s
        if seat.state is SeatState.WRAP_UP and age_s >= floor.plan.wrap_up_limit_s:
            wrapped_up(floor, seat.agent, now)
        elif (
            floor.plan.mode is Mode.PREVIEW
            and seat.state is SeatState.READY
            and floor.dialing_allowed
            and now.mono_s - seat.asked_s >= PREVIEW_RETRY_S
        ):
            floor.seating.asked_for_preview(seat, now)
            floor.commands.append(FetchPreview(seat.agent))


def _wrap_served(floor: Floor, attempt: AttemptId, agent: AgentId, now: Moment) -> None:
    span = floor.wrapping.pop(attempt, None)
    if span is not None and floor.pacing is not None:
        connected_s, ended_s = span
        floor.pacing.served(
            str(attempt), str(agent), connected_s, ended_s - connected_s, now.mono_s - ended_s
        )
