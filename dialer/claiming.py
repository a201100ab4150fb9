"""How many names are claimed, and whether a claimed one is still sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from campaigns.campaign import Mode
from dialer import desk
from dialer.commands import ClaimNames, Dial, Moment, Record
from dialer.dialing import not_dialed
from dialer.floor import Floor
from dialer.live_call import LiveCall
from dialer.ports import AttemptUpdate, ClaimedName
from dialer.seat import SeatState
from kernel.call import AttemptState
from kernel.ids import AttemptId

#: Largest claim: bounds the time one statement holds its rows.
CLAIM_BATCH = 50
#: A claimed name must reach the switch this long before its deadline.
DEADLINE_MARGIN_S = 0.5


def pace(floor: Floor, now: Moment) -> None:
    """Decide how many calls to launch, and claim names for them."""
    if not floor.dialing_allowed or not floor.plan.window.is_open(now.wall) or floor.claiming:
        return
    wanted = min(_wanted(floor, now), floor.lines_free, floor.leads_left, CLAIM_BATCH)
    launch = floor.rate.allowance(now.mono_s, wanted)
    if launch > 0:
        floor.rate.spend(now.mono_s, launch)
        floor.claiming += launch
        floor.commands.append(ClaimNames(launch))


def _wanted(floor: Floor, now: Moment) -> int:
    if floor.plan.mode is Mode.ROBOT:
        return floor.lines_free
    if floor.pacing is None:
        return 0
    decision = floor.pacing.decide(
        now.mono_s,
        floor.seating,
        floor.calls.values(),
        claiming=floor.claiming,
        leads_left=floor.leads_left,
        lines_free=floor.lines_free,
    )
    return decision.launch


def names_claimed(
    floor: Floor,
    asked: ClaimNames,
    names: Sequence[ClaimedName],
    until_s: float,
    now: Moment,
) -> None:
    """The database gave names: send them, in time or not at all.

    Args:
        floor: the campaign's floor.
        asked: the claim.
        names: what came back; fewer than asked means that no more are due.
        until_s: monotonic time after which the switch would refuse them.
        now: this moment.
    """
    floor.claiming -= asked.count
    floor.leads_left = 0 if len(names) < asked.count else floor.leads_left - len(names)
    for name in names:
        call = LiveCall.of_claim(name, now.mono_s, until_s, asked.agent)
        floor.calls[name.attempt] = call
        wanted = _tell_chooser(floor, call)
        if wanted and _in_time(floor, until_s, now):
            floor.commands.append(Dial(name, until_s))
        else:
            not_dialed(floor, call, now)
    if not names and asked.agent is not None:
        desk.release_preview(floor, asked.agent, now)


def _tell_chooser(floor: Floor, call: LiveCall) -> bool:
    """Tell the agent who chose this name; False when that agent has left meanwhile."""
    if call.chosen_by is None:
        return True
    seat = floor.seating.get(call.chosen_by)
    if seat is None or seat.state is not SeatState.RESERVED:
        return False
    call.agent = seat.agent
    floor.seating.assign(seat, call.attempt)
    return True


def _in_time(floor: Floor, until_s: float, now: Moment) -> bool:
    return floor.dialing_allowed and now.mono_s < until_s - DEADLINE_MARGIN_S


def still_due(floor: Floor, command: Dial, now: Moment) -> bool:
    """Whether a name may be sent at this very moment; if not, it is given back.

    The process may have been stopped for a while since the name was claimed.
    """
    call = floor.calls.get(command.name.attempt)
    if call is None:
        return False
    if call.dismissed_s is None and _in_time(floor, command.until_s, now):
        return True
    not_dialed(floor, call, now)
    return False


def claim_failed(floor: Floor, asked: ClaimNames, ids: Iterable[AttemptId], now: Moment) -> None:
    """The claim broke; whether rows were written or not, nothing is dialed.

    Rows that are there are given back. One that turns up even later is left to reconciliation.
    """
    floor.claiming -= asked.count
    floor.leads_left = 0
    floor.commands += [Record(AttemptUpdate(i, AttemptState.VOID, now.wall)) for i in ids]
    if asked.agent is not None:
        desk.release_preview(floor, asked.agent, now)
