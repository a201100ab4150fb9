"""`waihu lab`."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

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
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    with Rig.start((cache or settings.cache / "asterisk").absolute()) as rig:
        typer.echo(rig.describe())
        typer.echo(f"Use it with: WAIHU_SWITCH='{rig.switch.address}' waihu serve")
        typer.echo("Ctrl-C ends it.")
        while True:
            signal.pause()


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """End as at the end of the program, so that both switches and their folders go too."""
    del number, frame
    raise SystemExit(0)


@app.callback()
def lab() -> None:
    """A real Asterisk and a world outside, for trials."""
