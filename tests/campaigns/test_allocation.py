from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from campaigns.allocation import NewAllocation, ToAgents, ToQueue, deal_equally
from kernel.errors import InputError
from kernel.ids import AgentId, AllocationId, BatchId, CampaignId

AGENTS = [AgentId(UUID(int=n)) for n in range(1, 8)]


@given(st.integers(0, 200), st.integers(1, 7))
def test_shares_differ_by_at_most_one_and_nobody_is_left_out(count: int, agents: int) -> None:
    dealt = list(deal_equally(count, AGENTS[:agents]))
    assert len(dealt) == count
    shares = Counter(dealt)
    if count >= agents:
        assert max(shares.values()) - min(shares.values()) <= 1
        assert set(shares) == set(AGENTS[:agents])


def test_agents_are_named_once() -> None:
    with pytest.raises(InputError, match="each named once"):
        ToAgents((AGENTS[0], AGENTS[0]))
    with pytest.raises(InputError, match="at least one"):
        ToAgents(())


def test_an_extraction_takes_at_least_one_name() -> None:
    ids = AllocationId(UUID(int=1)), CampaignId(UUID(int=2)), BatchId(UUID(int=3))
    NewAllocation(*ids, ToQueue(), limit=1)
    with pytest.raises(InputError, match="extraction"):
        NewAllocation(*ids, ToQueue(), limit=0)
