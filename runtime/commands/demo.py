"""`waihu demo`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from runtime.demo import DemoFiles, DemoReport, demo_settings, run_demo
from runtime.product import Product
from runtime.secrets import ADMINISTRATOR, ensure_administrator
from runtime.terminal import Json, print_json, run, settings_for_command
from runtime.web import serve


def demo_command(
    folder: Annotated[Path, typer.Option(help="Holds customers.xlsx and scripts/.")] = Path("demo"),
    out: Annotated[Path, typer.Option(help="Where results go.")] = Path("demo/out"),
    serve_after: Annotated[
        bool, typer.Option("--serve", help="Leave the live page running on the demo's data.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The whole product once: list in, calls by agents and robot, results back in the workbook."""
    settings = settings_for_command()
    files = DemoFiles(folder / "customers.xlsx", folder / "scripts" / "satisfaction.call", out)
    out.mkdir(parents=True, exist_ok=True)

    async def done(product: Product, report: DemoReport) -> None:
        summary = demo_summary(report)
        files.summary.write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2))
        if as_json:
            print_json(summary)
        else:
            typer.echo(_text(summary, files))
        if serve_after:
            await _serve(product)

    say = _quiet if as_json else typer.echo
    run(run_demo(demo_settings(out, settings), files, say, done))


def _quiet(_: str) -> None:
    return None


async def _serve(product: Product) -> None:
    password = await ensure_administrator(product.store, product.ids)
    settings = product.settings
    typer.echo(f"live page: http://{settings.host}:{settings.port} (Ctrl-C stops it)")
    typer.echo(f"sign in as {ADMINISTRATOR!r} with password {password}")
    await serve(product)


def demo_summary(report: DemoReport) -> dict[str, Any]:
    """The figures of both campaigns, from the database."""
    both = (report.agents.summary, report.robot.summary)
    results: Counter[str] = Counter()
    for summary in both:
        results.update({result.value: count for result, count in summary.results.items()})
    return {
        "rows_total": report.imported.rows,
        "rows_accepted": report.imported.accepted,
        "rows_rejected": report.imported.rejected,
        "rejected_reasons": dict(report.imported.reasons),
        "dialed": sum(summary.dialed for summary in both),
        "answered": sum(summary.answered for summary in both),
        "abandoned": sum(summary.abandoned for summary in both),
        "results": dict(results.most_common()),
        "occupancy": round(report.agents.summary.occupancy, 4),
        "survey": {q: dict(tally) for q, tally in report.robot.summary.survey.items()},
        "seconds": round(report.seconds, 1),
        "campaigns": [report.agents.as_json(), report.robot.as_json()],
    }


def _text(summary: dict[str, Any], files: DemoFiles) -> str:
    lines = [
        "",
        f"rows        {summary['rows_total']} in, {summary['rows_rejected']} rejected",
        *(f"              {count:4d}  {why}" for why, count in summary["rejected_reasons"].items()),
        f"calls       {summary['dialed']} dialed, {summary['answered']} answered, "
        f"{summary['abandoned']} abandoned",
        *(f"              {count:4d}  {result}" for result, count in summary["results"].items()),
        f"agents      {summary['occupancy']:.0%} occupancy",
        "survey",
        *(
            f"              {question}: {answers}"
            for question, answers in summary["survey"].items()
        ),
        f"took        {summary['seconds']:.0f} s",
        f"written     {files.results}, {files.summary}",
    ]
    return "\n".join(lines)
