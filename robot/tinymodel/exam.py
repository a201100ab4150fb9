"""Examines a model with voices it has never heard, through the real libvosk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vosk import KaldiRecognizer, Model, SetLogLevel

from robot.audio import TELEPHONE_HZ
from robot.tinymodel.speech_data import Utterance, record
from robot.tinymodel.vocabulary import ENGLISH, EXAMINERS, UNKNOWN

YES_NO = ("yes", "no", "是的", "不是")
DIGITS = ENGLISH[ENGLISH.index("zero") :]


@dataclass(frozen=True, slots=True)
class Score:
    """Right answers of all; an answer is right when the whole string is."""

    name: str
    right: int
    of: int

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.right / self.of


def examine(folder: Path, seed: int = 2) -> list[Score]:
    """Scores of the model at 25 dB: yes/no list, digit list, all words at once, and at 10 dB."""
    SetLogLevel(-1)
    model = Model(str(folder.resolve(strict=True)))
    clear = record(EXAMINERS, 2, seed, snr_db=25)
    noisy = record(EXAMINERS, 1, seed + 1, snr_db=10)
    return [
        _score("yes/no phrase list, 25 dB", model, _only(clear, YES_NO), YES_NO),
        _score("digits phrase list, 25 dB", model, _only(clear, DIGITS), DIGITS),
        _score("all words, 25 dB", model, clear, None),
        _score("all words, 10 dB", model, noisy, None),
    ]


def _only(speech: Sequence[Utterance], words: Sequence[str]) -> list[Utterance]:
    return [utterance for utterance in speech if utterance.word in words]


def _score(
    name: str, model: Model, speech: Sequence[Utterance], phrases: Sequence[str] | None
) -> Score:
    right = sum(_heard(model, utterance, phrases) == utterance.word for utterance in speech)
    return Score(name, right, len(speech))


def _heard(model: Model, utterance: Utterance, phrases: Sequence[str] | None) -> str:
    limits = [json.dumps([*phrases, UNKNOWN], ensure_ascii=False)] if phrases else []
    recognizer = KaldiRecognizer(model, TELEPHONE_HZ, *limits)
    recognizer.AcceptWaveform(utterance.samples.tobytes())
    text: str = json.loads(recognizer.FinalResult())["text"]
    return text
