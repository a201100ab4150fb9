"""An engine's process: it can be killed or stopped at any moment, from outside.

A killed process does nothing more: every port raises for ever, so that no `finally` of the
engine's can reach anybody. What it had sent before is carried out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from inspect import isawaitable
from typing import Any, cast

from dialer.campaign_runner import EnginePorts
from dialer.ports import EngineStore
from kernel.clock import Clock
from kernel.conversation import AnsweredCallHandler
from kernel.telephony import Telephony


class ProcessKilledError(BaseException):
    """The process is dead; no handler of the engine's may catch this."""


class MortalProcess:
    """Stands between one engine and its ports.

    Args:
        ports: the real ones; several processes, one after the other, may share them.
    """

    def __init__(self, ports: EnginePorts) -> None:
        self._alive = True
        self._going = asyncio.Event()
        self._going.set()
        self.ports = EnginePorts(
            cast("EngineStore", _Mortal(ports.store, self)),
            cast("Telephony", _Mortal(ports.switch, self)),
            cast("Clock", _Mortal(ports.clock, self)),
            ports.ids,
            cast("AnsweredCallHandler", _Mortal(ports.handler, self)) if ports.handler else None,
        )

    def kill(self) -> None:
        """`kill -9`: from now on every port raises."""
        self._alive = False
        self._going.set()

    def stop(self) -> None:
        """SIGSTOP: whoever waits for a port goes on waiting."""
        self._going.clear()

    def go_on(self) -> None:
        """SIGCONT."""
        self._going.set()

    def check(self) -> None:
        """Raise when dead."""
        if not self._alive:
            raise ProcessKilledError

    async def proceed(self) -> None:
        """Wait while stopped; raise when dead."""
        await self._going.wait()
        self.check()


class _Mortal:
    """One port, seen from inside the process."""

    def __init__(self, port: object, process: MortalProcess) -> None:
        self._port = port
        self._process = process

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._process.check()
            answer = method(*args, **kwargs)
            if isawaitable(answer):
                return self._await(answer)
            return self._read(answer) if isinstance(answer, AsyncIterator) else answer

        self.__dict__[name] = call  # looked up once
        return call

    async def _await(self, answer: Any) -> Any:
        try:
            await self._process.proceed()
        except BaseException:
            answer.close()
            raise
        result = await answer
        await self._process.proceed()
        return result

    async def _read(self, items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for item in items:
            await self._process.proceed()
            yield item
