"""`waihu serve`, `migrate`, `doctor`, `simulate`, `user`, `lab`."""

from __future__ import annotations

import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.passwords import create_user
from campaigns.campaign import CampaignPlan, Mode
from kernel.clock import SystemClock
from kernel.users import Role
from lab.rig import Rig
from runtime.database import database_address, open_store
from runtime.doctor import Finding, examine
from runtime.housekeeping import housekeeping
from runtime.logs import configure_logs
from runtime.product import new_ids, open_product, prepare_folders
from runtime.secrets import ADMINISTRATOR, ensure_administrator
from runtime.settings import Settings, load_settings
from runtime.terminal import FAILED, Json, print_json, run, settings_for_command
from runtime.web import serve
from sim.run import SimulationPlan, SimulationReport, simulate
from storage.migrations import migrate
from telephony_adapter.simulated.faults import NO_FAULTS, Faults

lab_app = typer.Typer(no_args_is_help=True, help="A real Asterisk and a world outside, for trials.")
user_app = typer.Typer(no_args_is_help=True, help="Who may sign in.")

#: `--faults all`: what a bad day on the line to the switch looks like.
ALL_FAULTS = Faults(event_lost=0.02, event_duplicated=0.1, event_delayed=0.05, command_lost=0.01)


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


def migrate_command(as_json: Json = False) -> None:
    """Bring the database's schema forward."""
    settings = settings_for_command()
    applied = run(_migrate(settings))
    if as_json:
        print_json({"applied": applied})
    else:
        typer.echo("\n".join(f"applied {name}" for name in applied) or "nothing to do")


async def _migrate(settings: Settings) -> list[str]:
    prepare_folders(settings)
    async with database_address(settings) as dsn:
        return await migrate(dsn)


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


def simulate_command(
    seed: Annotated[int, typer.Option(help="Names the run; the same seed plays the same.")] = 1,
    hours: Annotated[float, typer.Option(min=0.01, max=1000, help="Virtual hours.")] = 1.0,
    agents: Annotated[int, typer.Option(min=0, max=2000, help="Agents at work.")] = 10,
    faults: Annotated[str, typer.Option(help="none or all.")] = "none",
    mode: Annotated[Mode, typer.Option(help="Pacing of the campaign.")] = Mode.PREDICTIVE,
    as_json: Json = False,
) -> None:
    """Run the real engine for hours on a virtual clock, with people drawn from a seed."""
    settings_for_command()
    if faults not in {"none", "all"}:
        raise typer.BadParameter("choose none or all", param_hint="--faults")
    if mode.needs_script:
        raise typer.BadParameter("robots need real time; see waihu demo", param_hint="--mode")
    plan = SimulationPlan(
        seed=seed,
        hours=hours,
        agents=agents,
        names=max(200, round(hours * max(1, agents) * 200)),
        faults=ALL_FAULTS if faults == "all" else NO_FAULTS,
        campaign=CampaignPlan("simulated", mode, lines=max(10, agents * 10), record=False),
    )
    report = simulate(plan)
    _show_simulation(report, as_json=as_json)
    if report.violations:
        raise typer.Exit(FAILED)


def _show_simulation(report: SimulationReport, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
        return
    typer.echo(
        f"seed {report.seed}: {report.invites} calls in {report.virtual_hours:g} virtual hours, "
        f"{report.answered} answered, {report.call_hours:.1f} hours of talk\n"
        f"occupancy {report.occupancy:.1%}, abandoned {report.abandon_ratio:.2%}, "
        f"{len(report.violations)} violations, {report.cpu_s:.1f} s of processor\n"
        f"digest {report.digest}"
    )
    for violation in report.violations[:20]:
        typer.echo(f"  {violation.invariant}  {violation.what}")


@user_app.command("add")
def user_add_command(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.MANAGER,
) -> None:
    """Add a user, or give one a new password; the password is asked for."""
    settings = settings_for_command()
    password = typer.prompt("password", hide_input=True, confirmation_prompt=True)
    run(_add_user(settings, name, role, password))
    typer.echo(f"{name} may sign in as {role}")


async def _add_user(settings: Settings, name: str, role: Role, password: str) -> None:
    prepare_folders(settings)
    async with open_store(settings) as opened:
        ids = new_ids(SystemClock())
        await create_user(opened.store, ids, name=name, role=role, password=password)


@lab_app.command("up")
def lab_up_command(
    cache: Annotated[Path | None, typer.Option(help="Where Asterisk is kept.")] = None,
) -> None:
    """Start a real Asterisk and a world outside that behaves by number, until Ctrl-C."""
    settings = settings_for_command()
    with Rig.start((cache or settings.cache).absolute()) as rig:
        typer.echo(rig.describe())
        typer.echo("Ctrl-C ends it.")
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
