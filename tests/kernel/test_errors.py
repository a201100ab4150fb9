from __future__ import annotations

import pytest

from kernel.errors import (
    CommitUnknownError,
    ConflictError,
    DefectError,
    InputError,
    PeerError,
    UnavailableError,
    WaihuError,
)


def test_the_root_is_never_raised_itself() -> None:
    with pytest.raises(TypeError, match="fault"):
        WaihuError("vague")


@pytest.mark.parametrize(
    ("kind", "retryable"),
    [
        (InputError, False),
        (ConflictError, False),
        (UnavailableError, True),
        (PeerError, False),
        (CommitUnknownError, False),
        (DefectError, False),
    ],
)
def test_each_kind_knows_whether_to_try_again(kind: type[WaihuError], retryable: bool) -> None:
    error = kind("what\n happened", row=3)
    assert error.retryable is retryable
    assert str(error) == "what happened"
    assert error.facts == {"row": 3}
