"""From what the switch said to the one normal result.

Sources: ITU-T Q.850 (cause values), RFC 3261 and RFC 8197/8688 (SIP 607, 608), and the
measured behaviour of Asterisk 22: after our own ring timeout the cause is 19 with SIP 480 that
nobody sent, which the adapter marks as `ring_timeout`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.call import AttemptState, EndedBy, Result
from kernel.telephony import CallEnded

_R = Result

SIP_RESULTS: Mapping[int, Result] = MappingProxyType({
    403: _R.BLOCKED,
    404: _R.EMPTY_NUMBER,
    410: _R.EMPTY_NUMBER,
    480: _R.UNREACHABLE,
    484: _R.INVALID,
    486: _R.BUSY,
    487: _R.NO_ANSWER,
    600: _R.BUSY,
    603: _R.REJECTED,
    604: _R.EMPTY_NUMBER,
    607: _R.REJECTED,  # unwanted: the person said so
    608: _R.BLOCKED,  # rejected by the network's analytics
})

CAUSE_RESULTS: Mapping[int, Result] = MappingProxyType({
    1: _R.EMPTY_NUMBER,  # unallocated number
    17: _R.BUSY,
    18: _R.UNREACHABLE,  # no user responding
    19: _R.NO_ANSWER,
    20: _R.UNREACHABLE,  # subscriber absent
    21: _R.REJECTED,
    22: _R.EMPTY_NUMBER,  # number changed
    27: _R.UNREACHABLE,  # destination out of order
    28: _R.INVALID,  # invalid number format
    52: _R.BLOCKED,  # outgoing calls barred
    55: _R.BLOCKED,  # incoming calls barred
})

NORMAL_CLEARING = 16
REQUEST_TIMEOUT = 408


def normal_result(ended: CallEnded, reached: AttemptState, *, machine: bool = False) -> Result:
    """The normal result of an attempt that has ended.

    Args:
        ended: the switch's last word.
        reached: the highest state before the end.
        machine: somebody who listened found an answering machine.
    """
    if reached is AttemptState.ABANDONED:
        return Result.ABANDONED
    if reached >= AttemptState.ANSWERED:
        return Result.ANSWERED_MACHINE if machine else Result.ANSWERED_HUMAN
    return _unanswered(ended, rang=reached >= AttemptState.RINGING)


def _unanswered(ended: CallEnded, *, rang: bool) -> Result:
    if ended.ring_timeout:
        return Result.NO_ANSWER
    if ended.sip_status is not None:
        return _from_sip(ended.sip_status, rang=rang)
    if ended.ended_by is EndedBy.US:
        return Result.CANCELLED
    if ended.cause == NORMAL_CLEARING:
        return Result.NO_ANSWER
    return CAUSE_RESULTS.get(ended.cause, Result.NETWORK_FAILURE)


def _from_sip(status: int, *, rang: bool) -> Result:
    if status == REQUEST_TIMEOUT:
        # Timer B of a dead carrier before any ringing; a slow person after it.
        return Result.NO_ANSWER if rang else Result.NETWORK_FAILURE
    return SIP_RESULTS.get(status, Result.NETWORK_FAILURE)
