"""Agents, users and scripts on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from asyncpg import Record

from campaigns.ports import AgentRecord, ScriptVersion
from kernel.errors import ConflictError, InputError
from kernel.ids import AgentId, ScriptVersionId, UserId
from kernel.users import Role, User
from storage.postgres.database import StoreOnDatabase
from storage.sql import queries

_SQL = queries("directory")


class PostgresDirectory(StoreOnDatabase):
    """Who and what there is: `AgentDirectory`, `ScriptStore`, `UserStore`."""

    async def save_agent(self, agent: AgentRecord) -> None:
        """Store or replace an agent."""
        await self._database.fetch(_SQL["save_agent"], agent.id, agent.name, agent.address)

    async def agents(self) -> Sequence[AgentRecord]:
        """Every agent, by name."""
        rows = await self._database.fetch(_SQL["agents"])
        return [AgentRecord(AgentId(row["id"]), row["name"], row["address"]) for row in rows]

    async def save_user(self, user: User) -> None:
        """Store or replace a user. Raises `ConflictError` when the name is another's."""
        try:
            await self._database.fetch(
                _SQL["save_user"],
                user.id,
                user.name,
                user.role.value,
                user.password_hash,
                user.agent,
            )
        except ConflictError:
            raise ConflictError("there is another user of this name") from None

    async def find_user(self, name: str) -> User | None:
        """The user of this name, if any."""
        row = await self._database.fetch_row(_SQL["find_user"], name)
        if row is None:
            return None
        return User(
            id=UserId(row["id"]),
            name=row["name"],
            role=Role(row["role"]),
            password_hash=row["password_hash"],
            agent=AgentId(row["agent_id"]) if row["agent_id"] else None,
        )

    async def publish_script(
        self, script: ScriptVersionId, name: str, source: str
    ) -> ScriptVersion:
        """Store a new version; the same text again returns the newest version unchanged."""
        async with self._database.transaction() as connection:
            await connection.fetch(_SQL["take_turns"], name)
            newest = await connection.fetchrow(_SQL["newest_script"], name)
            if newest is not None and newest["source"] == source:
                return _script_of(newest)
            version = newest["version"] + 1 if newest is not None else 1
            row = await connection.fetchrow(
                _SQL["insert_script"], script, name, version, source, self._now()
            )
            assert row is not None
            return _script_of(row)

    async def script(self, script: ScriptVersionId) -> ScriptVersion:
        """One version. Raises `InputError` when there is none."""
        row = await self._database.fetch_row(_SQL["script"], script)
        if row is None:
            raise InputError(f"there is no script version {script}")
        return _script_of(row)


def _script_of(row: Record) -> ScriptVersion:
    return ScriptVersion(
        id=ScriptVersionId(row["id"]),
        name=row["name"],
        version=row["version"],
        source=row["source"],
        published_at=row["published_at"],
    )
