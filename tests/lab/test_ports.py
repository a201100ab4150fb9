from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NoReturn

import pytest

from kernel.errors import UnavailableError
from lab.ports import PortBlock


def test_blocks_never_overlap_and_come_back() -> None:
    with PortBlock() as first, PortBlock() as second:
        assert abs(first.base - second.base) >= 1000
        assert first.rtp[0] > first.http > first.sip
        assert first.rtp[1] - first.base == 999


def test_every_block_taken() -> None:
    with take_all() as taken:
        assert {block.base for block in taken} <= set(range(10_000, 32_000, 1_000))
    with PortBlock() as block:
        assert block.base in range(10_000, 32_000, 1_000)


def test_a_port_in_use_spoils_its_block() -> None:
    with PortBlock() as block:
        base = block.base
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", base + 1))
        with take_all() as taken:
            assert base not in {block.base for block in taken}


@contextmanager
def take_all() -> Iterator[list[PortBlock]]:
    """Every free block; asking for one more fails."""
    with ExitStack() as held:
        taken: list[PortBlock] = []
        with pytest.raises(UnavailableError, match="no free ports"):
            _take(held, taken)
        yield taken


def _take(held: ExitStack, taken: list[PortBlock]) -> NoReturn:
    while True:
        taken.append(held.enter_context(PortBlock()))
