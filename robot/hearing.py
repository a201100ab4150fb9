"""Hearing: telephone sound to one of the phrases that are expected.

`VoskHearing` checks everything before libvosk sees it: a phrase list that libvosk dislikes
(`[]`, an object, bad JSON) kills the process, not just the call, and a model that is asked for
by name would be downloaded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import structlog
from vosk import KaldiRecognizer, Model, SetLogLevel

from kernel.errors import InputError
from robot.audio import FRAME_SAMPLES, TELEPHONE_HZ, Doubler, Samples
from robot.phrases import UNKNOWN, checked_phrases, segment, spaced
from robot.tts import Language

_log = structlog.get_logger(__name__)

# Needed for phrase lists: the graph must be composable while listening (HCLr and Gr).
MODEL_FILES = ("am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst")
_SILENT = -1


@dataclass(frozen=True, slots=True)
class Partial:
    """What has been understood so far; may still change."""

    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said.

    Attributes:
        text: words separated by blanks (none between Chinese words); empty when nothing was
            understood.
        confidence: 0 to 1, the least certain word's; 0 with an empty text.
    """

    text: str
    confidence: float


class Recognizer(Protocol):
    """Listens to one answer."""

    def push(self, frame: Samples) -> Partial | None:
        """Take one frame, int16 of shape (160,); tells when the understood text changes."""
        ...

    def finish(self) -> Heard:
        """The answer is over; the recognizer is ready for the next one afterwards."""
        ...

    def reset(self) -> None:
        """Forget what was heard."""
        ...


class Hearing(Protocol):
    """An engine that understands speech.

    Attributes:
        can_hear: False when speech is never understood and questions need keys.
    """

    @property
    def can_hear(self) -> bool:
        """Whether speech is understood at all."""
        ...

    def start(self, phrases: tuple[str, ...], language: Language) -> Recognizer:
        """Listen for one of `phrases`.

        Raises:
            InputError: the phrases are not a list of short texts.
        """
        ...


@dataclass(frozen=True, slots=True)
class PhraseList:
    """Phrases as a model can hear them.

    Attributes:
        heard: the phrases cut into the model's words, each separated by blanks.
        unheard: those left out, because the model lacks one of their words.
    """

    heard: tuple[str, ...]
    unheard: tuple[str, ...]


class VoskHearing:
    """Understands with a vosk model; one model serves every call and thread.

    Args:
        model_path: absolute path of the model's folder.

    Raises:
        InputError: the path is relative, or holds no model fit for phrase lists.
    """

    def __init__(self, model_path: Path) -> None:
        _check_model(model_path)
        SetLogLevel(_SILENT)
        try:
            self._model = Model(str(model_path))
            # Faults of the graph show only in a recognizer; better now than on a call.
            KaldiRecognizer(self._model, TELEPHONE_HZ, json.dumps([UNKNOWN]))
        except Exception as error:  # vosk raises nothing more precise
            raise InputError(f"{model_path}: vosk cannot read this model") from error
        self._rate_hz = _model_rate_hz(model_path)

    @property
    def can_hear(self) -> bool:
        """Always."""
        return True

    def fit(self, phrases: Sequence[str]) -> PhraseList:
        """Cut phrases into words the model has; for checks before a campaign starts.

        Raises:
            InputError: as `start`.
        """
        checked = checked_phrases(phrases)
        cut = {phrase: self._words_of(phrase) for phrase in checked}
        heard = dict.fromkeys(" ".join(words) for words in cut.values() if words)
        unheard = tuple(phrase for phrase, words in cut.items() if not words)
        return PhraseList(tuple(heard), unheard)

    def start(self, phrases: tuple[str, ...], language: Language) -> Recognizer:
        """See `Hearing.start`. Phrases the model cannot hear are left out and logged.

        When none is left, the recognizer understands nothing, and says so with empty texts.
        """
        fitted = self.fit(phrases)
        if fitted.unheard:
            _log.warning("phrases the model cannot hear", phrases=fitted.unheard, language=language)
        if not fitted.heard:
            return _DeafRecognizer()
        # Without ensure_ascii=False libvosk would drop every Chinese phrase in silence.
        grammar = json.dumps([*fitted.heard, UNKNOWN], ensure_ascii=False)
        return _VoskRecognizer(self._model, self._rate_hz, grammar)

    def _knows(self, word: str) -> bool:
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def _words_of(self, phrase: str) -> list[str]:
        words: list[str] = []
        for piece in phrase.split():
            found = [piece] if self._knows(piece) else segment(piece, self._knows)
            if not found:
                return []
            words += found
        return words


class KeysOnlyHearing:
    """Stands in when no model is configured: questions are answered with keys."""

    @property
    def can_hear(self) -> bool:
        """Never."""
        return False

    def start(self, phrases: tuple[str, ...], language: Language) -> Recognizer:
        """See `Hearing.start`; the recognizer understands nothing."""
        checked_phrases(phrases)
        return _DeafRecognizer()


def _check_model(path: Path) -> None:
    if not path.is_absolute():
        raise InputError(f"{path}: give the model's folder as an absolute path")
    if not path.is_dir():
        raise InputError(f"{path}: no such folder; unpack a vosk model there")
    missing = [name for name in MODEL_FILES if not (path / name).is_file()]
    if missing:
        raise InputError(
            f"{path}: lacks {', '.join(missing)}; phrase lists need a vosk model with a "
            "look-ahead graph, such as the small ones"
        )


def _model_rate_hz(path: Path) -> int:
    """8000, or 16000 for a model that needs the sound at twice the telephone's rate.

    Fed with 8 kHz, such a model fails with "Failed to process waveform"; told a wrong rate, it
    hears wrong words without complaint.
    """
    options = dict(
        line.strip().split("=", 1)
        for line in (path / "conf/mfcc.conf").read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("--") and "=" in line
    )
    rate = options.get("--sample-frequency", "16000").split("#")[0].strip()
    rates = {"8000": TELEPHONE_HZ, "16000": 2 * TELEPHONE_HZ}
    if rate not in rates:
        raise InputError(f"{path}: a model for {rate} Hz; use one for 8000 or 16000 Hz")
    return rates[rate]


class _VoskRecognizer:
    def __init__(self, model: Model, rate_hz: int, grammar: str) -> None:
        self._recognizer = KaldiRecognizer(model, rate_hz, grammar)
        self._recognizer.SetWords(True)  # noqa: FBT003  (vosk's signature)
        self._doubler = Doubler() if rate_hz != TELEPHONE_HZ else None
        self._earlier: list[dict[str, Any]] = []
        self._last_text = ""

    def push(self, frame: Samples) -> Partial | None:
        _check_frame(frame)
        sound = self._doubler.push(frame) if self._doubler else frame
        if self._recognizer.AcceptWaveform(sound.tobytes()):
            # libvosk ended a sentence by its own rule; the turn is over when we say so.
            self._earlier += _words(self._recognizer.Result())
            return self._changed(_join(self._earlier))
        now = json.loads(self._recognizer.PartialResult()).get("partial", "")
        return self._changed(spaced([*(word["word"] for word in self._earlier), *now.split()]))

    def finish(self) -> Heard:
        words = [*self._earlier, *_words(self._recognizer.FinalResult())]
        self.reset()
        known = [word for word in words if word["word"] != UNKNOWN]
        if not known:
            return Heard("", 0.0)
        return Heard(_join(known), min(float(word["conf"]) for word in known))

    def reset(self) -> None:
        self._recognizer.Reset()
        self._earlier = []
        self._last_text = ""

    def _changed(self, text: str) -> Partial | None:
        if text == self._last_text:
            return None
        self._last_text = text
        return Partial(text)


class _DeafRecognizer:
    def push(self, frame: Samples) -> Partial | None:
        _check_frame(frame)
        return None

    def finish(self) -> Heard:
        return Heard("", 0.0)

    def reset(self) -> None:
        """Nothing was heard."""


def _check_frame(frame: Samples) -> None:
    if frame.shape != (FRAME_SAMPLES,):
        raise ValueError(f"a frame is {FRAME_SAMPLES} samples, not of shape {frame.shape}")


def _words(result: str) -> list[dict[str, Any]]:
    words: list[dict[str, Any]] = json.loads(result).get("result", [])
    return words


def _join(words: Sequence[dict[str, Any]]) -> str:
    return spaced([word["word"] for word in words])
