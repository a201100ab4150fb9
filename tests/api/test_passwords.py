from __future__ import annotations

import pytest

from api.passwords import Passwords, create_user
from kernel.errors import InputError
from kernel.users import Role
from tests.api.house import House


async def test_a_created_user_can_sign_in(house: House) -> None:
    store, ids = house.store, house.services.ids
    user = await create_user(store, ids, name=" 王主管 ", role=Role.MANAGER, password="long enough")
    assert user.name == "王主管"
    assert user.password_hash.startswith("$argon2id$")
    async with house.client() as client:
        answer = await client.post(
            "/api/v1/session", json={"name": "王主管", "password": "long enough"}
        )
        assert answer.status_code == 201
    again = await create_user(store, ids, name="王主管", role=Role.AGENT, password="another one")
    assert again.id == user.id
    assert not await Passwords().fits("long enough", again)


@pytest.mark.parametrize(("name", "password"), [(" ", "long enough"), ("x", "short")])
async def test_unusable_users(house: House, name: str, password: str) -> None:
    with pytest.raises(InputError):
        await create_user(
            house.store, house.services.ids, name=name, role=Role.AGENT, password=password
        )


async def test_nobody_and_users_without_password_never_fit(house: House) -> None:
    passwords = Passwords()
    assert not await passwords.fits("nobody has this password", None)
    user = await create_user(
        house.store, house.services.ids, name="a", role=Role.AGENT, password="long enough"
    )
    object.__setattr__(user, "password_hash", "!")
    assert not await passwords.fits("!", user)
