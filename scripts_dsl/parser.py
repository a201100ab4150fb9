"""Text to nodes: the grammar file, indentation, and syntax errors a script author can read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lark import Lark, Token, UnexpectedInput
from lark.exceptions import UnexpectedCharacters, UnexpectedToken
from lark.indenter import Indenter

from scripts_dsl.builder import NodeBuilder
from scripts_dsl.errors import Diagnostic, Position, ScriptError
from scripts_dsl.nodes import Script

_GRAMMAR: Final = Path(__file__).with_name("grammar.lark")
_TEXT_LINE: Final = re.compile(r"[^#]*?(?<![\w-])(?:zh|en)[ ]*:(?P<text>.*)")
_BARE_HASH: Final = re.compile(r"(?<!\\)#")
_SHOWN_EXPECTATIONS: Final = 6

# What the terminals are called towards an author; the rest are shown as the word they are.
_TERMINAL_NAMES: Final[dict[str, str]] = {
    "_NL": "end of line",
    "_INDENT": "an indented line",
    "_DEDENT": "a less indented line",
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": 'a text in "quotes"',
    "TAG": "a language tag (zh: or en:)",
    "TEXT": "text",
    "PHRASE": "a phrase",
    "COLON": "':'",
    "COMMA": "','",
    "EQUAL": "'='",
    "VBAR": "'|'",
    "LBRACE": "'{'",
    "RBRACE": "'}'",
    "LPAR": "'('",
    "RPAR": "')'",
    "__ANON_0": "'..'",
    "_ARROW": "'->'",
    "OPTIONAL": "'?'",
    "COMPARE": "a comparison (= != < <= > >=)",
    "RUNG": "silent or unclear",
    "STATE": "missing or set",
    "OR_MISSING": "or missing",
    "KEY": "star or hash",
    "TRANSFER_OUTCOME": "joined, busy, none or left",
    "$END": "the end of the file",
}


class _SyntaxFault(Exception):  # noqa: N818 - not an error yet: it becomes a Diagnostic
    def __init__(self, at: Position, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


class _Blocks(Indenter):
    """Turns leading blanks into block tokens; says where a block ends on no earlier level."""

    NL_type = "_NL"
    OPEN_PAREN_types: Final[list[str]] = []
    CLOSE_PAREN_types: Final[list[str]] = []
    INDENT_type = "_INDENT"
    DEDENT_type = "_DEDENT"
    tab_len = 8

    def handle_NL(self, token: Token) -> Iterator[Token]:  # noqa: N802 - lark's name
        indent = len(token.rsplit("\n", 1)[1])
        if indent < self.indent_level[-1] and indent not in self.indent_level:
            line = (token.line or 1) + token.count("\n")
            raise _SyntaxFault(
                Position(line, indent + 1),
                "this line is indented like no line above it; align it with its block",
            )
        yield from super().handle_NL(token)


_PARSER: Final = Lark(
    _GRAMMAR.read_text(encoding="utf-8"),
    parser="lalr",
    lexer="contextual",
    postlex=_Blocks(),
    propagate_positions=True,
    maybe_placeholders=True,
)


def parse_script(text: str, file_name: str) -> Script:
    """Parse a script's text.

    Raises:
        ScriptError: with one `E00` diagnostic at the first place that is not callscript.
    """
    source = text.removeprefix("\ufeff").replace("\r\n", "\n") + "\n"
    try:
        _refuse_traps(source)
        tree = _PARSER.parse(source)
    except _SyntaxFault as fault:
        at, message = fault.at, fault.message
    except UnexpectedInput as error:
        at, message = _explain(error, source)
    else:
        return NodeBuilder().build(tree)
    line = source_line(source, at.line)
    raise ScriptError((Diagnostic(file_name, at, "E00", message, line),))


def source_line(text: str, number: int) -> str:
    """One line of a text, counted from 1; empty beyond its end."""
    lines = text.splitlines()
    return lines[number - 1].removeprefix("\ufeff") if 0 < number <= len(lines) else ""


def _refuse_traps(source: str) -> None:
    """Refuse what would parse into something other than what the author sees."""
    for number, line in enumerate(source.split("\n"), start=1):
        if "\t" in line:
            raise _SyntaxFault(
                Position(number, line.index("\t") + 1), "tab character; indent with blanks"
            )
        spoken = _TEXT_LINE.match(line)
        hash_sign = _BARE_HASH.search(line, spoken.start("text")) if spoken else None
        if hash_sign:
            raise _SyntaxFault(
                Position(number, hash_sign.start() + 1),
                "'#' inside a text; write \\# to speak it, or put the comment on its own line",
            )


def _explain(error: UnexpectedInput, source: str) -> tuple[Position, str]:
    at = Position(max(error.line, 1), max(error.column, 1))
    if isinstance(error, UnexpectedToken):
        found, expected = _found(error.token), error.accepts or error.expected
        if error.token.type == "$END":
            written = source.rstrip()
            at = Position(written.count("\n") + 1, len(written) - written.rfind("\n"))
    else:
        assert isinstance(error, UnexpectedCharacters)
        found, expected = repr(error.char), error.allowed or set()
    names = sorted({_name(terminal) for terminal in expected})
    if len(names) > _SHOWN_EXPECTATIONS:
        names = [*names[:_SHOWN_EXPECTATIONS], "..."]
    return at, f"{found} cannot stand here; expected {', '.join(names)}"


def _found(token: Token) -> str:
    shown = _TERMINAL_NAMES.get(token.type, "")
    if token.type.startswith("_") or token.type == "$END":
        return shown or repr(str(token))
    return repr(str(token).strip())


def _name(terminal: str) -> str:
    return _TERMINAL_NAMES.get(terminal, terminal.strip("_").lower().replace("_", "-"))
