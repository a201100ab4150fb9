"""A parsed script to numbered, located remarks."""

from __future__ import annotations

from scripts_dsl.compiler import Graph
from scripts_dsl.declaration_checks import check_declarations
from scripts_dsl.errors import Diagnostic
from scripts_dsl.findings import Findings
from scripts_dsl.flow_checks import check_flow
from scripts_dsl.nodes import Script
from scripts_dsl.parser import source_line
from scripts_dsl.statement_checks import check_statements
from scripts_dsl.turn_checks import check_turns


def check(script: Script, graph: Graph, text: str, file_name: str) -> tuple[Diagnostic, ...]:
    """Everything there is to say about a script, in the order of the text.

    Args:
        script: the parsed text.
        graph: the same script, lowered.
        text: the text itself, for the source lines shown with the remarks.
        file_name: as the author knows it.
    """
    findings = Findings()
    check_declarations(script, findings)
    check_statements(script, findings)
    if script.steps:
        check_turns(script, graph, findings)
        check_flow(script, graph, findings)
    return tuple(
        Diagnostic(file_name, at, code, message, source_line(text, at.line))
        for at, code, message in findings.in_order()
    )
