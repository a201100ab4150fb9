"""The command line: `waihu`.

Each subcommand stands in a module of `runtime.commands` that is imported only when it is named:
speech and signal processing cost seconds that the import of a list should not wait for.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import typer

from runtime.terminal import fail

#: Subcommand to (module of runtime.commands, function or Typer application in it).
COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "demo": ("demo", "demo_command"),
    "serve": ("service", "serve_command"),
    "import": ("lists", "import_command"),
    "export": ("lists", "export_command"),
    "script": ("scripts", "app"),
    "simulate": ("simulation", "simulate_command"),
    "doctor": ("service", "doctor_command"),
    "migrate": ("administration", "migrate_command"),
    "user": ("administration", "user_app"),
    "lab": ("laboratory", "app"),
})


def build_app(arguments: Sequence[str]) -> typer.Typer:
    """The application with the named subcommand, or with all of them for `--help`."""
    app = typer.Typer(
        name="waihu",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Waihu (外呼): outbound dialing and robot calls, from a workbook and back into it.",
    )
    app.callback()(_waihu)
    named = arguments[0] if arguments else ""
    for name, (module, attribute) in COMMANDS.items():
        if named in COMMANDS and name != named:
            continue
        found = getattr(importlib.import_module(f"runtime.commands.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def _waihu() -> None:
    """Outbound dialing and robot calls, from a workbook and back into it."""


def main() -> None:
    """Run the command line: exit code 0 done, 1 failed, 2 wrong use."""
    try:
        build_app(sys.argv[1:])()
    except Exception as error:  # noqa: BLE001 - the last line of defence: one line, exit code 1
        fail(error)
