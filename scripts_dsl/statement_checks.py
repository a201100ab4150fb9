"""Checks of single statements: names they use, values they give, places where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from scripts_dsl import nodes, program
from scripts_dsl.compiler import (
    ANSWER,
    bounds,
    kind_of_question,
    kind_of_type,
    questions_of,
    word_sets_of,
)
from scripts_dsl.declaration_checks import bounds_fault, languages_of
from scripts_dsl.errors import Position
from scripts_dsl.findings import Findings
from scripts_dsl.readers import NUMERIC_TYPES, ORDERED_TYPES, READERS
from scripts_dsl.values import fits

_LEAVING: Final = (nodes.Goto, nodes.End, nodes.HangUp, nodes.Repeat)
_IN_MACHINE: Final = (nodes.Say, nodes.Set, nodes.End, nodes.HangUp, nodes.If, nodes.OptOut)
_TURNS: Final = (nodes.Ask, nodes.Question)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands: what may be written there.

    Attributes:
        name: `step`, `anytime`, `ladder` or `machine`.
        answer: the type `answer` has here; None where there was no answer.
        asked: a question is open, so `repeat` has something to repeat.
    """

    name: str
    answer: program.Kind | None = None
    asked: bool = False


def check_statements(script: nodes.Script, findings: Findings) -> None:
    """Check every statement of every block."""
    checks = _StatementChecks(script, findings)
    for step in script.steps:
        checks.block(step.body, _Place("step"))
    for branch in script.anytime:
        checks.pattern(branch.pattern)
        checks.block(branch.body, _Place("anytime", asked=True))
    for rung in script.ladder:
        checks.block(rung.body, _Place("ladder", asked=True))
    for machine in script.machines:
        checks.block(machine.body, _Place("machine"))


class _StatementChecks:
    def __init__(self, script: nodes.Script, findings: Findings) -> None:
        self._findings = findings
        self._languages = languages_of(script)
        self._steps = {step.name for step in script.steps}
        self._words = {word_set.name for word_set in word_sets_of(script)}
        self._results = {item.name: kind_of_type(item.type) for item in script.gives}
        self._columns = {item.name: kind_of_type(item.type) for item in script.needs}
        self._columns |= self._results
        self._columns |= {item.name: kind_of_question(item) for item in questions_of(script)}
        self._private = {item.name for item in (*script.needs, *script.gives) if item.private}

    def block(self, body: Sequence[nodes.Statement], place: _Place) -> None:
        for statement, following in zip(body, [*body, None][1:], strict=True):
            if following is not None and isinstance(statement, _LEAVING):
                self._findings.add(
                    following.at, "E02", "never reached: the line above leaves this block"
                )
            self._place(statement, place)
            self._statement(statement, place)

    # --- places

    def _place(self, statement: nodes.Statement, place: _Place) -> None:
        what = type(statement).__name__.lower()
        if place.name == "machine" and not isinstance(statement, _IN_MACHINE):
            self._findings.add(statement.at, "E06", f"a voicemail cannot {what}; say and hang up")
        elif place.name in {"anytime", "ladder"} and isinstance(statement, _TURNS):
            self._findings.add(
                statement.at, "E06", f"no question inside '{place.name}'; jump to a step with '->'"
            )
        elif isinstance(statement, nodes.Repeat) and not place.asked:
            self._findings.add(statement.at, "E06", "'repeat' stands outside a question")
        elif isinstance(statement, nodes.HangUp) and place.name != "machine":
            self._findings.add(statement.at, "E06", "'hang up' is for 'machine'; write 'end NAME'")

    # --- statements

    def _statement(self, statement: nodes.Statement, place: _Place) -> None:
        match statement:
            case nodes.Say():
                self._prompt(statement.prompt)
            case nodes.Ask() | nodes.Question():
                self._turn(statement, place)
            case nodes.Set():
                self._set(statement, place)
            case nodes.If():
                self._condition(statement.condition)
                self.block(statement.then, place)
                self.block(statement.otherwise, place)
            case nodes.Goto() if statement.step not in self._steps:
                self._findings.add(statement.at, "E01", f"step '{statement.step}' does not exist")
            case nodes.Transfer():
                self._transfer(statement, place)
            case _:
                pass

    def _turn(self, statement: nodes.Ask | nodes.Question, place: _Place) -> None:
        self._prompt(statement.prompt)
        if isinstance(statement, nodes.Ask):
            for branch in statement.branches:
                self.pattern(branch.pattern)
                answer = _answer_kind(branch.pattern)
                self.block(branch.body, replace(place, answer=answer, asked=True))
        else:
            for pattern in statement.patterns:
                self.pattern(pattern)
        for rung in statement.rungs:
            self.block(rung.body, _Place("ladder", asked=True))

    def pattern(self, pattern: nodes.Pattern) -> None:
        if isinstance(pattern, nodes.WordPattern):
            if pattern.name not in self._words:
                self._findings.add(
                    pattern.at, "E13", f"no word set '{pattern.name}'; add it under 'words'"
                )
            return
        kind = "digits" if isinstance(pattern, nodes.DigitsPattern) else "scale"
        fault = bounds_fault(kind, *bounds(pattern))
        if fault:
            self._findings.add(pattern.at, "E42", fault)

    def _prompt(self, prompt: nodes.Prompt) -> None:
        spoken = [line.language for line in prompt.lines]
        for language in self._languages:
            if language not in spoken:
                self._findings.add(prompt.at, "E40", f"no '{language}:' wording of this line")
        for position, line in enumerate(prompt.lines):
            if line.language in spoken[:position]:
                self._findings.add(line.at, "E46", f"a second '{line.language}:' wording")
            if line.language not in self._languages:
                self._findings.add(
                    line.at, "W47", f"'{line.language}' is not in the script's 'lang'"
                )
        for variable in prompt.variables:
            self._variable(variable)

    def _variable(self, variable: nodes.Variable) -> None:
        self._known(variable.name, variable.at)
        if variable.reader is not None and variable.reader not in READERS:
            known = ", ".join(READERS)
            self._findings.add(
                variable.at, "E20", f"reader '{variable.reader}' is not known; known: {known}"
            )

    def _known(self, name: str, at: Position) -> bool:
        if name not in self._columns:
            self._findings.add(
                at, "E20", f"'{name}' is no field of 'needs', no result and no question"
            )
        return name in self._columns

    def _transfer(self, statement: nodes.Transfer, place: _Place) -> None:
        for value in statement.carry:
            self._known(value.text, value.at)
        seen: set[str] = set()
        for case in statement.cases:
            if case.outcome in seen:
                self._findings.add(case.at, "E46", f"a second '{case.outcome}'")
            seen.add(case.outcome)
            self.block(case.body, replace(place, asked=False))

    # --- values

    def _set(self, statement: nodes.Set, place: _Place) -> None:
        target = self._results.get(statement.name)
        if target is None:
            self._findings.add(
                statement.at, "E21", f"'{statement.name}' is no result; add it under 'gives'"
            )
            return
        value = statement.value
        if value.kind == "name" and value.text == ANSWER:
            source = place.answer
            if source is None:
                self._findings.add(value.at, "E06", "'answer' stands outside a branch of 'ask'")
                return
        else:
            source = self._columns.get(value.text) if value.kind == "name" else None
        if source is not None and not _assignable(source, target):
            self._findings.add(
                value.at, "E21", f"'{statement.name}' cannot take a value of type {source.name}"
            )
        elif source is None and not fits(value.text, target):
            self._findings.add(
                value.at, "E21", f"'{statement.name}' cannot be '{value.text}': {_wanted(target)}"
            )
        if value.text in self._private and statement.name not in self._private:
            self._findings.add(
                value.at, "E30", f"'{value.text}' is private; mark '{statement.name}' private too"
            )

    def _condition(self, condition: nodes.Condition) -> None:
        for tests in condition.alternatives:
            for test in tests:
                if self._known(test.name, test.at) and test.value is not None:
                    self._comparison(test, self._columns[test.name], test.value)

    def _comparison(self, test: nodes.Comparison, kind: program.Kind, value: nodes.Value) -> None:
        other = self._columns.get(value.text) if value.kind == "name" else None
        if test.operator not in {"=", "!="} and kind.name not in ORDERED_TYPES:
            message = f"'{test.name}' has no order; compare it with = or !="
        elif other is not None and not _assignable(other, kind):
            message = f"'{test.name}' and '{value.text}' are not of one type"
        elif other is None and not fits(value.text, kind):
            message = f"'{test.name}' is never '{value.text}': {_wanted(kind)}"
        else:
            return
        self._findings.add(test.at, "E26", message)


def _answer_kind(pattern: nodes.Pattern) -> program.Kind:
    match pattern:
        case nodes.WordPattern():
            return program.Kind("choice", choices=(pattern.name,))
        case nodes.DigitsPattern():
            return program.Kind("digits", pattern.least, pattern.most)
        case nodes.ScalePattern():
            return program.Kind("scale", pattern.low, pattern.high)


def _assignable(source: program.Kind, target: program.Kind) -> bool:
    if target.name == "text":
        return True
    if source.name == "choice" and target.name == "choice":
        return set(source.choices) <= set(target.choices)
    if {source.name, target.name} <= {"digits", "scale"}:
        same = source.name == target.name
        return same and target.low <= source.low and source.high <= target.high
    if source.name in NUMERIC_TYPES and target.name in NUMERIC_TYPES:
        return target.name != "scale"
    return source.name == target.name


def _wanted(kind: program.Kind) -> str:
    if kind.name == "choice":
        return f"it is one of {', '.join(kind.choices)}"
    if kind.name in {"digits", "scale"}:
        return f"it is {kind.name}({kind.low}..{kind.high})"
    return f"it is a {kind.name}"
