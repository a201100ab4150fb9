"""The two processes that hold the GPL library, spoken to as their parents speak to them."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np

from robot.tinymodel.vocabulary import ENGLISH_ACCENTS, EXAMINERS, MANDARIN_ACCENT, TEACHERS


def test_the_narrator_answers_in_order_and_keeps_its_output_clean(tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{n}.wav") for n in range(3)]
    voices = ["cmn", "gmw/en+nobody", "gmw/en+f2"]
    requests = [
        {"text": "一 two", "voice": voice, "rate_wpm": 170, "pitch": 50, "path": path}
        for voice, path in zip(voices, paths, strict=True)
    ]
    worker = subprocess.run(
        [sys.executable, "-m", "robot.tts_worker"],
        input="".join(json.dumps(request) + "\n" for request in requests),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    ready, *answers = [json.loads(line) for line in worker.stdout.splitlines()]
    assert "eSpeak NG 1.52" in ready["ready"]
    assert [answer["path"] for answer in answers] == paths
    assert [("error" in answer) for answer in answers] == [False, True, False]
    assert "no variant nobody" in answers[1]["error"]
    for path in (paths[0], paths[2]):
        with wave.open(path) as file:
            assert file.getframerate() == 22050
            assert file.getnframes() > 8000


def test_every_voice_of_the_tiny_model_exists_and_sounds() -> None:
    voices = [a + v for a in (*ENGLISH_ACCENTS, MANDARIN_ACCENT) for v in (*TEACHERS, *EXAMINERS)]
    requests = [{"text": "yes", "voice": v, "rate_wpm": 150, "pitch": 50} for v in voices]
    worker = subprocess.run(
        [sys.executable, "-m", "robot.tinymodel.voice_worker"],
        input="".join(json.dumps(request) + "\n" for request in requests).encode(),
        capture_output=True,
        check=True,
        timeout=30,
    )
    sounds, at = [], 0
    while at < len(worker.stdout):
        count = int.from_bytes(worker.stdout[at : at + 4], "little")
        sounds.append(np.frombuffer(worker.stdout, "<i2", count, at + 4))
        at += 4 + 2 * count
    assert len(sounds) == len(voices)
    assert all(5000 < len(sound) < 40000 for sound in sounds)
    assert all(np.abs(sound).max() > 2000 for sound in sounds)


def test_an_unknown_voice_stops_the_recording() -> None:
    request = {"text": "yes", "voice": "nix", "rate_wpm": 150, "pitch": 50}
    worker = subprocess.run(
        [sys.executable, "-m", "robot.tinymodel.voice_worker"],
        input=json.dumps(request).encode(),
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert worker.returncode != 0
    assert b"no voice 'nix'" in worker.stderr


def test_the_product_never_loads_the_gpl_library_itself() -> None:
    program = (
        "import sys, robot.tts, robot.speech_cache, robot.hearing, robot.tinymodel.build;"
        "sys.exit('espeakng_loader' in sys.modules or 'pyttsx3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
