"""Hang-up causes: ITU-T Q.850 values, and who is behind a final SIP status."""

from __future__ import annotations

from kernel.call import EndedBy

#: ITU-T Q.850, table 1.
UNALLOCATED = 1
NORMAL_CLEARING = 16
USER_BUSY = 17
NO_ANSWER = 19
REJECTED = 21
NO_CIRCUIT = 34
NETWORK_OUT_OF_ORDER = 38
TEMPORARY_FAILURE = 41

#: SIP statuses by which the called person (or their telephone) refuses, RFC 3261 section 21:
#: 486 Busy Here, 600 Busy Everywhere, 603 Decline. Every other final status is the network's.
_CALLEE_STATUSES = frozenset({486, 600, 603})


def who_refused(sip_status: int) -> EndedBy:
    """Who ended an unanswered call that got this final SIP status."""
    return EndedBy.CALLEE if sip_status in _CALLEE_STATUSES else EndedBy.NETWORK
