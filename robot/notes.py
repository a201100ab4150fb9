"""What one conversation leaves behind: transcript, answers, results and opt-outs."""

from __future__ import annotations

import scripts_dsl as dsl
from kernel.clock import Clock
from kernel.conversation import AnsweredCall, Conversation, SurveyAnswer, Turn
from robot.keeper import Keeper

#: Outcome of a conversation that still goes on, or was abandoned by an engine that stopped.
OPEN = "open"
#: Outcome of a conversation that our side could not go on with.
FAILED = "failed"


class Notes:
    """One call's notes, handed to the keeper as they come.

    Args:
        call: the call.
        keeper: stores them.
        clock: gives the times.
    """

    def __init__(self, call: AnsweredCall, keeper: Keeper, clock: Clock) -> None:
        self._call = call
        self._keeper = keeper
        self._clock = clock
        self._turns: list[Turn] = []
        self._kept_turns = 0
        self._answers: dict[str, SurveyAnswer] = {}
        self._results: dict[str, str] = {}
        self._found = False

    def robot_said(self, say: dsl.Say) -> None:
        """A turn of the robot."""
        self._turn("robot", "".join(part.text for part in say.parts), "", 1.0)

    def caller_said(self, text: str, confidence: float) -> None:
        """A spoken turn of the caller; the text is empty when it was not understood."""
        self._turn("callee", text, "voice", confidence)

    def caller_pressed(self, digit: str) -> None:
        """A key from the caller."""
        self._turn("callee", digit, "key", 1.0)

    def take(self, action: dsl.Record | dsl.SetResult | dsl.AddToSuppression) -> None:
        """Note what the script found out; an opt-out is stored at once."""
        match action:
            case dsl.Record(answer):
                self._record(answer)
            case dsl.SetResult(name, value):
                self._results[name] = value
                self._found = True
            case dsl.AddToSuppression(reason):
                self._keeper.opt_out(self._call, reason)

    def keep_findings(self) -> None:
        """Hand over answers and results, if there are new ones."""
        if self._found:
            self.keep()

    def keep(self, outcome: str = OPEN) -> None:
        """Hand everything that is new to the keeper."""
        new_turns = tuple(self._turns[self._kept_turns :])
        self._kept_turns = len(self._turns)
        self._found = False
        self._keeper.save(
            Conversation(
                self._call.attempt,
                outcome,
                new_turns,
                tuple(self._answers.values()),
                dict(self._results),
            )
        )

    def _turn(self, speaker: str, text: str, source: str, confidence: float) -> None:
        seq = len(self._turns) + 1
        turn = Turn(self._call.attempt, seq, self._clock.now(), speaker, text, source, confidence)
        self._turns.append(turn)

    def _record(self, answer: dsl.Answer) -> None:
        self._found = True
        self._answers[answer.question] = SurveyAnswer(
            self._call.attempt,
            answer.question,
            answer.value,
            answer.raw,
            answer.source,
            answer.confidence,
            self._clock.now(),
        )
