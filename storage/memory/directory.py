"""Agents, users and scripts in memory."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.ports import AgentRecord, ScriptVersion
from kernel.errors import ConflictError, InputError
from kernel.ids import ScriptVersionId
from kernel.users import User
from storage.memory.tables import StoreInMemory


class MemoryDirectory(StoreInMemory):
    """Who and what there is: `AgentDirectory`, `ScriptStore`, `UserStore`."""

    async def save_agent(self, agent: AgentRecord) -> None:
        """Store or replace an agent."""
        self._tables.agents[agent.id] = agent

    async def agents(self) -> Sequence[AgentRecord]:
        """Every agent, by name."""
        return sorted(self._tables.agents.values(), key=lambda agent: (agent.name, agent.id))

    async def save_user(self, user: User) -> None:
        """Store or replace a user. Raises `ConflictError` when the name is another's."""
        if user.agent is not None:
            self._tables.require_agent(user.agent)
        known = await self.find_user(user.name)
        if known is not None and known.id != user.id:
            raise ConflictError("there is another user of this name")
        self._tables.users[user.id] = user

    async def find_user(self, name: str) -> User | None:
        """The user of this name, if any."""
        return next((user for user in self._tables.users.values() if user.name == name), None)

    async def publish_script(
        self, script: ScriptVersionId, name: str, source: str
    ) -> ScriptVersion:
        """Store a new version; the same text again returns the newest version unchanged."""
        versions = [known for known in self._tables.scripts.values() if known.name == name]
        newest = max(versions, key=lambda known: known.version, default=None)
        if newest is not None and newest.source == source:
            return newest
        if script in self._tables.scripts:
            raise ConflictError(f"there is a script version {script} already")
        version = newest.version + 1 if newest is not None else 1
        published = ScriptVersion(script, name, version, source, self._tables.now())
        self._tables.scripts[script] = published
        return published

    async def script(self, script: ScriptVersionId) -> ScriptVersion:
        """One version. Raises `InputError` when there is none."""
        found = self._tables.scripts.get(script)
        if found is None:
            raise InputError(f"there is no script version {script}")
        return found
