"""`waihu script check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kernel.errors import InputError
from runtime.terminal import FAILED, Json, print_json
from scripts_dsl import Diagnostic, check_script, format_diagnostic, show_diagnostic

app = typer.Typer(no_args_is_help=True, help="Robot scripts.")


def read_script(file: Path) -> str:
    """The text of a script file.

    Raises:
        InputError: it cannot be read as UTF-8 text.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from error


@app.command("check")
def check_command(
    file: Annotated[Path, typer.Argument(help="Script (.call).", readable=False)],
    as_json: Json = False,
) -> None:
    """Find what is wrong with a script: `FILE:LINE:COL CODE message`, and the line itself."""
    found = check_script(read_script(file), str(file))
    if as_json:
        print_json([_as_data(diagnostic) for diagnostic in found])
    else:
        for diagnostic in found:
            typer.echo(format_diagnostic(diagnostic))
            typer.echo(_context(diagnostic))
    if any(diagnostic.is_error for diagnostic in found):
        raise typer.Exit(FAILED)
    if not as_json:
        typer.echo(f"{file}: no errors")


def _context(diagnostic: Diagnostic) -> str:
    """The source line and the caret, without the line that stands above them already."""
    return "\n".join(show_diagnostic(diagnostic).splitlines()[1:])


def _as_data(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "file": diagnostic.file_name,
        "line": diagnostic.at.line,
        "column": diagnostic.at.column,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "error": diagnostic.is_error,
    }


@app.callback()
def script() -> None:
    """Robot scripts."""
