"""`waihu serve`, `waihu doctor`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from runtime.doctor import Finding, examine
from runtime.housekeeping import housekeeping
from runtime.logs import configure_logs
from runtime.product import open_product
from runtime.secrets import ADMINISTRATOR, ensure_administrator
from runtime.settings import Settings, load_settings
from runtime.terminal import FAILED, Json, print_json, run, settings_for_command
from runtime.web import serve


def serve_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    switch: Annotated[str | None, typer.Option(help="Switch address.")] = None,
) -> None:
    """Run everything in one process: database, engine, robot, API and live page."""
    settings = load_settings(host=host, port=port, switch=switch)
    configure_logs(settings.log_level, human=sys.stderr.isatty())
    run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with open_product(settings) as product, housekeeping(settings.data, product.clock):
        password = await ensure_administrator(product.store, product.ids)
        if password is not None:
            typer.echo(f"first start: sign in as {ADMINISTRATOR!r} with password {password}")
        typer.echo(f"Waihu serves http://{settings.host}:{settings.port} (Ctrl-C stops it)")
        await serve(product)


def doctor_command(
    switch: Annotated[str | None, typer.Option(help="Switch address to examine.")] = None,
    as_json: Json = False,
) -> None:
    """Examine this installation: database, switch, speech, hearing, folders."""
    settings = settings_for_command(switch=switch)
    findings = run(examine(settings))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(_line(finding))
    if not all(finding.well for finding in findings):
        raise typer.Exit(FAILED)


def _line(finding: Finding) -> str:
    return f"{'ok  ' if finding.well else 'FAIL'}  {finding.what:10}  {finding.detail}"
