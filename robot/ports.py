"""What the robot needs from storage."""

from __future__ import annotations

from typing import Protocol

from kernel.conversation import AnsweredCall, Conversation
from kernel.ids import ScriptVersionId
from scripts_dsl import Program


class Journal(Protocol):
    """Keeps what a robot's call collects, as it comes."""

    async def save_conversation(self, conversation: Conversation) -> None:
        """Store or extend an attempt's conversation; repeating it changes nothing."""
        ...

    async def opt_out(self, call: AnsweredCall, reason: str) -> None:
        """The person wants no more calls: put the number on the do-not-call list at once."""
        ...


class Programs(Protocol):
    """Compiled scripts."""

    async def program(self, script: ScriptVersionId) -> Program:
        """The compiled program of a published version."""
        ...
