"""One call's audio and controls, with all that comes from it, the mouth and the ear on it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from kernel.conversation import CallControl
from kernel.errors import WaihuError
from kernel.media import MediaStream
from robot.happenings import Happenings, KeyPressed, LineGone, TransferDone
from robot.listener import Listener
from robot.mouth import Mouth


@dataclass(frozen=True, slots=True)
class Line:
    """A call as a conversation has it."""

    media: MediaStream
    control: CallControl
    happenings: Happenings
    mouth: Mouth
    listener: Listener

    def open(self) -> None:
        """Let frames, marks and keys come in, and at last that the line is gone."""
        self.happenings.start("media", self._read_media)
        self.happenings.start("keys", self._read_keys)

    def ask_for_agent(self, queue: str, carry: Mapping[str, str]) -> None:
        """Wish for an agent; `TransferDone` is the answer."""
        self.happenings.start("transfer", partial(self._transfer, queue, dict(carry)))

    async def leave(self) -> None:
        """Leave the call's audio to others; a switch that does not answer has ended it."""
        with suppress(WaihuError):
            await self.media.aclose()

    async def _read_media(self) -> None:
        async for event in self.media.events():
            await self.happenings.put(event)
        await self.happenings.put(LineGone())

    async def _read_keys(self) -> None:
        async for digit in self.control.digits():
            await self.happenings.put(KeyPressed(digit))
        await self.happenings.put(LineGone())

    async def _transfer(self, queue: str, carry: Mapping[str, str]) -> None:
        await self.happenings.put(TransferDone(await self.control.transfer(queue, carry)))
