"""Parse tree to nodes. One method per grammar rule, nothing decided here."""
# ruff: noqa: D102 - the methods are the grammar's rules, documented there

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from lark import Token, Transformer, Tree, v_args
from lark.tree import Meta

from scripts_dsl import nodes
from scripts_dsl.errors import Position

_ESCAPED: Final = re.compile(r"\\(.)")
_KEYS: Final = {"star": "*", "hash": "#"}


def _at(meta: Meta) -> Position:
    return Position(meta.line, meta.column)


def _token_at(token: Token) -> Position:
    return Position(token.line or 1, token.column or 1)


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _of(kind: Any, items: Sequence[object]) -> tuple[Any, ...]:
    return tuple(item for item in items if isinstance(item, kind))


@v_args(meta=True)
class NodeBuilder(Transformer[Token, Any]):
    """Builds the frozen nodes bottom-up."""

    def build(self, tree: Tree[Token]) -> nodes.Script:
        """Turn a whole parse tree into a script."""
        script: nodes.Script = self.transform(tree)
        return script

    # --- blocks

    def start(self, meta: Meta, items: list[Any]) -> nodes.Script:
        name, version, settings, at = items[0]
        blocks: dict[str, list[Any]] = {
            "needs": [], "gives": [], "words": [], "ladder": [], "anytime": [],
        }  # fmt: skip
        for kind, contents in _of(tuple, items[1:]):
            blocks[kind].extend(contents)
        return nodes.Script(
            name,
            version,
            settings,
            **{kind: tuple(contents) for kind, contents in blocks.items()},
            steps=_of(nodes.Step, items),
            machines=_of(nodes.Machine, items),
            at=at,
        )

    def head(self, meta: Meta, items: list[Any]) -> tuple[Any, ...]:
        return str(items[0]), int(float(items[1])), _of(nodes.Setting, items), _at(meta)

    def languages(self, meta: Meta, items: list[Token]) -> nodes.Setting:
        return nodes.Setting("lang", tuple(map(str, items)), _at(meta))

    def purpose(self, meta: Meta, items: list[Token]) -> nodes.Setting:
        return nodes.Setting("purpose", tuple(map(str, items)), _at(meta))

    def limit(self, meta: Meta, items: list[Token]) -> nodes.Setting:
        return nodes.Setting("limit", tuple(map(str, items)), _at(meta))

    def needs(self, meta: Meta, items: list[Any]) -> tuple[str, list[Any]]:
        return "needs", items

    def gives(self, meta: Meta, items: list[Any]) -> tuple[str, list[Any]]:
        return "gives", items

    def words(self, meta: Meta, items: list[Any]) -> tuple[str, list[Any]]:
        return "words", items

    def ladder(self, meta: Meta, items: list[Any]) -> tuple[str, list[Any]]:
        return "ladder", items

    def anytime(self, meta: Meta, items: list[Any]) -> tuple[str, list[Any]]:
        return "anytime", items

    def step(self, meta: Meta, items: list[Any]) -> nodes.Step:
        return nodes.Step(str(items[0]), tuple(items[1:]), _at(meta))

    def machine(self, meta: Meta, items: list[Any]) -> nodes.Machine:
        return nodes.Machine(tuple(items), _at(meta))

    # --- declarations

    def declaration(self, meta: Meta, items: list[Any]) -> nodes.Declaration:
        name, type_name, optional, private = items
        return nodes.Declaration(
            str(name), type_name, optional is not None, private is not None, _at(meta)
        )

    def plain_type(self, meta: Meta, items: list[Token]) -> nodes.TypeName:
        return nodes.TypeName(str(items[0]), None, None, (), _at(meta))

    def bounded_type(self, meta: Meta, items: list[Any]) -> nodes.TypeName:
        low, high = items[1]
        return nodes.TypeName(str(items[0]), low, high, (), _at(meta))

    def choice_type(self, meta: Meta, items: list[Token]) -> nodes.TypeName:
        return nodes.TypeName("choice", None, None, tuple(map(str, items)), _at(meta))

    def range(self, meta: Meta, items: list[Any]) -> tuple[int, int]:
        low = int(float(items[0]))
        return low, low if items[1] is None else int(float(items[1]))

    def word_set(self, meta: Meta, items: list[Any]) -> nodes.WordSet:
        key = "" if items[1] is None else str(items[1])
        phrases = tuple(items[2:])
        return nodes.WordSet(str(items[0]), phrases, _KEYS.get(key, key), _at(meta))

    def phrase_line(self, meta: Meta, items: list[Token]) -> tuple[str, tuple[str, ...]]:
        phrases = tuple(_plain(item).strip() for item in items[1:])
        return items[0][:2], phrases

    def reaction(self, meta: Meta, items: list[Any]) -> nodes.Branch:
        pattern = nodes.WordPattern(str(items[0]), _token_at(items[0]))
        return nodes.Branch(pattern, tuple(items[1:]), _at(meta))

    # --- prompts

    def line(self, meta: Meta, items: list[Any]) -> nodes.Line:
        return nodes.Line(items[0][:2], _trimmed(items[1:]), _at(meta))

    def literal(self, meta: Meta, items: list[Token]) -> nodes.Literal:
        return nodes.Literal(_plain(items[0]))

    def variable(self, meta: Meta, items: list[Any]) -> nodes.Variable:
        reader = None if items[1] is None else str(items[1])
        return nodes.Variable(str(items[0]), reader, _at(meta))

    def recording(self, meta: Meta, items: list[Any]) -> nodes.Recording:
        text = "" if items[1] is None else _plain(items[1]).strip()
        return nodes.Recording(items[0][1:-1], text)

    # --- statements

    def say(self, meta: Meta, items: list[Any]) -> nodes.Say:
        return nodes.Say(_prompt(items[0], items[1:], _at(meta)), _at(meta))

    def ask(self, meta: Meta, items: list[Any]) -> nodes.Ask:
        prompt = _prompt(items[0], _of(nodes.Line, items), _at(meta))
        branches, rungs = _of(nodes.Branch, items), _of(nodes.Rung, items)
        return nodes.Ask(prompt, branches, rungs, _timings(items), _at(meta))

    def question(self, meta: Meta, items: list[Any]) -> nodes.Question:
        name, title, (kind, patterns), *rest = items
        prompt = _prompt(None, _of(nodes.Line, rest), _at(meta))
        heading = str(name) if title is None else str(title)[1:-1]
        return nodes.Question(
            str(name),
            heading,
            patterns,
            kind,
            prompt,
            _of(nodes.Rung, rest),
            _timings(rest),
            _at(meta),
        )

    def pattern_kind(self, meta: Meta, items: list[Any]) -> tuple[str, tuple[Any, ...]]:
        names = {nodes.DigitsPattern: "digits", nodes.ScalePattern: "scale"}
        return names.get(type(items[0]), "pick"), tuple(items)

    def yes_no_kind(self, meta: Meta, items: list[Any]) -> tuple[str, tuple[Any, ...]]:
        at = _at(meta)
        return "yes-no", (nodes.WordPattern("yes", at), nodes.WordPattern("no", at))

    def pick_kind(self, meta: Meta, items: list[Token]) -> tuple[str, tuple[Any, ...]]:
        return "pick", tuple(nodes.WordPattern(str(item), _token_at(item)) for item in items)

    def branch(self, meta: Meta, items: list[Any]) -> nodes.Branch:
        return nodes.Branch(items[0], tuple(items[1:]), _at(meta))

    def word_pattern(self, meta: Meta, items: list[Token]) -> nodes.WordPattern:
        return nodes.WordPattern(str(items[0]), _at(meta))

    def digits_pattern(self, meta: Meta, items: list[Any]) -> nodes.DigitsPattern:
        return nodes.DigitsPattern(items[0][0], items[0][1], _at(meta))

    def scale_pattern(self, meta: Meta, items: list[Any]) -> nodes.ScalePattern:
        return nodes.ScalePattern(items[0][0], items[0][1], _at(meta))

    def rung(self, meta: Meta, items: list[Any]) -> nodes.Rung:
        return nodes.Rung(str(items[0]), int(float(items[1])), tuple(items[2:]), _at(meta))

    def times(self, meta: Meta, items: list[Any]) -> list[nodes.Timing]:
        return items

    def wait_s(self, meta: Meta, items: list[Token]) -> nodes.Timing:
        return nodes.Timing("wait", float(items[0]), _at(meta))

    def between_s(self, meta: Meta, items: list[Token]) -> nodes.Timing:
        return nodes.Timing("between", float(items[0]), _at(meta))

    def end_ms(self, meta: Meta, items: list[Token]) -> nodes.Timing:
        return nodes.Timing("end", float(items[0]), _at(meta))

    def barge_ms(self, meta: Meta, items: list[Token]) -> nodes.Timing:
        return nodes.Timing("barge", float(items[0]), _at(meta))

    def set(self, meta: Meta, items: list[Any]) -> nodes.Set:
        return nodes.Set(str(items[0]), items[1], _at(meta))

    def value(self, meta: Meta, items: list[Token]) -> nodes.Value:
        token = items[0]
        text = token[1:-1] if token.type == "STRING" else str(token)
        return nodes.Value(token.type.lower(), text, _at(meta))

    def condition(self, meta: Meta, items: list[Any]) -> nodes.Condition:
        return nodes.Condition(tuple(items), _at(meta))

    def conjunction(self, meta: Meta, items: list[Any]) -> tuple[nodes.Comparison, ...]:
        return tuple(items)

    def comparison(self, meta: Meta, items: list[Any]) -> nodes.Comparison:
        name, operator, value, or_missing = items
        return nodes.Comparison(str(name), str(operator), value, or_missing is not None, _at(meta))

    def presence(self, meta: Meta, items: list[Token]) -> nodes.Comparison:
        return nodes.Comparison(str(items[0]), str(items[1]), None, False, _at(meta))  # noqa: FBT003 - or_missing

    def goto(self, meta: Meta, items: list[Token]) -> nodes.Goto:
        return nodes.Goto(str(items[0]), _token_at(items[0]))

    def transfer(self, meta: Meta, items: list[Any]) -> nodes.Transfer:
        queue = str(items[0]) if items and isinstance(items[0], Token) else ""
        carry = tuple(value for group in _of(list, items) for value in group)
        return nodes.Transfer(queue, carry, _of(nodes.Case, items), _at(meta))

    def carry(self, meta: Meta, items: list[Token]) -> list[nodes.Value]:
        return [nodes.Value("name", str(item), _token_at(item)) for item in items]

    def case(self, meta: Meta, items: list[Any]) -> nodes.Case:
        return nodes.Case(str(items[0]), tuple(items[1:]), _at(meta))

    def end(self, meta: Meta, items: list[Token]) -> nodes.End:
        return nodes.End(str(items[0]), _at(meta))

    def hang_up(self, meta: Meta, items: list[Any]) -> nodes.HangUp:
        return nodes.HangUp(_at(meta))

    def repeat(self, meta: Meta, items: list[Any]) -> nodes.Repeat:
        return nodes.Repeat(_at(meta))

    def opt_out(self, meta: Meta, items: list[Any]) -> nodes.OptOut:
        reason = "asked-to-stop" if items[0] is None else str(items[0])
        return nodes.OptOut(reason, _at(meta))

    def verified(self, meta: Meta, items: list[Any]) -> nodes.Verified:
        return nodes.Verified(_at(meta))

    def else_body(self, meta: Meta, items: list[Any]) -> tuple[Any, ...]:
        return tuple(items)

    def if_statement(self, meta: Meta, items: list[Any]) -> nodes.If:
        condition, *then = items
        otherwise: tuple[Any, ...] = ()
        if isinstance(then[-1], tuple):
            otherwise = then.pop()
        body = tuple(statement for statement in then if statement is not None)
        return nodes.If(condition, body, otherwise, _at(meta))


def _prompt(keyword: Token | None, lines: Sequence[nodes.Line], at: Position) -> nodes.Prompt:
    must_hear = keyword is not None and keyword.endswith("!")
    return nodes.Prompt(tuple(lines), must_hear, at)


def _timings(items: Sequence[Any]) -> tuple[nodes.Timing, ...]:
    return tuple(timing for group in _of(list, items) for timing in group)


def _trimmed(pieces: Sequence[nodes.Piece]) -> tuple[nodes.Piece, ...]:
    """Drop the blanks at both ends of a line: they separate, they are not spoken."""
    kept = list(pieces)
    if isinstance(kept[0], nodes.Literal):
        kept[0] = nodes.Literal(kept[0].text.lstrip())
    if isinstance(kept[-1], nodes.Literal):
        kept[-1] = nodes.Literal(kept[-1].text.rstrip())
    return tuple(piece for piece in kept if piece != nodes.Literal(""))
