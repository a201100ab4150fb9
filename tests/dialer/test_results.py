from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from dialer.results import normal_result
from kernel.call import AttemptState, EndedBy, Result
from kernel.telephony import CallEnded, CallId

CALL = CallId(UUID(int=1))
UNANSWERED = [AttemptState.SENT, AttemptState.RINGING, AttemptState.EARLY]


def ended(
    cause: int = 0,
    sip: int | None = None,
    by: EndedBy = EndedBy.NETWORK,
    *,
    timeout: bool = False,
) -> CallEnded:
    return CallEnded(CALL, cause, sip, by, timeout)


@pytest.mark.parametrize(
    ("event", "result"),
    [
        (ended(17, 486), Result.BUSY),
        (ended(17, 600), Result.BUSY),
        (ended(21, 603), Result.REJECTED),
        (ended(1, 404), Result.EMPTY_NUMBER),
        (ended(19, 480), Result.UNREACHABLE),
        (ended(19, 480, timeout=True), Result.NO_ANSWER),
        (ended(34, 503), Result.NETWORK_FAILURE),
        (ended(38, 500), Result.NETWORK_FAILURE),
        (ended(0, 403), Result.BLOCKED),
        (ended(0, 608), Result.BLOCKED),
        (ended(0, 607), Result.REJECTED),
        (ended(28, 484), Result.INVALID),
        (ended(18), Result.UNREACHABLE),
        (ended(20), Result.UNREACHABLE),
        (ended(19), Result.NO_ANSWER),
        (ended(16), Result.NO_ANSWER),
        (ended(16, by=EndedBy.US), Result.CANCELLED),
        (ended(0), Result.NETWORK_FAILURE),
        (ended(127), Result.NETWORK_FAILURE),
    ],
)
def test_unanswered_calls(event: CallEnded, result: Result) -> None:
    assert normal_result(event, AttemptState.RINGING) is result


def test_a_request_timeout_is_a_dead_carrier_unless_it_rang() -> None:
    assert normal_result(ended(18, 408), AttemptState.SENT) is Result.NETWORK_FAILURE
    assert normal_result(ended(18, 408), AttemptState.RINGING) is Result.NO_ANSWER


causes = st.builds(
    ended,
    st.integers(0, 127),
    st.none() | st.integers(300, 699),
    st.sampled_from(EndedBy),
    timeout=st.booleans(),
)


@given(causes, st.sampled_from(UNANSWERED))
def test_who_never_answered_is_never_counted_as_reached(
    event: CallEnded, reached: AttemptState
) -> None:
    assert normal_result(event, reached) not in {
        Result.ANSWERED_HUMAN,
        Result.ANSWERED_MACHINE,
        Result.ABANDONED,
        Result.UNKNOWN,
    }


@given(causes, st.booleans())
def test_an_answer_counts_whatever_ended_the_call(event: CallEnded, machine: bool) -> None:
    expected = Result.ANSWERED_MACHINE if machine else Result.ANSWERED_HUMAN
    for reached in (AttemptState.ANSWERED, AttemptState.CONNECTED):
        assert normal_result(event, reached, machine=machine) is expected
    assert normal_result(event, AttemptState.ABANDONED, machine=machine) is Result.ABANDONED
