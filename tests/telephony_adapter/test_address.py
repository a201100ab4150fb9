from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kernel.errors import InputError
from telephony_adapter.address import ASTERISK_PORT, parse_address


def test_a_simulated_address() -> None:
    address = parse_address("simulated://?seed=7&records=off")

    assert address.scheme == "simulated"
    assert address.whole("seed", 0) == 7
    assert dict(address.options) == {"seed": "7", "records": "off"}


def test_an_asterisk_address() -> None:
    address = parse_address(
        "asterisk://ari:s%40cret@pbx.example:8060/waihu?trunk=carrier&prompts=/srv/prompts"
    )

    assert (address.host, address.port, address.user) == ("pbx.example", 8060, "ari")
    assert (address.password, address.app) == ("s@cret", "waihu")
    assert address.options["trunk"] == "carrier"
    assert parse_address("asterisk://u:p@host/app").port == ASTERISK_PORT


def test_the_password_shows_nowhere() -> None:
    address = parse_address("asterisk://ari:hush@pbx.example/waihu")

    assert "hush" not in repr(address) + str(address)
    assert str(address) == f"asterisk://ari@pbx.example:{ASTERISK_PORT}/waihu"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("freeswitch://:hush@host:8021", "asterisk://, simulated://"),
        ("", "unknown scheme"),
        ("simulated://host", "options only"),
        ("simulated://?seed=x", "whole number"),
        ("simulated://?speed=2", "knows no option 'speed'"),
        ("simulated://?seed=1&seed=2", "once"),
        ("simulated://?records=maybe", "on or off"),
        ("asterisk://u:hush@/app", "host is missing"),
        ("asterisk://host/app", "user and password"),
        ("asterisk://u:hush@host", "application's name"),
        ("asterisk://u:hush@host/a b", "application's name"),
        ("asterisk://u:hush@host:port/app", "cannot be read"),
        ("asterisk://u:hush@host/app?seed=1", "knows no option 'seed'"),
    ],
)
def test_a_wrong_address_says_what_is_wrong(text: str, word: str) -> None:
    with pytest.raises(InputError, match=word.replace("'", ".")) as caught:
        parse_address(text)
    assert "hush" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_an_input_error(text: str) -> None:
    try:
        parse_address(text)
    except InputError:
        return
    assert text.strip().lower().startswith(("simulated:", "asterisk:"))
