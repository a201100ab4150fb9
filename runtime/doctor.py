"""Examines an installation: each part is tried for real, and each finding says what to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from kernel.clock import SystemClock
from kernel.errors import WaihuError
from robot.tts import Pyttsx3Speech, Voice
from runtime.database import open_store
from runtime.installation import prepare_folders
from runtime.product import open_hearing
from runtime.settings import Settings
from telephony_adapter.registry import AdapterOptions, create_switch


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part is.

    Attributes:
        what: the part.
        well: whether it works.
        detail: facts, or what is wrong and what to do.
    """

    what: str
    well: bool
    detail: str


async def examine(settings: Settings) -> list[Finding]:
    """Try every part; one that fails does not keep the others from being tried."""
    parts: tuple[tuple[str, Callable[[Settings], Awaitable[str]]], ...] = (
        ("folders", _folders),
        ("database", _database),
        ("switch", _switch),
        ("speech", _speech),
        ("hearing", _hearing),
    )
    return [await _try(what, part, settings) for what, part in parts]


async def _try(
    what: str, part: Callable[[Settings], Awaitable[str]], settings: Settings
) -> Finding:
    try:
        return Finding(what, well=True, detail=await part(settings))
    except WaihuError as error:
        return Finding(what, well=False, detail=str(error))


async def _folders(settings: Settings) -> str:
    prepare_folders(settings)
    return str(settings.data.absolute())


async def _database(settings: Settings) -> str:
    async with open_store(settings) as opened:
        await opened.database.ping()
    return "external" if settings.database_url else "the product's own PostgreSQL"


async def _switch(settings: Settings) -> str:
    options = AdapterOptions(
        prompts=settings.prompts.absolute(), recordings=settings.recordings.absolute()
    )
    switch = create_switch(settings.switch.get_secret_value(), SystemClock(), options)
    await switch.start()
    try:
        info = await switch.heartbeat()
    finally:
        await switch.aclose()
    return f"{info.version}, {info.live_calls} live calls"


async def _speech(settings: Settings) -> str:
    del settings
    async with Pyttsx3Speech() as speech:
        spoken = await speech.synthesize("你好", Voice("zh"))
        return f"{await speech.version()}, {spoken.duration_s:.1f} s of sound"


async def _hearing(settings: Settings) -> str:
    hearing = open_hearing(settings.hearing)
    if hearing.can_hear:
        return f"vosk model in {settings.hearing}"
    return "keys only; set WAIHU_HEARING to the folder of a vosk model"
