"""The two timers of a question: nothing said, and no further key. Pure; times in seconds."""

from __future__ import annotations

from scripts_dsl import DigitsTimeout, Listen, Silence

#: Keys pressed during a statement are for the next question; after this pause they are complete.
TYPED_AHEAD_PAUSE_S = 1.0


class AnswerTimers:
    """Timers of what is being listened for; every method's `now_s` is monotonic."""

    def __init__(self) -> None:
        self._question: Listen | None = None
        self._silence_at_s: float | None = None
        self._entry_at_s: float | None = None

    @property
    def waiting(self) -> bool:
        """Whether an answer is due, not only what counts at any time."""
        return self._question is not None and self._question.no_input_s is not None

    def asked(self, question: Listen) -> None:
        """The caller has a turn; `line_quiet` starts the time for it."""
        self._question = question
        self._silence_at_s = self._entry_at_s = None

    def dropped(self) -> None:
        """The turn is over."""
        self._question = self._silence_at_s = self._entry_at_s = None

    def line_quiet(self, now_s: float) -> None:
        """Robot and caller are silent from now on."""
        if self._question is not None and self._question.no_input_s is not None:
            self._silence_at_s = now_s + self._question.no_input_s

    def key_pressed(self, now_s: float) -> None:
        """A key came; another may follow."""
        pause_s = TYPED_AHEAD_PAUSE_S
        if self.waiting and self._question is not None:
            pause_s = self._question.interdigit_s
        self._silence_at_s = None
        self._entry_at_s = now_s + pause_s

    def next_s(self, *, busy: bool) -> float | None:
        """When the next timer rings; while somebody speaks (`busy`), only the one for keys."""
        times = (self._entry_at_s, None if busy else self._silence_at_s)
        return min((at_s for at_s in times if at_s is not None), default=None)

    def ring(self, now_s: float, *, busy: bool) -> Silence | DigitsTimeout | None:
        """What has run out by now; each tells once."""
        if self._entry_at_s is not None and now_s >= self._entry_at_s:
            self._entry_at_s = None
            return DigitsTimeout()
        if not busy and self._silence_at_s is not None and now_s >= self._silence_at_s:
            self._silence_at_s = None
            return Silence()
        return None
