from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from kernel.clock import SystemClock
from kernel.errors import UnavailableError
from kernel.ids import UserId
from kernel.users import Role, User
from runtime.database import database_address, open_store
from runtime.installation import new_ids
from runtime.secrets import ensure_administrator
from runtime.settings import Settings
from storage.embedded_place import settle
from tests.runtime.installation import settings_of, waihu

pytestmark = pytest.mark.postgres
IDS = new_ids(SystemClock())


def lock_is_free(settings: Settings) -> bool:
    """Whether no server runs in the data folder."""
    return not (settle(settings.data / "postgres").cluster / "postmaster.pid").exists()


async def test_the_products_own_server_lives_as_long_as_it_is_used(settings: Settings) -> None:
    settings.data.mkdir()
    async with open_store(settings) as opened:
        password = await ensure_administrator(opened.store, IDS)
        assert password is not None
        assert not lock_is_free(settings)
    assert lock_is_free(settings)
    async with open_store(settings) as opened:
        assert await ensure_administrator(opened.store, IDS) is None


async def test_a_second_process_works_on_the_server_of_the_first(
    folder: Path, settings: Settings
) -> None:
    settings.data.mkdir()
    (folder / "list.csv").write_text("姓名,手机号\n王一,13812345678\n", encoding="utf-8")
    async with open_store(settings) as opened:
        done = await asyncio.to_thread(waihu, folder, "import", "list.csv", "--batch", "march")
        assert (done.returncode, done.stderr) == (0, "")
        assert [batch.name for batch in await opened.store.batches()] == ["march"]
        await opened.database.ping()


async def test_the_given_database_is_used_and_brought_forward(
    folder: Path, database_dsn: str
) -> None:
    settings = settings_of(folder, database_url=SecretStr(database_dsn))
    async with database_address(settings) as dsn, open_store(settings) as opened:
        assert dsn == database_dsn
        await opened.store.save_user(User(UserId(IDS.new()), "li", Role.MANAGER, "hash", None))
        assert await opened.store.find_user("li") is not None
    assert not (settings.data / "postgres").exists()


async def test_a_database_that_is_not_there_is_told(folder: Path) -> None:
    nowhere = SecretStr(f"postgresql://waihu@/waihu?host={folder}")
    with pytest.raises(UnavailableError):
        async with open_store(settings_of(folder, database_url=nowhere)):
            pass
