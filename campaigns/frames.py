"""A campaign's results as pandas tables, for notebooks and reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd

from campaigns.results import AnswerSheetRow, AttemptRow, NameResult

_TIMES = (
    "claimed_at",
    "sent_at",
    "ringing_at",
    "early_at",
    "answered_at",
    "connected_at",
    "ended_at",
)


def attempts_frame(attempts: Iterable[AttemptRow]) -> pd.DataFrame:
    """One row per dial, indexed by the attempt's id.

    Columns are those of `AttemptRow`, times as UTC timestamps (NaT for states not reached),
    plus `ring_s` (claim to answer or end), `talk_s` (answer to end) and `voice_s` (answer to
    agent or robot), in seconds, NaN where there was none. Phone numbers are left out: a
    notebook is passed on too easily.
    """
    rows = [
        {
            "attempt": str(attempt.attempt),
            "row": attempt.row,
            **{name: getattr(attempt, name) for name in _TIMES},
            "result": attempt.result.value if attempt.result else None,
            "cause": attempt.cause,
            "sip_status": attempt.sip_status,
            "agent": str(attempt.agent) if attempt.agent else None,
        }
        for attempt in attempts
    ]
    columns = ["attempt", "row", *_TIMES, "result", "cause", "sip_status", "agent"]
    frame = pd.DataFrame(rows, columns=columns).set_index("attempt")
    for name in _TIMES:
        frame[name] = pd.to_datetime(frame[name], utc=True)
    until = frame["answered_at"].fillna(frame["ended_at"])
    frame["ring_s"] = (until - frame["claimed_at"]).dt.total_seconds()
    frame["talk_s"] = (frame["ended_at"] - frame["answered_at"]).dt.total_seconds()
    frame["voice_s"] = (frame["connected_at"] - frame["answered_at"]).dt.total_seconds()
    return frame


def names_frame(names: Iterable[NameResult]) -> pd.DataFrame:
    """One row per name, indexed by the sheet's row; answers as columns `answer: <question>`."""
    rows = [
        {
            "row": name.row,
            "state": name.state.value,
            "attempts": name.attempts,
            "result": name.result.value if name.result else None,
            "called_at": name.called_at,
            "talk_s": name.talk_s,
            "tag": name.tag,
            **{f"answer: {question}": value for question, value in name.answers.items()},
        }
        for name in names
    ]
    fixed = ["row", "state", "attempts", "result", "called_at", "talk_s", "tag"]
    answers = sorted({column for row in rows for column in row} - set(fixed))
    frame = pd.DataFrame(rows, columns=[*fixed, *answers]).set_index("row")
    frame["called_at"] = pd.to_datetime(frame["called_at"], utc=True)
    return frame


def answers_frame(answers: Iterable[AnswerSheetRow]) -> pd.DataFrame:
    """One row per survey answer with its evidence; phone numbers are left out."""
    rows = [{k: v for k, v in asdict(answer).items() if k != "number"} for answer in answers]
    columns = ["row", "question", "value", "raw", "source", "confidence", "answered_at"]
    frame = pd.DataFrame(rows, columns=columns).astype({"confidence": float})
    frame["answered_at"] = pd.to_datetime(frame["answered_at"], utc=True)
    return frame
