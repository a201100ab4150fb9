from __future__ import annotations

import pytest

from telephony_adapter.inbox import Inbox


async def test_what_was_queued_is_read_before_the_end() -> None:
    inbox: Inbox[int] = Inbox()
    for item in range(3):
        inbox.put(item)
    inbox.close()
    inbox.put(9)

    assert [item async for item in inbox.read()] == [0, 1, 2]


async def test_a_failure_reaches_the_reader_after_the_items() -> None:
    inbox: Inbox[int] = Inbox()
    inbox.put(1)
    inbox.close(ValueError("broken"))
    inbox.close()
    reader = inbox.read()

    assert await anext(reader) == 1
    with pytest.raises(ValueError, match="broken"):
        await anext(reader)


async def test_a_full_inbox_drops_the_oldest() -> None:
    inbox: Inbox[int] = Inbox(limit=2)
    for item in range(5):
        inbox.put(item)
    inbox.close()

    assert [item async for item in inbox.read()] == [3, 4]
