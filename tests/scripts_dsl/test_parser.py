from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from scripts_dsl import ScriptError, nodes
from scripts_dsl.errors import Position
from scripts_dsl.parser import parse_script, source_line

_ESCAPES = str.maketrans({char: f"\\{char}" for char in "\\{}|#"})


def body(*lines: str) -> tuple[nodes.Statement, ...]:
    text = "script s 1\nstep a\n" + "".join(f"  {line}\n" for line in lines)
    return parse_script(text, "t.call").steps[0].body


def spoken(statement: nodes.Statement) -> dict[str, tuple[nodes.Piece, ...]]:
    assert isinstance(statement, nodes.Say)
    return {line.language: line.pieces for line in statement.prompt.lines}


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1))
def test_any_words_survive_the_way_through_the_text(words: str) -> None:
    written = words.translate(_ESCAPES)
    said = spoken(body(f"say zh: {written} | en: {written}")[0])
    assert said == {"zh": (nodes.Literal(words),), "en": (nodes.Literal(words),)}


_blocks = st.recursive(
    st.sampled_from(["end done", "-> a", "opt-out", "verified", "say en: hi", "set x = 1"]),
    lambda inner: st.lists(inner, min_size=1, max_size=3),
    max_leaves=12,
)


def _write(block: object, depth: int) -> list[str]:
    pad = "  " * depth
    if isinstance(block, list):
        inner = [line for item in block for line in _write(item, depth + 1)]
        return [f"{pad}if x is set:", *inner]
    return [f"{pad}{block}"]


def _shape(statement: nodes.Statement) -> object:
    if isinstance(statement, nodes.If):
        return [_shape(inner) for inner in statement.then]
    names = {
        nodes.End: "end done", nodes.Goto: "-> a", nodes.OptOut: "opt-out",
        nodes.Verified: "verified", nodes.Say: "say en: hi", nodes.Set: "set x = 1",
    }  # fmt: skip
    return names[type(statement)]


@given(_blocks, st.lists(st.sampled_from(["", "    ", "# note", "        # note"]), max_size=3))
def test_blocks_nest_as_they_are_indented(block: object, between: list[str]) -> None:
    lines = [line for written in _write(block, 1) for line in (*between, written)]
    script = parse_script("\n".join(["script s 1", "step a", *lines]), "t.call")
    assert [_shape(statement) for statement in script.steps[0].body] == [block]


def test_a_language_line_continues_the_statement_above_at_any_indentation() -> None:
    for pad in ("", " ", "        "):
        said = spoken(body(f"say zh: 您好\n{pad}# a note\n{pad}en: Hello")[0])
        assert said == {"zh": (nodes.Literal("您好"),), "en": (nodes.Literal("Hello"),)}


def test_variables_and_recordings_stand_in_braces() -> None:
    (line,) = spoken(body('say en: {wav "hello.wav" Hello there} {name}, {due:date}!')[0]).values()
    assert line == (
        nodes.Recording("hello.wav", "Hello there"),
        nodes.Literal(" "),
        nodes.Variable("name", None, Position(3, 41)),
        nodes.Literal(", "),
        nodes.Variable("due", "date", Position(3, 49)),
        nodes.Literal("!"),
    )
    (bare,) = spoken(body('say en: {wav "hello.wav"}')[0]).values()
    assert bare == (nodes.Recording("hello.wav", ""),)


def test_names_may_begin_like_keywords_and_be_chinese() -> None:
    script = parse_script(
        "script 回访 2\nneeds\n  姓名: text\n  ending: text\nstep 结束\n  end ended\n", "t"
    )
    assert [item.name for item in script.needs] == ["姓名", "ending"]
    assert script.steps[0].name == "结束"
    assert (script.name, script.version) == ("回访", 2)


@pytest.mark.parametrize(
    "line",
    ["endless", "setx = 1", "say!en hi", "ask", "-> ", "if x", "transfer", "hangup", "say en:"],
)
def test_what_only_looks_like_a_statement_is_refused(line: str) -> None:
    with pytest.raises(ScriptError) as caught:
        body(line)
    assert [item.code for item in caught.value.diagnostics] == ["E00"]


@given(st.text('script 1\n needsay:en|{}->#"end\t', max_size=60))
def test_any_text_is_parsed_or_refused_with_a_place(text: str) -> None:
    try:
        parse_script(text, "t.call")
    except ScriptError as error:
        (found,) = error.diagnostics
        assert 1 <= found.at.line <= text.count("\n") + 2
        assert found.at.column >= 1


def test_lines_beyond_the_text_are_empty() -> None:
    assert source_line("a\nb", 2) == "b"
    assert not source_line("a\nb", 3)
