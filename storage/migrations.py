"""Bring a database's schema forward; every release's program calls it before anything else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import asyncpg

from kernel.errors import ConflictError
from storage.postgres.faults import translated
from storage.sql import migrations, queries

_SQL = queries("migrations")


async def migrate(dsn: str, available: Mapping[str, str] | None = None) -> list[str]:
    """Apply the migrations that the database lacks, each in one transaction.

    Args:
        dsn: the database.
        available: name to text in order; the product's own by default.

    Returns:
        The names of those applied now, in order.

    Raises:
        ConflictError: an applied migration's text has changed since, or the database is newer
            than this program. Nothing was changed.
        UnavailableError: the database does not answer.
    """
    wanted = migrations() if available is None else available
    with translated():
        connection = await asyncpg.connect(dsn, timeout=30)
        try:
            # Two programs starting together take turns; the lock ends with the connection.
            await connection.execute(_SQL["take_turns"])
            return await _bring_forward(connection, wanted)
        finally:
            await connection.close()


async def _bring_forward(
    connection: asyncpg.Connection[asyncpg.Record], wanted: Mapping[str, str]
) -> list[str]:
    await connection.execute(_SQL["create_register"])
    applied = {row["name"]: row["sha256"] for row in await connection.fetch(_SQL["applied"])}
    _check(applied, wanted)
    missing = [name for name in wanted if name not in applied]
    for name in missing:
        async with connection.transaction():
            await connection.execute(wanted[name])
            await connection.execute(_SQL["register"], name, _digest(wanted[name]))
    return missing


def _check(applied: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for name, digest in applied.items():
        if name not in wanted:
            raise ConflictError(
                f"the database has migration {name}, which this program does not know; "
                "start the newer program that applied it"
            )
        if digest != _digest(wanted[name]):
            raise ConflictError(
                f"migration {name} was changed after it had been applied to this database; "
                "restore its text and put the change into a new migration"
            )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
