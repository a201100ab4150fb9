"""`waihu simulate`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from campaigns.campaign import CampaignPlan, Mode
from runtime.terminal import FAILED, Json, print_json, settings_for_command
from sim.disasters import NO_DISASTERS, Disasters
from sim.run import SimulationPlan, SimulationReport, simulate
from sim.store_faults import NO_STORE_FAULTS, StoreFaults
from telephony_adapter.simulated.faults import NO_FAULTS, Faults

#: `--faults all`: the line to the switch, the database and the processes on a very bad day.
ALL_FAULTS = Faults(event_lost=0.02, event_duplicated=0.1, event_delayed=0.05, command_lost=0.01)
ALL_STORE_FAULTS = StoreFaults(unavailable=0.01, commit_unknown=0.01, outages_per_hour=4)
ALL_DISASTERS = Disasters(kills=6, freezes=4, crashes=1, stalls=4, cuts=4)


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
    bad = faults == "all"
    plan = SimulationPlan(
        seed=seed,
        hours=hours,
        agents=agents,
        names=max(200, round(hours * max(1, agents) * 200)),
        faults=ALL_FAULTS if bad else NO_FAULTS,
        store_faults=ALL_STORE_FAULTS if bad else NO_STORE_FAULTS,
        disasters=ALL_DISASTERS if bad else NO_DISASTERS,
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
        f"{len(report.violations)} violations, {report.kills} deaths of the engine, "
        f"{report.cpu_s:.1f} s of processor\n"
        f"digest {report.digest}"
    )
    for violation in report.violations[:20]:
        typer.echo(f"  {violation.invariant}  {violation.what}")
