"""Checks of what can be heard: ladders, overlaps, empty grammars, the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scripts_dsl import nodes, program
from scripts_dsl.compiler import Graph, ladder_of
from scripts_dsl.declaration_checks import languages_of
from scripts_dsl.errors import Position
from scripts_dsl.findings import Findings
from scripts_dsl.graph import walk
from scripts_dsl.listening import Entry, keys_of, phrases_of
from scripts_dsl.phrases import tokens

# Unasked-for calls: the law of several countries wants an immediate, automatic way out.
_OPT_OUT_PURPOSES: Final = frozenset({"marketing", "collection"})

_Named = list[tuple[program.Choice, Position, str]]


def check_turns(script: nodes.Script, graph: Graph, findings: Findings) -> None:
    """Check every question, and what may be said at any time."""
    checks = _TurnChecks(script, graph, findings)
    checks.anytime()
    for node, source in zip(graph.program.nodes, graph.sources, strict=True):
        if isinstance(node, program.AskNode):
            assert isinstance(source, nodes.Ask | nodes.Question)
            checks.turn(node, source)
    checks.opt_out()


class _TurnChecks:
    def __init__(self, script: nodes.Script, graph: Graph, findings: Findings) -> None:
        self._script = script
        self._graph = graph
        self._findings = findings
        self._languages = languages_of(script)
        self._words = graph.program.words
        self._known = {word_set.name for word_set in self._words}
        self._anytime = self._named(
            graph.program.anytime, [branch.pattern for branch in script.anytime]
        )

    def anytime(self) -> None:
        self._overlaps(self._anytime, 0)

    def turn(self, node: program.AskNode, source: nodes.Ask | nodes.Question) -> None:
        patterns: Sequence[nodes.Pattern]
        if isinstance(source, nodes.Ask):
            patterns = [branch.pattern for branch in source.branches]
        else:
            patterns = source.patterns
        local = self._named(node.choices, patterns)
        self._overlaps([*self._anytime, *local], len(self._anytime))
        if not node.choices:
            self._findings.add(source.at, "E42", "the question has no branch: nothing to hear")
        self._voice_or_key(local, source)
        for kind, entries in (("silent", node.silent), ("unclear", node.unclear)):
            self._ladder(source, kind, entries)

    def _named(
        self, choices: Sequence[program.Choice], patterns: Sequence[nodes.Pattern]
    ) -> _Named:
        """Choices that can be looked up, with their place and how the author calls them."""
        return [
            (choice, pattern.at, _shown(choice))
            for choice, pattern in zip(choices, patterns, strict=True)
            if choice.kind != "word" or choice.name in self._known
        ]

    # --- overlaps

    def _overlaps(self, named: _Named, first_new: int) -> None:
        choices = [choice for choice, _, _ in named]
        keys = keys_of(choices, self._words)
        self._collisions(keys, "key", named, first_new)
        self._free_digits(keys, named, first_new)
        self._prefixes(keys, named, first_new)
        for language in self._languages:
            spoken = phrases_of(choices, self._words, language)
            self._collisions(spoken, "phrase", named, first_new)

    def _collisions(
        self, entries: Sequence[Entry], what: str, named: _Named, first_new: int
    ) -> None:
        owners: dict[tuple[str, ...], int] = {}
        for entry in entries:
            compared = tokens(entry.text) if what == "phrase" else (entry.text,)
            owner = owners.setdefault(compared, entry.meaning.choice)
            self._clash(owner, entry, what, named, first_new)

    def _clash(self, owner: int, entry: Entry, what: str, named: _Named, first_new: int) -> None:
        later = max(owner, entry.meaning.choice)
        if owner == entry.meaning.choice or later < first_new:
            return
        one, other = named[owner][2], named[entry.meaning.choice][2]
        self._findings.add(
            named[later][1], "E11", f"{what} '{entry.text}' stands for both {one} and {other}"
        )

    def _free_digits(self, keys: Sequence[Entry], named: _Named, first_new: int) -> None:
        for position, (choice, at, name) in enumerate(named):
            if choice.kind != "digits" or position < first_new:
                continue
            for entry in keys:
                if entry.text.isdigit() and choice.low <= len(entry.text) <= choice.high:
                    self._clash(position, entry, "key", named, first_new)
                elif entry.text.isdigit() and len(entry.text) < choice.low:
                    self._slow(at, entry.text, name)

    def _prefixes(self, keys: Sequence[Entry], named: _Named, first_new: int) -> None:
        for entry in keys:
            for longer in keys:
                one, other = entry.meaning.choice, longer.meaning.choice
                if one == other or entry.text == longer.text or max(one, other) < first_new:
                    continue
                if longer.text.startswith(entry.text):
                    self._slow(named[max(one, other)][1], entry.text, named[other][2])

    def _slow(self, at: Position, key: str, longer: str) -> None:
        self._findings.add(
            at, "W12", f"key {key} also begins {longer}: it counts only after a pause"
        )

    # --- grammars

    def _voice_or_key(self, local: _Named, source: nodes.Ask | nodes.Question) -> None:
        for choice, at, name in local:
            if keys_of([choice], self._words) or choice.kind == "digits":
                continue
            for language in self._languages:
                if not phrases_of([choice], self._words, language):
                    self._findings.add(
                        at, "E42", f"{name} can be neither said in '{language}' nor keyed"
                    )

    def _ladder(
        self, source: nodes.Ask | nodes.Question, kind: str, entries: tuple[int, ...]
    ) -> None:
        rungs = ladder_of(self._script, source, kind)
        if not rungs:
            message = f"no '{kind}' rungs: say what happens then, here or under 'ladder'"
            self._findings.add(source.at, "E10", message)
            return
        for expected, rung in enumerate(rungs, start=1):
            if rung.number != expected:
                message = f"'{kind} {rung.number}' stands where '{kind} {expected}' is due"
                self._findings.add(rung.at, "E10", message)
        reached = walk(self._graph.program, entries[-1], through_turns=False)
        if any(isinstance(self._graph.program.nodes[i], program.AgainNode) for i in reached):
            message = f"the last '{kind}' rung must leave the question: '-> step' or 'end NAME'"
            self._findings.add(rungs[-1].at, "E10", message)

    # --- the way out

    def opt_out(self) -> None:
        purpose = self._graph.program.purpose
        if purpose not in _OPT_OUT_PURPOSES:
            return
        ways = [choice for choice, _, _ in self._anytime if choice.urgent]
        spoken = all(phrases_of(ways, self._words, tag) for tag in self._languages)
        if not ways or not spoken or not keys_of(ways, self._words):
            self._findings.add(
                self._script.at,
                "E32",
                f"purpose {purpose} needs an 'anytime' branch that leads to 'opt-out' at once, "
                "by a key and by a phrase in every language",
            )


def _shown(choice: program.Choice) -> str:
    if choice.kind == "word":
        return choice.name
    bounds = str(choice.low) if choice.low == choice.high else f"{choice.low}..{choice.high}"
    return f"{choice.kind}({bounds})"
