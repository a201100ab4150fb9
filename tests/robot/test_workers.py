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


HASTY = """
import dataclasses, json, sys
from robot import espeak_library, tts_worker

class Hasty:
    # eSpeak NG whose caller does not wait for the settings to be done
    def __init__(self, handle): self._handle = handle
    def __getattr__(self, name): return getattr(self._handle, name)
    def espeak_Synchronize(self): pass

library = espeak_library.load()
hasty = dataclasses.replace(library, handle=Hasty(library.handle))
narrator = tts_worker.Narrator(hasty)
tries, speak = [0], narrator._speak
def counted(text, path):
    tries[0] += 1
    return speak(text, path)
narrator._speak = counted
tts_worker._TRIES = 50
for n in range(60):
    narrator.save({"text": f"number {n}", "voice": ("cmn", "gmw/en+f2")[n % 2], "rate_wpm": 170,
                   "pitch": 50, "path": f"{sys.argv[1]}/{n}.wav"})
print(tries[0], file=sys.stderr)
tts_worker.os._exit(0)
"""


def test_a_text_that_is_cut_off_is_spoken_again(tmp_path: Path) -> None:
    worker = subprocess.run(
        [sys.executable, "-c", HASTY, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for path in tmp_path.iterdir():
        with wave.open(str(path)) as file:
            assert file.getnframes() > 8000
    assert len(list(tmp_path.iterdir())) == 60
    # Without waiting, some are cut off; otherwise this test would show nothing.
    assert int(worker.stderr.splitlines()[-1]) > 60
