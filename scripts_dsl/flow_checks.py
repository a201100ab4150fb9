"""Checks along the ways a call can take: ends, loops, values that are there, private fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from scripts_dsl import nodes, program
from scripts_dsl.compiler import HUNG_UP_OUTCOME, LOOSE, Graph, statements_of
from scripts_dsl.errors import Position
from scripts_dsl.findings import Findings
from scripts_dsl.graph import VERIFIED, Edge, edges, talk, walk

Facts = dict[int, frozenset[str]]


def check_flow(script: nodes.Script, graph: Graph, findings: Findings) -> None:
    """Check what only shows when statements are followed one after another."""
    checks = _FlowChecks(script, graph, findings)
    checks.steps()
    checks.loose_ends()
    checks.silent_loops()
    checks.values()
    checks.private_fields()
    checks.results()


class _FlowChecks:
    def __init__(self, script: nodes.Script, graph: Graph, findings: Findings) -> None:
        self._script = script
        self._findings = findings
        self._program = graph.program
        self._sources = graph.sources
        self._machine_nodes = graph.machine_nodes
        self._roots = [0, *(choice.target for choice in graph.program.anytime)]
        self._roots.append(graph.program.machine)
        self._reached = set[int]().union(
            *(walk(graph.program, root, through_turns=True) for root in self._roots)
        )
        columns = (*script.needs, *script.gives)
        self._private = {column.name for column in columns if column.private}
        self._always = {column.name for column in script.needs if not column.optional}
        self._facts = _facts(graph.program, self._roots, edges)

    # --- ways

    def steps(self) -> None:
        for index, step in enumerate(self._script.steps):
            if index not in self._reached:
                self._findings.add(step.at, "E02", f"nothing leads to step '{step.name}'")
                continue
            ways = walk(self._program, index, through_turns=True)
            if not any(self._leads_out(way) for way in ways):
                self._findings.add(step.at, "E05", f"no way from '{step.name}' to an 'end'")

    def _leads_out(self, index: int) -> bool:
        node = self._program.nodes[index]
        # A loose end or an unknown step is told elsewhere; once mended it may lead out.
        return isinstance(node, program.EndNode) or any(to < 0 for to, _ in edges(node))

    def loose_ends(self) -> None:
        for index in self._reached:
            if any(target == LOOSE for target, _ in edges(self._program.nodes[index])):
                self._findings.add(
                    self._sources[index].at,
                    "E03",
                    "loose end: nothing is said to happen after this; add '-> step' or 'end NAME'",
                )

    def silent_loops(self) -> None:
        done: set[int] = set()
        for start in sorted(self._reached):
            self._search_loop(start, done)

    def _search_loop(self, start: int, done: set[int]) -> None:
        """Depth first through everything that needs no answer."""
        path: dict[int, Iterator[int]] = {start: self._unasked(start)}
        while path:
            index, targets = next(reversed(path.items()))
            target = next(targets, None)
            if target is None:
                done.add(index)
                del path[index]
            elif target in path:
                loop = list(path)[list(path).index(target) :]
                at = min(self._sources[member].at for member in loop)
                self._findings.add(at, "E04", "a loop from here in which the caller has no turn")
            elif target not in done:
                path[target] = self._unasked(target)

    def _unasked(self, index: int) -> Iterator[int]:
        node = self._program.nodes[index]
        asked = isinstance(node, program.AskNode)
        return iter([] if asked else [target for target, _ in edges(node) if target >= 0])

    # --- values

    def values(self) -> None:
        for index, facts in self._facts.items():
            source = self._sources[index]
            known = facts | self._always
            match source:
                case nodes.If():
                    self._condition(source.condition, known)
                case nodes.Set() if source.value.kind == "name":
                    self._value(source.value.text, source.value.at, known)
                case _:
                    for variable in _variables(source):
                        self._value(variable.name, variable.at, known)

    def _condition(self, condition: nodes.Condition, known: frozenset[str]) -> None:
        for tests in condition.alternatives:
            sure = known
            for test in tests:
                if test.value is not None and not test.or_missing:
                    self._value(test.name, test.at, sure)
                if test.value is not None and test.value.kind == "name":
                    self._value(test.value.text, test.value.at, sure)
                if test.operator != "missing" and not test.or_missing:
                    sure |= {test.name}

    def _value(self, name: str, at: Position, known: frozenset[str]) -> None:
        if name not in known and self._program.kind_of(name) is not None:
            self._findings.add(
                at, "E22", f"'{name}' may be missing here; test 'if {name} is set' before"
            )

    def private_fields(self) -> None:
        for index, facts in self._facts.items():
            voicemail = index in self._machine_nodes
            if VERIFIED in facts and not voicemail:
                continue
            for variable in _variables(self._sources[index]):
                if variable.name in self._private:
                    self._tell_private(variable, voicemail=voicemail)

    def _tell_private(self, variable: nodes.Variable, *, voicemail: bool) -> None:
        name = variable.name
        if voicemail:
            self._findings.add(variable.at, "E31", f"'{name}' is private; a voicemail has no owner")
        else:
            self._findings.add(
                variable.at, "E30", f"'{name}' is private; let 'verified' come before it"
            )

    def results(self) -> None:
        statements = statements_of(self._script)
        given = {item.name for item in statements if isinstance(item, nodes.Set)}
        facts = _facts(self._program, [0], talk)
        ends = [
            known
            for index, known in facts.items()
            if isinstance(end := self._program.nodes[index], program.EndNode)
            and end.outcome != HUNG_UP_OUTCOME
        ]
        for result in self._script.gives:
            if result.name not in given:
                self._findings.add(result.at, "E21", f"'{result.name}' is never set")
            elif not result.optional and any(result.name not in known for known in ends):
                self._findings.add(
                    result.at,
                    "E21",
                    f"'{result.name}' is not set on every way to an 'end'; set it, or write '?'",
                )


def _facts(
    graph: program.Program, roots: Iterable[int], ways: Callable[[program.Node], Iterator[Edge]]
) -> Facts:
    """What surely holds at each node: the greatest solution, by repeated intersection."""
    facts: Facts = {root: frozenset() for root in roots if root >= 0}
    waiting = list(facts)
    while waiting:
        index = waiting.pop()
        for target, gained in ways(graph.nodes[index]):
            if target < 0:
                continue
            arriving = facts[index] | gained
            before = facts.get(target)
            after = arriving if before is None else before & arriving
            if after != before:
                facts[target] = after
                waiting.append(target)
    return facts


def _variables(source: object) -> tuple[nodes.Variable, ...]:
    if isinstance(source, nodes.Say | nodes.Ask | nodes.Question):
        return source.prompt.variables
    return ()
