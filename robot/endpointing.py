"""When does the caller's turn begin and end? Frames' verdicts in, turn events out.

No clock and no timer: the time of every frame is an argument, and `next_deadline_s` tells the
shell when to call `tick` in case no frame comes (silence suppression, loss).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from robot.audio import FRAME_S

# Sums of frame times carry rounding errors far below a sample.
_ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class TurnRules:
    """How one question listens.

    Attributes:
        end_silence_ms: this much silence ends a turn; the question's pace is made of it.
        min_speech_ms: unbroken speech that begins a turn while the robot is silent.
        barge_in: whether the caller may interrupt the prompt.
        barge_after_ms: the prompt's first part cannot be interrupted (a late "hello?").
        barge_votes, barge_window: speech in so many of so many frames interrupts.
        tail_ms: speech begun in the prompt's last part counts as an answer.
    """

    end_silence_ms: int = 500
    min_speech_ms: int = 80
    barge_in: bool = True
    barge_after_ms: int = 600
    barge_votes: int = 10
    barge_window: int = 12
    tail_ms: int = 300


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to speak at `at_s`; known a little later."""

    at_s: float


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The caller's last speech ended at `at_s`; known after the end silence."""

    at_s: float


TurnEvent = SpeechStarted | SpeechEnded


class TurnDetector:
    """Follows one call's turns.

    Args:
        rules: of the present question; `use` changes them.
    """

    def __init__(self, rules: TurnRules = TurnRules()) -> None:
        self._rules = rules
        self._prompt_began_s: float | None = None
        self._speech_until_s: float | None = None
        self._run_began_s: float | None = None
        self._run_until_s = 0.0
        self._votes: deque[tuple[float, bool]] = deque(maxlen=rules.barge_window)

    @property
    def speaking(self) -> bool:
        """Whether a turn of the caller is open."""
        return self._speech_until_s is not None

    @property
    def next_deadline_s(self) -> float | None:
        """When the open turn ends unless speech comes; None without an open turn."""
        if self._speech_until_s is None:
            return None
        return self._speech_until_s + self._rules.end_silence_ms / 1000

    def use(self, rules: TurnRules) -> None:
        """Listen by another question's rules from now on."""
        self._rules = rules
        self._votes = deque(self._votes, maxlen=rules.barge_window)

    def prompt_started(self, at_s: float) -> None:
        """The robot began to speak."""
        self._prompt_began_s = at_s
        self._forget_before(at_s)

    def prompt_ended(self, at_s: float) -> None:
        """The robot fell silent, by itself or cut off."""
        self._prompt_began_s = None
        self._forget_before(at_s - self._rules.tail_ms / 1000)

    def push(self, at_s: float, *, speech: bool) -> tuple[TurnEvent, ...]:
        """Take the verdict on the 20 ms frame that began at `at_s`."""
        if not speech:
            self._run_began_s = None
            self._votes.append((at_s, False))
            return self.tick(at_s + FRAME_S)
        ended = self.tick(at_s)
        self._follow_run(at_s)
        self._votes.append((at_s, True))
        if self._speech_until_s is not None:
            self._speech_until_s = at_s + FRAME_S
            return ended
        return ended + self._begun(at_s)

    def tick(self, now_s: float) -> tuple[TurnEvent, ...]:
        """Time passed without a frame of speech until `now_s`."""
        deadline = self.next_deadline_s
        if deadline is None or now_s < deadline - _ROUNDING_S:
            return ()
        assert self._speech_until_s is not None
        event = SpeechEnded(self._speech_until_s)
        self._speech_until_s = None
        self._votes.clear()
        return (event,)

    def _begun(self, at_s: float) -> tuple[TurnEvent, ...]:
        began_s = self._answer_began() if self._prompt_began_s is None else self._barge_began(at_s)
        if began_s is None:
            return ()
        self._speech_until_s = at_s + FRAME_S
        return (SpeechStarted(began_s),)

    def _answer_began(self) -> float | None:
        assert self._run_began_s is not None
        length_s = self._run_until_s - self._run_began_s
        enough = length_s >= self._rules.min_speech_ms / 1000 - _ROUNDING_S
        return self._run_began_s if enough else None

    def _barge_began(self, at_s: float) -> float | None:
        assert self._prompt_began_s is not None
        if not self._rules.barge_in:
            return None
        # Older frames may lie in the deque after a loss; the window is a stretch of time.
        oldest_s = max(
            at_s - (self._rules.barge_window - 1) * FRAME_S,
            self._prompt_began_s + self._rules.barge_after_ms / 1000,
        )
        spoken = [t for t, speech in self._votes if speech and t >= oldest_s - _ROUNDING_S]
        return spoken[0] if len(spoken) >= self._rules.barge_votes else None

    def _follow_run(self, at_s: float) -> None:
        unbroken = at_s <= self._run_until_s + FRAME_S / 2
        if self._run_began_s is None or not unbroken:
            self._run_began_s = at_s
        self._run_until_s = at_s + FRAME_S

    def _forget_before(self, at_s: float) -> None:
        if self._run_began_s is not None:
            self._run_began_s = max(self._run_began_s, at_s)
        kept = [vote for vote in self._votes if vote[0] >= at_s - _ROUNDING_S]
        self._votes = deque(kept, maxlen=self._rules.barge_window)
