"""Decides how many calls to launch. Pure."""

from pacing.interface import (
    Agent,
    Decision,
    Limits,
    Outcome,
    Pacer,
    Ringing,
    Served,
    Snapshot,
    Waiting,
)
from pacing.policies import POLICIES, create_pacer

__all__ = [
    "POLICIES",
    "Agent",
    "Decision",
    "Limits",
    "Outcome",
    "Pacer",
    "Ringing",
    "Served",
    "Snapshot",
    "Waiting",
    "create_pacer",
]
