from __future__ import annotations

from pathlib import Path
from random import Random

from api.passwords import Passwords
from api.services import MIN_TOKEN_KEY_BYTES
from kernel.clock import VirtualClock
from kernel.ids import TimeOrderedIds
from kernel.users import Role
from runtime.secrets import ADMINISTRATOR, ensure_administrator, token_key
from storage.memory.store import MemoryStore

CLOCK = VirtualClock()
IDS = TimeOrderedIds(CLOCK, Random(1))


def test_the_key_is_long_kept_and_ours_alone(tmp_path: Path) -> None:
    key = token_key(tmp_path)
    (file,) = tmp_path.iterdir()
    assert len(key) >= MIN_TOKEN_KEY_BYTES
    assert file.stat().st_mode & 0o777 == 0o600
    assert token_key(tmp_path) == key


def test_a_start_that_was_killed_half_way_leaves_no_short_key(tmp_path: Path) -> None:
    (tmp_path / "token.new").touch(mode=0o600)
    assert len(token_key(tmp_path)) >= MIN_TOKEN_KEY_BYTES
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_two_installations_share_a_key(tmp_path: Path) -> None:
    keys = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        keys.append(token_key(tmp_path / name))
    assert keys[0] != keys[1]


async def test_the_administrator_is_made_once_with_a_password_of_its_own() -> None:
    store = MemoryStore(CLOCK)
    password = await ensure_administrator(store, IDS)
    assert password is not None
    user = await store.find_user(ADMINISTRATOR)
    assert user is not None
    assert user.role is Role.ADMINISTRATOR
    assert password not in user.password_hash
    assert await Passwords().fits(password, user)
    assert await ensure_administrator(store, IDS) is None
    assert await ensure_administrator(MemoryStore(CLOCK), IDS) != password
