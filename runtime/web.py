"""The web server beside the engine, in one event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.services import Services
from kernel.errors import UnavailableError, WaihuError
from runtime.product import Product
from runtime.secrets import token_key


def web_app(product: Product) -> FastAPI:
    """The API and the live page over a running product."""

    async def database_alive() -> bool:
        try:
            await product.opened.database.ping()
        except WaihuError:
            return False
        return True

    store = product.store
    return create_app(
        Services(
            batches=store,
            campaigns=store,
            agents=store,
            scripts=store,
            users=store,
            suppression=store,
            engine=product.engine,
            clock=product.clock,
            ids=product.ids,
            token_key=token_key(product.settings.data),
            database_alive=database_alive,
        )
    )


async def serve(product: Product) -> None:
    """Serve until a signal comes or the engine fails; requests under way are finished.

    Raises:
        UnavailableError: the address is in use or not allowed.
    """
    settings = product.settings
    config = uvicorn.Config(
        web_app(product),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        ws="websockets-sansio",
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(product.engine.watch(), name="engine watch")
        await _run(server, settings.host, settings.port)
        watching.cancel()


class _Server(uvicorn.Server):
    """Ends at a signal and leaves it at that: the rest of the product is closed after it.

    uvicorn's own way is to raise the signal again, which would end the process in the middle.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """See uvicorn."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


async def _run(server: uvicorn.Server, host: str, port: int) -> None:
    try:
        await server.serve()
    except SystemExit:
        # uvicorn's way of saying that it cannot listen.
        raise UnavailableError(
            f"cannot listen on {host}:{port}; set WAIHU_PORT to a free port"
        ) from None
