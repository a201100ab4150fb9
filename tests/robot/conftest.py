from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from robot.audio import Audio
from robot.hearing import VoskHearing
from robot.tinymodel.kept import ensure_model
from robot.tinymodel.speech_data import Utterance, record
from robot.tts import Pyttsx3Speech, Voice

_REPOSITORY = Path(__file__).parents[2]

LINES: Mapping[str, tuple[str, Voice]] = {
    "hello": ("喂，你好", Voice("zh", "f2")),
    "english hello": ("Hello?", Voice("en")),
    "greeting": (
        "Hello, you have reached the office of the housing department, nobody can take your call "
        "right now so please leave your name and your number and the reason for your call",
        Voice("en", "m3"),
    ),
    "prompt": (
        "您好，这里是市民服务热线的智能语音助手，想占用您一分钟时间，了解您对上次办理结果的意见",
        Voice("zh"),
    ),
    "no": ("不是", Voice("zh", "m5")),
}


@pytest.fixture(scope="session")
def tiny_model() -> Path:
    """The small real vosk model; made once per checkout, about a minute."""
    return ensure_model(_REPOSITORY / ".cache" / "robot")


@pytest.fixture(scope="session")
def hearing(tiny_model: Path) -> VoskHearing:
    return VoskHearing(tiny_model)


@pytest.fixture(scope="session")
def utterances() -> list[Utterance]:
    """Every word once, over the line, by a voice the model has not heard."""
    return record(("+f2",), takes=1, seed=11, snr_db=25)


@pytest.fixture(scope="session")
def spoken() -> dict[str, Audio]:
    """Sentences of `LINES` as the product's own engine speaks them, at 8 kHz."""

    async def speak() -> dict[str, Audio]:
        async with Pyttsx3Speech() as speech:
            return {name: await speech.synthesize(*line) for name, line in LINES.items()}

    return asyncio.run(speak())
