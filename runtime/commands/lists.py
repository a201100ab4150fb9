"""`waihu import`, `waihu export`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from api.exports import export_results
from api.list_import import ImportReport, import_list
from campaigns.campaign import Campaign
from kernel.clock import SystemClock
from kernel.errors import InputError, UnavailableError
from lists.workbook import load_source
from runtime.database import open_store
from runtime.installation import new_ids, prepare_folders
from runtime.settings import Settings
from runtime.terminal import Json, print_json, run, settings_for_command
from storage.postgres.store import PostgresStore


def import_command(
    # Typer's own check of the rights would say it in three lines, as wrong use.
    file: Annotated[Path, typer.Argument(help="Workbook (xlsx, xls) or CSV.", readable=False)],
    batch: Annotated[str, typer.Option(help="Name of the batch.")],
    sheet: Annotated[
        str | None, typer.Option(help="Sheet; by default the first with data.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", help="KEY=TITLE or KEY=LETTER, e.g. phone=B; may be repeated."),
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Report only, store nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Import a list: clean the numbers, drop doubles, keep what cannot be used with reasons."""
    settings = settings_for_command()
    wanted = _Wanted(file, batch, sheet, _mapping(columns or []), dry_run)
    report = run(_import(settings, wanted))
    if as_json:
        print_json(import_as_data(report))
        return
    typer.echo(
        f"{report.name}: {report.rows} rows, {report.accepted} accepted, {report.rejected} rejected"
    )
    for reason, count in report.reasons.items():
        typer.echo(f"  {count:6d}  {reason}")


def import_as_data(report: ImportReport) -> dict[str, Any]:
    """An import report as plain data."""
    return {
        "batch": str(report.batch) if report.batch else None,
        "name": report.name,
        "sheet": report.sheet,
        "header_row": report.header_row,
        "rows": report.rows,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "reasons": dict(report.reasons),
        "fields": [{"key": f.key, "title": f.title, "kind": f.kind.value} for f in report.fields],
        "problems": [{"row": p.row, "code": p.code, "message": p.message} for p in report.problems],
    }


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An import as the user asks for it."""

    file: Path
    batch: str
    sheet: str | None
    mapping: Mapping[str, str] | None
    dry_run: bool


def _mapping(columns: Sequence[str]) -> Mapping[str, str] | None:
    """`phone=B` and the like, by key; None when nothing is said."""
    pairs = [column.partition("=") for column in columns]
    if any(not (key and sign and title) for key, sign, title in pairs):
        raise typer.BadParameter("write KEY=TITLE, for example phone=B", param_hint="--column")
    return {key: title for key, _, title in pairs} or None


async def _import(settings: Settings, wanted: _Wanted) -> ImportReport:
    source = load_source(wanted.file)
    prepare_folders(settings)
    async with open_store(settings) as opened:
        return await import_list(
            opened.store,
            new_ids(SystemClock()),
            name=wanted.batch,
            file_name=source.name,
            content=source.content,
            sheet=wanted.sheet,
            mapping=wanted.mapping,
            dry_run=wanted.dry_run,
        )


def export_command(
    campaign: Annotated[str, typer.Option(help="Name or id of the campaign.")],
    out: Annotated[Path, typer.Option(help="Workbook to write.", readable=False)],
    as_json: Json = False,
) -> None:
    """Write a campaign's results into the user's own workbook."""
    settings = settings_for_command()
    size = run(_export(settings, campaign, out))
    if as_json:
        print_json({"campaign": campaign, "out": str(out), "bytes": size})
    else:
        typer.echo(f"{out}: {size} bytes")


async def _export(settings: Settings, campaign: str, out: Path) -> int:
    if out.suffix.lower() != ".xlsx":
        raise InputError(f"{out}: results are written as .xlsx; name the file so")
    prepare_folders(settings)
    async with open_store(settings) as opened:
        found = await find_campaign(opened.store, campaign)
        file = await export_results(opened.store, opened.store, [found.id])
    write_whole(out, file.content)
    return len(file.content)


async def find_campaign(store: PostgresStore, text: str) -> Campaign:
    """A campaign by name or id.

    Raises:
        InputError: there is none.
    """
    found = await store.find_campaign(text)
    if found is not None:
        return found
    by_id = next((c for c in await store.campaigns() if str(c.id) == text), None)
    if by_id is None:
        raise InputError(f"there is no campaign {text!r}; GET /api/v1/campaigns lists them")
    return by_id


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it.

    Raises:
        UnavailableError: the folder is missing or cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise UnavailableError(f"{path}: cannot be written ({error.strerror})") from error
