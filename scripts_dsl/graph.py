"""Edges of a program's graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scripts_dsl.program import (
    AgainNode,
    AskNode,
    BranchNode,
    EndNode,
    Node,
    Program,
    SetNode,
    StepNode,
    TransferNode,
    VerifiedNode,
)

# The fact that private fields may be spoken; other facts are names of columns with a value.
VERIFIED: Final = "verified!"

Edge = tuple[int, frozenset[str]]
_NOTHING: Final[frozenset[str]] = frozenset()


def edges(node: Node) -> Iterator[Edge]:
    """Where a node leads, and what is known to hold on that way."""
    match node:
        case AskNode():
            yield from _answers(node)
            yield from ((rung, _NOTHING) for rung in (*node.silent, *node.unclear))
        case BranchNode():
            yield node.then, _known_if_true(node)
            yield node.otherwise, _known_if_false(node)
        case TransferNode():
            ways = (node.joined, node.busy, node.none, node.left)
            yield from ((target, _NOTHING) for target in ways)
        case EndNode() | AgainNode():
            return
        case _:
            yield node.next, _gained(node)


def _gained(node: Node) -> frozenset[str]:
    match node:
        case SetNode():
            return frozenset({node.name})
        case VerifiedNode():
            return frozenset({VERIFIED})
        case _:
            return _NOTHING


def talk(node: Node) -> Iterator[Edge]:
    """The edges of a conversation in which the caller is always understood."""
    return _answers(node) if isinstance(node, AskNode) else edges(node)


def walk(program: Program, start: int, *, through_turns: bool) -> set[int]:
    """The nodes that can be reached from one; optionally not beyond a question or a step."""
    reached: set[int] = set()
    waiting = [start]
    while waiting:
        index = waiting.pop()
        if index < 0 or index in reached:
            continue
        reached.add(index)
        node = program.nodes[index]
        if through_turns or not isinstance(node, AskNode | StepNode):
            waiting += [target for target, _ in edges(node)]
    return reached


def _answers(node: AskNode) -> Iterator[Edge]:
    fact = frozenset({node.question}) if node.question else _NOTHING
    for choice in node.choices:
        yield choice.target, fact


def _known_if_true(node: BranchNode) -> frozenset[str]:
    sure = [
        {test.name for test in tests if test.operator != "missing" and not test.or_missing}
        for tests in node.alternatives
    ]
    return frozenset(set.intersection(*sure))


def _known_if_false(node: BranchNode) -> frozenset[str]:
    missing = [tests[0].name for tests in node.alternatives if tests[0].operator == "missing"]
    single = all(len(tests) == 1 for tests in node.alternatives)
    return frozenset(missing) if single else _NOTHING
