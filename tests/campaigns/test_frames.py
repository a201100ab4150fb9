from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pandas as pd
import pytest

from campaigns.frames import answers_frame, attempts_frame, names_frame
from campaigns.redial import LeadState
from campaigns.results import AnswerSheetRow, AttemptRow, NameResult
from kernel.call import Result
from kernel.ids import AgentId, AttemptId, BatchId

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
NUMBER = "+8613800001111"


def attempt(**changes: object) -> AttemptRow:
    facts: dict[str, object] = {
        "attempt": AttemptId(UUID(int=1)),
        "batch": BatchId(UUID(int=2)),
        "row": 5,
        "number": NUMBER,
        "claimed_at": AT,
        "sent_at": AT,
        "ringing_at": None,
        "early_at": None,
        "answered_at": AT + timedelta(seconds=8),
        "connected_at": AT + timedelta(seconds=8.25),
        "ended_at": AT + timedelta(seconds=60),
        "result": Result.ANSWERED_HUMAN,
        "cause": 16,
        "sip_status": None,
        "agent": AgentId(UUID(int=9)),
    }
    return AttemptRow(**{**facts, **changes})  # type: ignore[arg-type]


def test_an_attempt_has_its_durations() -> None:
    busy = attempt(
        attempt=AttemptId(UUID(int=3)),
        answered_at=None,
        connected_at=None,
        ended_at=AT + timedelta(seconds=3),
        result=Result.BUSY,
        agent=None,
    )
    frame = attempts_frame([attempt(), busy])
    assert list(frame["ring_s"]) == [8.0, 3.0]
    assert frame["talk_s"].iloc[0] == 52.0
    assert frame["voice_s"].iloc[0] == pytest.approx(0.25)
    assert frame["talk_s"].isna().tolist() == [False, True]
    assert str(frame["claimed_at"].dt.tz) == "UTC"


def test_no_table_shows_a_phone_number() -> None:
    answer = AnswerSheetRow(5, NUMBER, "score", "4", "four", "voice", 0.8, AT)
    name = NameResult(
        BatchId(UUID(int=2)), 5, NUMBER, LeadState.DONE, 1, Result.ANSWERED_HUMAN, AT, 52.0,
        "completed", {"score": "4"},
    )  # fmt: skip
    tables = [attempts_frame([attempt()]), answers_frame([answer]), names_frame([name])]
    for table in tables:
        assert "3800001111" not in table.to_csv()
    assert tables[2].loc[5, "answer: score"] == "4"
    assert tables[1]["value"].tolist() == ["4"]


def test_empty_campaigns_give_empty_tables_with_their_columns() -> None:
    for table in (attempts_frame([]), names_frame([]), answers_frame([])):
        assert isinstance(table, pd.DataFrame)
        assert table.empty
        assert "row" in {*table.columns, table.index.name}
