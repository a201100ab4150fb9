"""The one process that speaks: pyttsx3 on eSpeak NG; runs as `python -m robot.tts_worker`.

pyttsx3 keeps one engine per process and one thread, loses or hangs otherwise; and eSpeak NG is
GPL-3.0. Hence a process of its own. Standard input and output carry one JSON object per line:

    <- {"ready": "pyttsx3 2.99, eSpeak NG 1.52.0"}       once, at the start
    -> {"text", "voice", "rate_wpm", "pitch", "path"}
    <- {"path"}  or  {"path", "error"}                    per request, in order

The file at `path` is complete when its answer comes. An "error" is the request's fault; when the
engine is at fault, the process ends. The parent sets the deadline and kills.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

from robot.espeak_library import EspeakLibrary, load

_TRIES = 3


class Narrator:
    """pyttsx3's engine, one utterance at a time.

    Args:
        library: the loaded eSpeak NG, which pyttsx3 must find instead of the system's.
    """

    def __init__(self, library: EspeakLibrary) -> None:
        # eSpeak reads the data folder's address from the environment only.
        os.environ["ESPEAK_DATA_PATH"] = str(library.data_path)  # noqa: TID251  (set, not read)
        import pyttsx3  # noqa: PLC0415  (must come after the library and its data path)

        self._library = library
        self._engine = pyttsx3.init("espeak")
        self._finished = threading.Event()
        self._cut_off = False
        self._failure: Exception | None = None
        self._engine.connect("finished-utterance", self._on_finished)
        self._engine.connect("error", self._on_error)
        # The very first run returns before eSpeak's thread has spoken; let it be an empty one.
        self._settle()
        self._engine.runAndWait()

    def save(self, request: dict[str, Any]) -> None:
        """Speak one request into its file; returns when the file is closed.

        Raises:
            ValueError: eSpeak NG has no such voice, or refuses a setting.
            RuntimeError: the sound was cut off in every try.
        """
        self._check_variant(request["voice"])
        self._failure = None
        self._engine.setProperty("voice", request["voice"])
        self._engine.setProperty("rate", request["rate_wpm"])
        self._engine.setProperty("pitch", request["pitch"])
        if self._failure is not None:
            raise ValueError(str(self._failure))
        if not any(self._speak(request["text"], request["path"]) for _ in range(_TRIES)):
            raise RuntimeError(f"the sound was cut off {_TRIES} times")

    def _speak(self, text: str, path: str) -> bool:
        """Whether the whole text is in the file."""
        self._settle()
        self._finished.clear()
        self._cut_off = False
        # One file per run: of several, only the last would be written.
        self._engine.save_to_file(text, path)
        self._engine.runAndWait()
        self._finished.wait()
        return not self._cut_off and Path(path).is_file()

    def _settle(self) -> None:
        # Settings are done by eSpeak's own thread. While that is busy, pyttsx3 believes a text is
        # being spoken, and cancels what it starts next: an empty file in one of five runs.
        self._library.handle.espeak_Synchronize()

    def _check_variant(self, voice: str) -> None:
        # eSpeak queues the change of voice, and keeps the old voice when there is no such one.
        variant = voice.partition("+")[2]
        if variant and not (self._library.data_path / "voices/!v" / variant).is_file():
            raise ValueError(f"eSpeak NG has no variant {variant}")

    def _on_finished(self, *, completed: bool, **_facts: object) -> None:
        self._cut_off |= not completed
        self._finished.set()

    def _on_error(self, exception: Exception, **_facts: object) -> None:
        self._failure = exception


def engine_version(library: EspeakLibrary) -> str:
    """Names what speaks; part of the cache key of its results."""
    info = library.handle.espeak_Info
    info.restype = ctypes.c_char_p
    return f"pyttsx3 {version('pyttsx3')}, eSpeak NG {info(None).decode()}"


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer every request until standard input ends."""
    library = load()
    narrator = Narrator(library)
    _write(answers, {"ready": engine_version(library)})
    for line in requests:
        request = json.loads(line)
        try:
            narrator.save(request)
        except ValueError as error:
            _write(answers, {"path": request["path"], "error": str(error)})
        else:
            _write(answers, {"path": request["path"]})


def _write(answers: TextIO, message: dict[str, str]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def main() -> None:
    """Serve standard input; the libraries' own prints go to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin, answers)
    answers.flush()
    # eSpeak's thread asserts when the interpreter takes it down in order.
    os._exit(0)


if __name__ == "__main__":
    main()
