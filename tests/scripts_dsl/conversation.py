"""A driver for script tests: plays a call against the machine and keeps its rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from scripts_dsl import (
    Action,
    End,
    Event,
    Heard,
    Key,
    Listen,
    Program,
    PromptDone,
    Say,
    State,
    StopListening,
    begin,
    compile_script,
    step,
)


class Conversation:
    """One call; every state passes through JSON's shapes, every action order is watched."""

    def __init__(
        self, program: Program, fields: Mapping[str, str] | None = None, language: str = "en"
    ) -> None:
        self.program = program
        self.log: list[Action] = []
        self.last: tuple[Action, ...] = ()
        self._open = False
        state, actions = begin(program, fields or {}, language)
        self._keep(state, actions)

    @classmethod
    def of(cls, text: str, fields: Mapping[str, str] | None = None, language: str = "en") -> Self:
        return cls(compile_script(text, "test.call"), fields, language)

    def send(self, *sent: Event) -> Self:
        for event in sent:
            was_over = self.state.ended
            state, actions = step(self.program, self.state, event)
            assert not (was_over and actions)
            self._keep(state, actions)
        return self

    def done(self) -> Self:
        """The prompt being spoken was heard to its end."""
        return self.send(PromptDone(self.state.playing))

    def hear(self, *texts: str) -> Self:
        return self.send(*(Heard(text, 0.9) for text in texts))

    def press(self, keys: str) -> Self:
        return self.send(*map(Key, keys))

    def _keep(self, state: State, actions: tuple[Action, ...]) -> None:
        assert State.from_dict(state.to_dict()) == state
        for action in actions:
            assert not self.outcome, "nothing comes after End"
            if isinstance(action, Listen):
                assert not self._open, "one caller turn at a time"
                self._open = True
            elif isinstance(action, StopListening):
                assert self._open
                self._open = False
            self.log.append(action)
        assert self._open == state.listening
        assert bool(self.outcome) == state.ended
        self.state = state
        self.last = actions

    # --- what came out

    @property
    def outcome(self) -> str:
        return next((action.outcome for action in self.log if isinstance(action, End)), "")

    @property
    def said(self) -> list[str]:
        says = [action for action in self.log if isinstance(action, Say)]
        return ["".join(part.text for part in say.parts) for say in says]

    @property
    def results(self) -> dict[str, str]:
        return dict(self.state.columns)

    def all(self, kind: type[Action]) -> list[Action]:
        return [action for action in self.log if isinstance(action, kind)]

    @property
    def listening_for(self) -> Listen:
        listens = [action for action in self.log if isinstance(action, Listen)]
        return listens[-1]
