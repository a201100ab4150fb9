"""Joins the robot's ports to the store: published programs, and the journal of its calls."""

from __future__ import annotations

from campaigns.ports import ScriptStore
from dialer.ports import EngineStore, Suppression
from kernel.clock import Clock
from kernel.conversation import AnsweredCall, Conversation
from kernel.ids import ScriptVersionId
from scripts_dsl import Program, compile_script


class PublishedPrograms:
    """`Programs` over the script store; a version never changes, so each is compiled once.

    Args:
        scripts: published versions.
    """

    def __init__(self, scripts: ScriptStore) -> None:
        self._scripts = scripts
        self._compiled: dict[ScriptVersionId, Program] = {}

    async def program(self, script: ScriptVersionId) -> Program:
        """See `Programs`."""
        known = self._compiled.get(script)
        if known is None:
            version = await self._scripts.script(script)
            known = compile_script(version.source, f"{version.name}.call")
            self._compiled[script] = known
        return known


class StoredJournal:
    """`Journal` over the engine's store.

    Args:
        store: conversations and suppressions.
        clock: dates the opt-outs.
    """

    def __init__(self, store: EngineStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def save_conversation(self, conversation: Conversation) -> None:
        """See `Journal`."""
        await self._store.save_conversation(conversation)

    async def opt_out(self, call: AnsweredCall, reason: str) -> None:
        """See `Journal`; the number is held back in every campaign, for ever."""
        await self._store.suppress(
            Suppression(call.number, reason, self._clock.now(), source=call.attempt)
        )
