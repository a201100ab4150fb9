"""The command line: `waihu`."""

from __future__ import annotations

import sys

import click
import typer

from runtime.commands import demo, lists, operations, scripts
from runtime.terminal import fail

app = typer.Typer(
    name="waihu",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Waihu (外呼): outbound dialing and robot calls, from a workbook and back into it.",
)
app.command("serve")(operations.serve_command)
app.command("demo")(demo.demo_command)
app.command("import")(lists.import_command)
app.command("export")(lists.export_command)
app.command("simulate")(operations.simulate_command)
app.command("migrate")(operations.migrate_command)
app.command("doctor")(operations.doctor_command)
app.add_typer(scripts.app, name="script")
app.add_typer(operations.user_app, name="user")
app.add_typer(operations.lab_app, name="lab")


def main() -> None:
    """Run the command line: exit code 0 done, 1 failed, 2 wrong use."""
    try:
        code = app(standalone_mode=False)
    except click.exceptions.Abort:
        raise SystemExit(1) from None
    except click.exceptions.ClickException as error:
        error.show(file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except Exception as error:  # noqa: BLE001 - the last line of defence: one line, exit code 1
        fail(error)
    raise SystemExit(code or 0)
