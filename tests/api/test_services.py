from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.errors import InputError
from tests.api.house import KEY, House


async def test_a_short_key_is_refused(house: House) -> None:
    with pytest.raises(InputError, match="31 bytes"):
        replace(house.services, token_key=b"k" * 31)


async def test_the_key_is_in_no_printout(house: House) -> None:
    assert KEY.decode() not in repr(house.services)
