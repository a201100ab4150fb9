"""Nodes of the text to a graph of program nodes. Never fails: the checker judges the graph.

Blocks are lowered from their last statement to their first, so that every node knows where it
leads. `LOOSE` stands where the text does not say what happens next; a program that passed the
checker reaches it nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from scripts_dsl import nodes, program
from scripts_dsl.errors import Position
from scripts_dsl.phrases import BUILT_IN_WORDS
from scripts_dsl.readers import LANGUAGES, READER_OF_TYPE

LOOSE: Final = -1
UNKNOWN: Final = -2
ANSWER: Final = "answer"
MACHINE_OUTCOME: Final = "machine"
TRANSFERRED_OUTCOME: Final = "transferred"
HUNG_UP_OUTCOME: Final = "hung-up"
_DEFAULT_LIMIT_TURNS: Final = 30


@dataclass(frozen=True, slots=True)
class Graph:
    """A lowered script: the program, and for every node the statement it came from.

    Attributes:
        sources: parallel to `program.nodes`.
        machine_nodes: the nodes a voicemail may reach directly.
    """

    program: program.Program
    sources: tuple[nodes.Statement | nodes.Step | nodes.Machine | nodes.Rung, ...]
    machine_nodes: frozenset[int]


def lower(script: nodes.Script, source: str) -> Graph:
    """Lower a parsed script.

    Args:
        script: what the parser built, right or wrong.
        source: its text, for the fingerprint.
    """
    return _Lowering(script).run(source)


def kind_of_type(type_name: nodes.TypeName) -> program.Kind:
    """The program's form of a written type."""
    return program.Kind(type_name.name, type_name.low or 0, type_name.high or 0, type_name.choices)


def kind_of_question(question: nodes.Question) -> program.Kind:
    """The type of a question's answer."""
    first = question.patterns[0]
    if isinstance(first, nodes.WordPattern):
        names = (item.name for item in question.patterns if isinstance(item, nodes.WordPattern))
        return program.Kind("choice", choices=tuple(names))
    low, high = bounds(first)
    return program.Kind(question.kind, low, high)


def bounds(pattern: nodes.Pattern) -> tuple[int, int]:
    """Lowest and highest value of a scale, or least and most digits; zeros for a word set."""
    match pattern:
        case nodes.DigitsPattern():
            return pattern.least, pattern.most
        case nodes.ScalePattern():
            return pattern.low, pattern.high
        case nodes.WordPattern():
            return 0, 0


def questions_of(script: nodes.Script) -> tuple[nodes.Question, ...]:
    """Every survey question, in the order of the text."""
    found = [item for item in statements_of(script) if isinstance(item, nodes.Question)]
    return tuple(sorted(found, key=lambda question: question.at))


def statements_of(script: nodes.Script) -> list[nodes.Statement]:
    """Every statement of a script, blocks before what is inside them."""
    waiting: list[Sequence[nodes.Statement]] = [
        *(step.body for step in script.steps),
        *(branch.body for branch in script.anytime),
        *(rung.body for rung in script.ladder),
        *(machine.body for machine in script.machines),
    ]
    found: list[nodes.Statement] = []
    while waiting:
        for statement in waiting.pop():
            found.append(statement)
            waiting += inner_blocks(statement)
    return found


def inner_blocks(statement: nodes.Statement) -> list[tuple[nodes.Statement, ...]]:
    """The blocks inside one statement."""
    match statement:
        case nodes.Ask():
            rungs = [rung.body for rung in statement.rungs]
            return [branch.body for branch in statement.branches] + rungs
        case nodes.Question():
            return [rung.body for rung in statement.rungs]
        case nodes.If():
            return [statement.then, statement.otherwise]
        case nodes.Transfer():
            return [case.body for case in statement.cases]
        case _:
            return []


def word_sets_of(script: nodes.Script) -> tuple[nodes.WordSet, ...]:
    """The script's own word sets, and the built-in ones it does not replace."""
    own = {word_set.name for word_set in script.words}
    built_in = [
        nodes.WordSet(name, tuple(phrases.items()), key, Position(1, 1))
        for name, (phrases, key) in BUILT_IN_WORDS.items()
        if name not in own
    ]
    return (*script.words, *built_in)


class _Lowering:
    def __init__(self, script: nodes.Script) -> None:
        self._script = script
        self._nodes: list[program.Node] = []
        self._sources: list[nodes.Statement | nodes.Step | nodes.Machine | nodes.Rung] = []
        self._steps = {step.name: index for index, step in enumerate(script.steps)}
        self._readers = _readers(script)
        self._place = ""
        self._home = True

    def run(self, source: str) -> Graph:
        for step in self._script.steps:
            self._add(program.StepNode(step.name, LOOSE), step)
        for index, step in enumerate(self._script.steps):
            self._enter(step.name, home=True)
            entry = self._block(step.body, LOOSE)
            self._nodes[index] = program.StepNode(step.name, entry)
        anytime = tuple(self._reaction(branch) for branch in self._script.anytime)
        first_machine_node = len(self._nodes)
        machine = self._machine()
        machine_nodes = frozenset(range(first_machine_node, len(self._nodes)))
        return Graph(self._program(source, anytime, machine), tuple(self._sources), machine_nodes)

    def _program(
        self, source: str, anytime: tuple[program.Choice, ...], machine: int
    ) -> program.Program:
        script = self._script
        settings = {setting.name: setting.values for setting in script.settings}
        return program.Program(
            name=script.name,
            version=script.version,
            source_hash=program.hash_source(source),
            languages=settings.get("lang", LANGUAGES),
            purpose=settings.get("purpose", ("notice",))[0],
            limit_turns=int(float(settings.get("limit", (str(_DEFAULT_LIMIT_TURNS),))[0])),
            needs=tuple(map(_column, script.needs)),
            gives=tuple(map(_column, script.gives)),
            questions=tuple(
                program.SurveyQuestion(item.name, item.title, kind_of_question(item))
                for item in questions_of(script)
            ),
            words=tuple(
                program.Words(item.name, _by_language(item), item.key)
                for item in word_sets_of(script)
            ),
            anytime=anytime,
            nodes=tuple(self._nodes),
            machine=machine,
        )

    # --- blocks

    def _enter(self, place: str, *, home: bool) -> None:
        self._place, self._home = place, home

    def _add(
        self, node: program.Node, source: nodes.Statement | nodes.Step | nodes.Machine | nodes.Rung
    ) -> int:
        self._nodes.append(node)
        self._sources.append(source)
        return len(self._nodes) - 1

    def _reaction(self, branch: nodes.Branch) -> program.Choice:
        assert isinstance(branch.pattern, nodes.WordPattern)
        self._enter(f"anytime-{branch.pattern.name}", home=False)
        back = self._add(program.AgainNode(question=True), branch.body[-1])
        target = self._block(branch.body, back)
        urgent = self._opts_out(target)
        return program.Choice("word", branch.pattern.name, 0, 0, target, urgent)

    def _opts_out(self, start: int) -> bool:
        """Whether every way from here suppresses the number before anything else is asked."""
        seen: set[int] = set()
        waiting = [start]
        while waiting:
            index = waiting.pop()
            if index in seen:
                continue
            seen.add(index)
            node = self._nodes[index] if index >= 0 else None
            match node:
                case program.SuppressNode():
                    continue
                case (
                    program.StepNode()
                    | program.SayNode()
                    | program.SetNode()
                    | program.VerifiedNode()
                ):
                    waiting.append(node.next)
                case program.BranchNode():
                    waiting += [node.then, node.otherwise]
                case _:
                    return False
        return True

    def _machine(self) -> int:
        if not self._script.machines:
            at = self._script.at
            return self._add(program.EndNode(MACHINE_OUTCOME), nodes.Machine((), at))
        self._enter("machine", home=False)
        return self._block(self._script.machines[0].body, LOOSE)

    def _block(self, body: Sequence[nodes.Statement], after: int) -> int:
        for statement in reversed(body):
            after = self._statement(statement, after)
        return after

    def _statement(self, statement: nodes.Statement, after: int) -> int:
        match statement:
            case nodes.Goto():
                return self._steps.get(statement.step, UNKNOWN)
            case nodes.If():
                return self._if(statement, after)
            case nodes.Transfer():
                return self._transfer(statement, after)
            case nodes.Ask() | nodes.Question():
                return self._question(statement, after)
            case _:
                return self._add(self._simple(statement, after), statement)

    def _if(self, statement: nodes.If, after: int) -> int:
        then = self._block(statement.then, after)
        otherwise = self._block(statement.otherwise, after)
        tests = _alternatives(statement.condition, self._readers)
        return self._add(program.BranchNode(tests, then, otherwise), statement)

    def _simple(self, statement: nodes.Statement, after: int) -> program.Node:
        match statement:
            case nodes.Say():
                return program.SayNode(self._prompt(statement.prompt), after, self._home)
            case nodes.Set():
                source, value = _value(statement.value, self._readers)
                return program.SetNode(statement.name, source, value, after)
            case nodes.OptOut():
                return program.SuppressNode(statement.reason, after)
            case nodes.Verified():
                return program.VerifiedNode(after)
            case nodes.Repeat():
                return program.AgainNode(question=True)
            case _:
                assert isinstance(statement, nodes.End | nodes.HangUp)
                outcome = statement.outcome if isinstance(statement, nodes.End) else MACHINE_OUTCOME
                return program.EndNode(outcome)

    def _transfer(self, statement: nodes.Transfer, after: int) -> int:
        ends = {
            "joined": self._add(program.EndNode(TRANSFERRED_OUTCOME), statement),
            "busy": after,
            "none": after,
            "left": self._add(program.EndNode(HUNG_UP_OUTCOME), statement),
        }
        for case in statement.cases:
            ends[case.outcome] = self._block(case.body, after)
        carry = tuple(value.text for value in statement.carry)
        return self._add(program.TransferNode(statement.queue, carry, **ends), statement)

    # --- questions

    def _question(self, statement: nodes.Ask | nodes.Question, after: int) -> int:
        prompt = self._prompt(statement.prompt)
        if isinstance(statement, nodes.Ask):
            name = ""
            choices = tuple(
                _choice(branch.pattern, self._block(branch.body, after))
                for branch in statement.branches
            )
        else:
            name = statement.name
            choices = tuple(_choice(pattern, after) for pattern in statement.patterns)
        was_home, self._home = self._home, False
        silent = self._rungs(statement, "silent")
        unclear = self._rungs(statement, "unclear")
        self._home = was_home
        times = _times(statement.timings)
        return self._add(program.AskNode(prompt, choices, silent, unclear, name, times), statement)

    def _rungs(self, statement: nodes.Ask | nodes.Question, kind: str) -> tuple[int, ...]:
        return tuple(self._rung(rung) for rung in ladder_of(self._script, statement, kind))

    def _rung(self, rung: nodes.Rung) -> int:
        """A rung that only says something says it as the question: the caller may cut in."""
        *body, last = rung.body
        if isinstance(last, nodes.Say):
            again = program.AgainNode(question=False, prompt=self._prompt(last.prompt))
            return self._block(body, self._add(again, last))
        listen = self._add(program.AgainNode(question=False), rung)
        return self._block(rung.body, listen)

    def _prompt(self, prompt: nodes.Prompt) -> program.Prompt:
        wordings = tuple(
            (language, tuple(self._piece(piece) for line in lines for piece in line.pieces))
            for language, lines in groupby(prompt.lines, key=lambda line: line.language)
        )
        return program.Prompt(f"{self._place}:{prompt.at.line}", wordings, not prompt.must_hear)

    def _piece(self, piece: nodes.Piece) -> program.Text | program.Wav | program.Spoken:
        match piece:
            case nodes.Literal():
                return program.Text(piece.text)
            case nodes.Recording():
                return program.Wav(piece.file, piece.text)
            case nodes.Variable():
                reader = piece.reader or self._readers.get(piece.name, "plain")
                return program.Spoken(piece.name, reader)


def ladder_of(
    script: nodes.Script, statement: nodes.Ask | nodes.Question, kind: str
) -> tuple[nodes.Rung, ...]:
    """A question's own rungs of a kind, or the script's."""
    own = tuple(rung for rung in statement.rungs if rung.kind == kind)
    return own or tuple(rung for rung in script.ladder if rung.kind == kind)


def _readers(script: nodes.Script) -> dict[str, str]:
    kinds = {item.name: item.type.name for item in (*script.needs, *script.gives)}
    kinds |= {item.name: kind_of_question(item).name for item in questions_of(script)}
    return {name: READER_OF_TYPE.get(kind, "plain") for name, kind in kinds.items()}


def _column(declaration: nodes.Declaration) -> program.Column:
    return program.Column(
        declaration.name,
        kind_of_type(declaration.type),
        declaration.optional,
        declaration.private,
    )


def _by_language(word_set: nodes.WordSet) -> tuple[tuple[str, tuple[str, ...]], ...]:
    tags = dict.fromkeys(tag for tag, _ in word_set.phrases)
    return tuple((tag, word_set.phrases_in(tag)) for tag in tags)


def _choice(pattern: nodes.Pattern, target: int) -> program.Choice:
    low, high = bounds(pattern)
    match pattern:
        case nodes.WordPattern():
            return program.Choice("word", pattern.name, low, high, target)
        case nodes.DigitsPattern():
            return program.Choice("digits", "", low, high, target)
        case nodes.ScalePattern():
            return program.Choice("scale", "", low, high, target)


def _times(timings: Sequence[nodes.Timing]) -> program.Times:
    times = program.Times()
    for timing in timings:
        match timing.kind:
            case "wait":
                times = replace(times, no_input_s=timing.value)
            case "between":
                times = replace(times, interdigit_s=timing.value)
            case "end":
                times = replace(times, end_silence_ms=int(timing.value))
            case _:
                times = replace(times, barge_after_ms=int(timing.value))
    return times


def _value(value: nodes.Value, columns: Mapping[str, str]) -> tuple[str, str]:
    if value.kind == "name" and value.text == ANSWER:
        return "answer", ""
    if value.kind == "name" and value.text in columns:
        return "column", value.text
    return "constant", value.text


def _alternatives(
    condition: nodes.Condition, columns: Mapping[str, str]
) -> tuple[tuple[program.Comparison, ...], ...]:
    return tuple(
        tuple(_comparison(test, columns) for test in tests) for tests in condition.alternatives
    )


def _comparison(test: nodes.Comparison, columns: Mapping[str, str]) -> program.Comparison:
    source, value = ("", "") if test.value is None else _value(test.value, columns)
    return program.Comparison(test.name, test.operator, value, source == "column", test.or_missing)
