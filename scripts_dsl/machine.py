"""The interpreter: (program, state, event) to (state, actions). Pure, total, and it ends.

Every event is legal in every state; one that cannot matter changes nothing. A call ends within
`limit_turns` caller turns: each question asked costs a turn, and the checker lets no loop pass
in which the caller has none. Of a turn's many facts only the state survives; `_Turn` below is
the workbench on which the next state and the actions are put together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from kernel.errors import DefectError
from scripts_dsl import events as ev, program as pr
from scripts_dsl.columns import accepted_fields, condition_met, spoken_parts
from scripts_dsl.errors import FieldError
from scripts_dsl.listening import (
    allowed_keys,
    keys_of,
    match_keys,
    match_voice,
    most_keys,
    phrases_of,
)
from scripts_dsl.phrases import Meaning
from scripts_dsl.program import Program
from scripts_dsl.state import State

LIMIT_OUTCOME: Final = "limit"
HUNG_UP_OUTCOME: Final = "hung-up"
_MOST_TYPED_AHEAD: Final = 32
# After these the call goes on without the caller; a hang-up changes nothing of it.
_PASSED_OVER: Final = pr.SayNode | pr.SetNode | pr.SuppressNode | pr.VerifiedNode | pr.StepNode


def begin(
    program: Program, fields: Mapping[str, str], language: str
) -> tuple[State, tuple[ev.Action, ...]]:
    """Start a conversation.

    Args:
        program: a compiled script.
        fields: the contact's fields, as text; those the script does not need are left out.
        language: one of the program's languages.

    Raises:
        FieldError: a needed field is missing or is not of its type, or the language is unknown.
    """
    if language not in program.languages:
        known = ", ".join(program.languages)
        raise FieldError(f"script '{program.name}' does not speak '{language}'; it speaks {known}")
    turn = _Turn(program, State(program.source_hash, language, accepted_fields(program, fields)))
    turn.advance(0)
    return turn.state, tuple(turn.actions)


def step(program: Program, state: State, event: ev.Event) -> tuple[State, tuple[ev.Action, ...]]:
    """Take one event.

    Args:
        program: the program the state began with.
        state: where the conversation stands.
        event: what happened.

    Raises:
        DefectError: the state was begun with another program.
    """
    if state.source_hash != program.source_hash:
        raise DefectError(f"the state belongs to another text of script '{program.name}'")
    if state.ended:
        return state, ()
    turn = _Turn(program, state)
    turn.take(event)
    return turn.state, tuple(turn.actions)


class _Turn:
    """One call of `begin` or `step`, being worked out."""

    def __init__(self, program: Program, state: State) -> None:
        self.state = state
        self.actions: list[ev.Action] = []
        self._program = program

    # --- events

    def take(self, event: ev.Event) -> None:
        if self.state.voicemail and not isinstance(event, ev.PromptDone | ev.HungUp):
            return
        match event:
            case ev.Heard() | ev.Key() | ev.DigitsTimeout():
                self._answered(event)
            case ev.Silence() | ev.Unintelligible():
                self._missed("silent" if isinstance(event, ev.Silence) else "unclear")
            case ev.PromptDone():
                self._prompt_done(event.prompt_id)
            case ev.TransferResult():
                self._transferred(event.outcome)
            case ev.MachineDetected():
                self._machine_detected()
            case ev.HungUp():
                self._hung_up()

    def _answered(self, event: ev.Heard | ev.Key | ev.DigitsTimeout) -> None:
        match event:
            case ev.Heard() if self.state.listening:
                self._heard(event)
            case ev.Key() if self.state.mode in {"speaking", "asking"}:
                self._key(event.digit)
            case ev.DigitsTimeout() if self._entering:
                self._finish_entry()
            case _:
                pass

    def _prompt_done(self, prompt_id: str) -> None:
        if prompt_id != self.state.playing:
            return
        self._set(playing="", deaf=False)
        node = self._node
        if self.state.mode == "speaking" and isinstance(node, pr.SayNode):
            self._stop_listening()
            self.advance(node.next)

    def _machine_detected(self) -> None:
        # Once somebody has answered a question sensibly, the detector was wrong.
        if self.state.mode == "transferring" or self.state.understood:
            return
        self._stop_listening()
        self._set(voicemail=True)
        self.advance(self._program.machine)

    def _transferred(self, outcome: ev.TransferOutcome) -> None:
        node = self._node
        if self.state.mode == "transferring" and isinstance(node, pr.TransferNode):
            targets = {
                "joined": node.joined, "busy": node.busy, "none": node.none, "left": node.left,
            }  # fmt: skip
            self.advance(targets[outcome])

    def _heard(self, event: ev.Heard) -> None:
        meaning = match_voice(event.text, self._choices, self._program.words, self.state.language)
        if meaning is None:
            self._missed("unclear")
        elif self._is_anytime(meaning) or (self._may_answer and not self.state.digits):
            self._accept(meaning, event.text, "voice", event.confidence)

    def _key(self, digit: str) -> None:
        if self._entering and digit == "#" and not self._is_key("#"):
            self._finish_entry()
        elif self._may_answer:
            self._set(digits=self.state.digits + digit)
            self._judge_entry()
        else:
            self._key_while_speaking(digit)

    def _key_while_speaking(self, digit: str) -> None:
        keyed = match_keys(digit, self._program.anytime, self._program.words)
        if keyed.meaning:
            self._accept(keyed.meaning, digit, "key", 1.0)
        elif not self.state.deaf and self.state.mode == "speaking":
            self._set(typed_ahead=(self.state.typed_ahead + digit)[-_MOST_TYPED_AHEAD:])

    def _hung_up(self) -> None:
        """Whoever hangs up during the last sentence has been through the whole call."""
        outcome = HUNG_UP_OUTCOME
        passed: list[pr.Node] = []
        index: int = self.state.node
        while self.state.mode == "speaking":
            node = self._program.nodes[index]
            passed.append(node)
            if isinstance(node, pr.EndNode):
                outcome = node.outcome
            if not isinstance(node, _PASSED_OVER):
                break
            index = node.next
        if outcome != HUNG_UP_OUTCOME:
            self._carry_out(passed)
        self._end(outcome)

    def _carry_out(self, passed: list[pr.Node]) -> None:
        for node in passed:
            if isinstance(node, pr.SetNode):
                self._assign(node)
            elif isinstance(node, pr.SuppressNode):
                self._suppress(node)

    # --- answers

    @property
    def _node(self) -> pr.Node:
        return self._program.nodes[self.state.node]

    @property
    def _choices(self) -> tuple[pr.Choice, ...]:
        """What may be answered now; first what may be answered at any time."""
        node = self._node
        local = node.choices if isinstance(node, pr.AskNode) else ()
        return (*self._program.anytime, *local)

    @property
    def _may_answer(self) -> bool:
        return self.state.mode == "asking" and not self.state.deaf

    @property
    def _entering(self) -> bool:
        return self._may_answer and bool(self.state.digits)

    def _is_anytime(self, meaning: Meaning) -> bool:
        return meaning.choice < len(self._program.anytime)

    def _is_key(self, key: str) -> bool:
        return any(entry.text == key for entry in keys_of(self._choices, self._program.words))

    def _judge_entry(self) -> None:
        entered = self.state.digits
        keyed = match_keys(entered, self._choices, self._program.words)
        if keyed.may_grow:
            return
        if keyed.meaning:
            self._accept(keyed.meaning, entered, "key", 1.0)
        else:
            self._wrong_entry()

    def _finish_entry(self) -> None:
        entered = self.state.digits
        meaning = match_keys(entered, self._choices, self._program.words).meaning
        if meaning:
            self._accept(meaning, entered, "key", 1.0)
        else:
            self._wrong_entry()

    def _wrong_entry(self) -> None:
        self._set(digits="", playing="")
        self._missed("unclear")

    def _missed(self, kind: Literal["silent", "unclear"]) -> None:
        """Climb a rung, unless the prompt still plays (the driver goes on with it) or keys come."""
        node = self._node
        if (
            self.state.mode != "asking"
            or self.state.playing
            or self.state.digits
            or not isinstance(node, pr.AskNode)
        ):
            return
        self._stop_listening()
        if kind == "silent":
            self._set(silent=self.state.silent + 1)
            rungs, count = node.silent, self.state.silent
        else:
            self._set(unclear=self.state.unclear + 1)
            rungs, count = node.unclear, self.state.unclear
        self.advance(rungs[min(count, len(rungs)) - 1])

    def _accept(
        self, meaning: Meaning, raw: str, source: Literal["key", "voice"], confidence: float
    ) -> None:
        node, choice = self._node, self._choices[meaning.choice]
        if choice.urgent and self.state.opted_out and self.state.mode == "speaking":
            return  # granted already: saying it again must not begin the farewell again
        self._stop_listening()
        self._set(typed_ahead="", understood=True)
        if not self._is_anytime(meaning):
            self._set(answer=meaning.value)
        elif self.state.mode == "speaking" and not choice.urgent and not self._take_turn():
            return
        if not self._is_anytime(meaning) and isinstance(node, pr.AskNode) and node.question:
            answer = ev.Answer(node.question, meaning.value, raw, source, confidence)
            self.actions.append(ev.Record(answer))
            self._set_column(node.question, meaning.value)
        self.advance(choice.target)

    def _take_turn(self) -> bool:
        """Count a caller turn; at the limit the call ends instead."""
        if self.state.turns >= self._program.limit_turns:
            self._end(LIMIT_OUTCOME)
            return False
        self._set(turns=self.state.turns + 1)
        return True

    # --- nodes

    def advance(self, index: int) -> None:
        """Follow nodes until one waits."""
        following: int | None = index
        while following is not None:
            following = self._enter(following, self._program.nodes[following])

    def _enter(self, index: int, node: pr.Node) -> int | None:
        match node:
            case pr.SayNode() | pr.AskNode() | pr.TransferNode() | pr.EndNode():
                self._wait_at(index, node)
                return None
            case pr.AgainNode():
                return self._again(node)
            case pr.SetNode():
                self._assign(node)
            case pr.SuppressNode():
                self._suppress(node)
            case pr.BranchNode():
                met = condition_met(self._program, node, dict(self.state.columns))
                return node.then if met else node.otherwise
            case pr.StepNode() | pr.VerifiedNode():
                pass
        return node.next

    def _wait_at(
        self, index: int, node: pr.SayNode | pr.AskNode | pr.TransferNode | pr.EndNode
    ) -> None:
        match node:
            case pr.SayNode():
                self._set(node=index, mode="speaking", digits="")
                if node.home:
                    self._set(resume=index)
                if not node.prompt.interruptible:
                    self._set(typed_ahead="")
                self._speak(node.prompt, pr.Times().barge_after_ms)
                self._listen(pr.Times(), waiting=False)
            case pr.AskNode():
                self._set(node=index, resume=index, silent=0, unclear=0)
                self._ask(node, node.prompt)
            case pr.TransferNode():
                self._set(node=index, mode="transferring", playing="", deaf=False)
                known = dict(self.state.columns)
                carry = {name: known[name] for name in node.carry if name in known}
                self.actions.append(ev.Transfer(node.queue, carry))
            case pr.EndNode():
                self._end(node.outcome)

    def _again(self, node: pr.AgainNode) -> int | None:
        """Come back to what was interrupted."""
        home = self._program.nodes[self.state.resume]
        if not isinstance(home, pr.AskNode):
            return self.state.resume
        self._set(node=self.state.resume)
        self._ask(home, home.prompt if node.question else node.prompt)
        return None

    def _ask(self, node: pr.AskNode, prompt: pr.Prompt | None) -> None:
        if not self._take_turn():
            return
        self._set(mode="asking", digits="")
        typed = self.state.typed_ahead
        self._set(typed_ahead="", playing="", deaf=False)
        keyed = match_keys(typed, self._choices, self._program.words)
        if keyed.meaning and not keyed.may_grow and node.prompt.interruptible:
            self._accept(keyed.meaning, typed, "key", 1.0)
            return
        if prompt is not None:
            self._speak(prompt, node.times.barge_after_ms)
        self._listen(node.times, waiting=True)

    def _assign(self, node: pr.SetNode) -> None:
        columns = dict(self.state.columns)
        sources = {"answer": self.state.answer, "column": columns.get(node.value, "")}
        self._set_column(node.name, sources.get(node.source, node.value))

    # --- actions

    def _set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def _set_column(self, name: str, value: str) -> None:
        columns = {**dict(self.state.columns), name: value}
        self._set(columns=tuple(columns.items()))
        self.actions.append(ev.SetResult(name, value))

    def _suppress(self, node: pr.SuppressNode) -> None:
        if not self.state.opted_out:
            self._set(opted_out=True)
            self.actions.append(ev.AddToSuppression(node.reason))

    def _speak(self, prompt: pr.Prompt, barge_after_ms: int) -> None:
        self._set(prompts=self.state.prompts + 1, deaf=not prompt.interruptible)
        self._set(playing=f"{prompt.id}#{self.state.prompts}")
        self.actions.append(
            ev.Say(
                self.state.playing,
                spoken_parts(prompt, dict(self.state.columns), self.state.language),
                self.state.language,
                prompt.interruptible,
                barge_after_ms,
            )
        )

    def _listen(self, times: pr.Times, *, waiting: bool) -> None:
        """Hear the caller: an answer is due (`waiting`), or only what counts at any time."""
        choices, words = self._choices, self._program.words
        phrases = phrases_of(choices, words, self.state.language)
        if self.state.voicemail or not choices:
            return
        self._set(listening=True)
        self.actions.append(
            ev.Listen(
                phrases=tuple(dict.fromkeys(entry.text for entry in phrases)),
                keys=allowed_keys(choices, words),
                max_digits=most_keys(choices, words),
                no_input_s=times.no_input_s if waiting else None,
                end_silence_ms=times.end_silence_ms,
                interdigit_s=times.interdigit_s,
            )
        )

    def _stop_listening(self) -> None:
        if self.state.listening:
            self._set(listening=False)
            self.actions.append(ev.StopListening())

    def _end(self, outcome: str) -> None:
        self._stop_listening()
        self._set(mode="ended", playing="", digits="", typed_ahead="")
        self.actions.append(ev.End(outcome))
