"""`waihu lab`."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from lab.rig import Rig
from runtime.terminal import settings_for_command

app = typer.Typer(no_args_is_help=True, help="A real Asterisk and a world outside, for trials.")


@app.command("up")
def lab_up_command(
    cache: Annotated[Path | None, typer.Option(help="Where Asterisk is kept.")] = None,
) -> None:
    """Start a real Asterisk and a world outside that behaves by number, until Ctrl-C."""
    settings = settings_for_command()
    with Rig.start((cache or settings.cache / "asterisk").absolute()) as rig:
        typer.echo(rig.describe())
        typer.echo("Ctrl-C ends it.")
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


@app.callback()
def lab() -> None:
    """A real Asterisk and a world outside, for trials."""
