"""The two questions asked about a script's text: what is wrong with it, and its program."""

from __future__ import annotations

from scripts_dsl.checker import check
from scripts_dsl.compiler import lower
from scripts_dsl.errors import Diagnostic, ScriptError
from scripts_dsl.parser import parse_script
from scripts_dsl.program import Program


def check_script(text: str, file_name: str) -> tuple[Diagnostic, ...]:
    """Everything there is to say about a script, errors and warnings, in the order of the text.

    Args:
        text: the script.
        file_name: how the diagnostics name it; no file is opened.
    """
    try:
        _, diagnostics = _checked(text, file_name)
    except ScriptError as error:
        return error.diagnostics
    return diagnostics


def compile_script(text: str, file_name: str) -> Program:
    """Compile a script.

    Args:
        text: the script.
        file_name: how the diagnostics name it; no file is opened.

    Raises:
        ScriptError: the script has errors; all its diagnostics come along.
    """
    program, diagnostics = _checked(text, file_name)
    if any(item.is_error for item in diagnostics):
        raise ScriptError(diagnostics)
    return program


def _checked(text: str, file_name: str) -> tuple[Program, tuple[Diagnostic, ...]]:
    script = parse_script(text, file_name)
    graph = lower(script, text)
    return graph.program, check(script, graph, text, file_name)
