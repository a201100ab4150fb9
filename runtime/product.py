"""Wiring: every room joined into one running product."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from dialer.campaign_runner import EnginePorts
from dialer.engine import Engine, EngineSettings
from kernel.clock import Clock, SystemClock
from kernel.ids import Ids
from kernel.telephony import Telephony
from robot.hearing import Hearing, KeysOnlyHearing, VoskHearing
from robot.script_robot import ScriptRobot, Senses
from robot.speech_cache import SpeechCache
from robot.tts import Pyttsx3Speech
from runtime.database import OpenStore, open_store
from runtime.installation import new_ids, prepare_folders
from runtime.messages import ensure_messages
from runtime.robot_ports import PublishedPrograms, StoredJournal
from runtime.settings import Settings
from storage.postgres.store import PostgresStore
from telephony_adapter.registry import AdapterOptions, create_switch
from telephony_adapter.simulated.people import Population, Voices


@dataclass(frozen=True, slots=True)
class World:
    """Who answers on a simulated switch; without one, the switch's own defaults."""

    population: Population
    voices: Voices


@dataclass(frozen=True, slots=True)
class Product:
    """Everything that runs."""

    settings: Settings
    clock: Clock
    ids: Ids
    opened: OpenStore
    speech: SpeechCache
    switch: Telephony
    engine: Engine

    @property
    def store(self) -> PostgresStore:
        """Every storage port."""
        return self.opened.store


@asynccontextmanager
async def open_speech(settings: Settings) -> AsyncIterator[SpeechCache]:
    """Text to speech with its cache."""
    async with Pyttsx3Speech() as engine:
        cache = SpeechCache(engine, settings.data / "speech")
        try:
            yield cache
        finally:
            await cache.aclose()


@asynccontextmanager
async def open_product(settings: Settings, world: World | None = None) -> AsyncIterator[Product]:
    """Start everything, and stop it in the reverse order.

    Raises:
        InputError: a setting, the hearing model or the switch's address cannot be used.
        UnavailableError: database, switch or speech does not answer.
    """
    prepare_folders(settings)
    clock = SystemClock()
    ids = new_ids(clock)
    hearing = open_hearing(settings.hearing)
    # Only reads the address: a wrong one is told before anything is started.
    switch = create_switch(
        settings.switch.get_secret_value(), clock, _adapter_options(settings, world)
    )
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(open_store(settings))
        speech = await stack.enter_async_context(open_speech(settings))
        await ensure_messages(settings.prompts, speech)
        robot = ScriptRobot(
            PublishedPrograms(opened.store),
            Senses(speech, hearing, settings.prompts),
            StoredJournal(opened.store, clock),
            clock,
        )
        stack.push_async_callback(robot.aclose)
        engine = Engine(
            EnginePorts(opened.store, switch, clock, ids, robot),
            EngineSettings(socket.gethostname()),
        )
        stack.push_async_callback(engine.aclose)
        await engine.start()
        yield Product(settings, clock, ids, opened, speech, switch, engine)


def open_hearing(model: Path | None) -> Hearing:
    """The recogniser, or keys only when no model is configured.

    Raises:
        InputError: the folder holds no usable model.
    """
    return KeysOnlyHearing() if model is None else VoskHearing(model.absolute())


def _adapter_options(settings: Settings, world: World | None) -> AdapterOptions:
    prompts, recordings = settings.prompts.absolute(), settings.recordings.absolute()
    if world is None:
        return AdapterOptions(prompts=prompts, recordings=recordings)
    return AdapterOptions(
        prompts=prompts,
        recordings=recordings,
        population=world.population,
        voices=world.voices,
    )
