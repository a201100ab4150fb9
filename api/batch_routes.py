"""Lists: upload, look, count."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, File, Form, Path, Query, Response, UploadFile

from api.access import CallerOf, GuardedRoute
from api.context import BatchOf, ServicesOf
from api.errors import NotFoundError
from api.exports import XLSX, export_rejected
from api.list_import import import_list
from api.schemas import FilterRequest, Text
from api.views import BatchView, CountView, FormView, ImportView, view_batch
from campaigns.ports import FilterForm
from kernel.errors import InputError
from kernel.ids import FilterFormId
from lists.filter_json import from_json, to_json
from lists.filter_words import explain
from lists.language import Language
from lists.sheet_rows import ReadLimits

router = APIRouter(route_class=GuardedRoute, tags=["lists"])

FormName = Annotated[Text, Path(min_length=1, max_length=200)]
LanguageOf = Annotated[Language, Query(alias="language")]


@router.post("/batches")
async def import_batch(
    services: ServicesOf,
    name: Annotated[Text, Form(max_length=200)],
    file: Annotated[UploadFile, File()],
    sheet: Annotated[Text | None, Form(max_length=200)] = None,
    mapping: Annotated[Text | None, Form(max_length=20_000)] = None,
    *,
    dry_run: bool = False,
) -> ImportView:
    """Import a workbook or CSV file; with `dry_run` only report what would happen.

    `mapping` is a JSON object of key to column title or letter: `{"phone": "客户电话"}`.
    """
    limits = ReadLimits()
    if file.size is not None and file.size > limits.max_bytes:
        raise InputError(
            f"the file has {file.size} bytes, more than {limits.max_bytes}; split the list"
        )
    report = await import_list(
        services.batches,
        services.ids,
        name=name,
        file_name=(file.filename or "list").replace("\0", ""),
        content=await file.read(),
        sheet=sheet or None,
        mapping=_mapping(mapping),
        dry_run=dry_run,
    )
    return ImportView.model_validate(asdict(report))


def _mapping(text: str | None) -> dict[str, str] | None:
    if not text:
        return None
    try:
        value: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InputError('mapping: not JSON; write it like {"phone": "B"}') from error
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise InputError('mapping: an object of texts is needed, like {"phone": "B"}')
    return value


@router.get("/batches")
async def list_batches(services: ServicesOf) -> list[BatchView]:
    """Every batch, newest first."""
    return [view_batch(batch) for batch in await services.batches.batches()]


@router.get("/batches/{batch_id}")
async def get_batch(batch: BatchOf) -> BatchView:
    """One batch."""
    return view_batch(batch)


@router.get("/batches/{batch_id}/rejected.xlsx", response_class=Response)
async def rejected_rows(
    batch: BatchOf, services: ServicesOf, caller: CallerOf, language: LanguageOf = Language.ZH
) -> Response:
    """The rows that were not taken, as they stood, with the reason for each."""
    export = await export_rejected(
        services.batches, batch, language=language, in_full=caller.sees_numbers
    )
    return download(export.name, export.content)


@router.post("/batches/{batch_id}/count")
async def count_names(
    batch: BatchOf, body: FilterRequest, services: ServicesOf, language: LanguageOf = Language.ZH
) -> CountView:
    """How many names of the batch satisfy a condition, and what the condition says."""
    condition = from_json(body.condition)
    return CountView(
        count=await services.batches.count_members(batch.id, condition),
        explanation=explain(condition, language, batch.fields),
    )


@router.put("/filter-forms/{name}")
async def save_filter_form(
    name: FormName, body: FilterRequest, services: ServicesOf, language: LanguageOf = Language.ZH
) -> FormView:
    """Store or replace a filter form."""
    condition = from_json(body.condition)
    present = await services.campaigns.filter_form(name)
    form_id = present.id if present is not None else FilterFormId(services.ids.new())
    form = FilterForm(form_id, name, condition)
    await services.campaigns.save_filter_form(form)
    return _view_form(form, language)


@router.get("/filter-forms/{name}")
async def get_filter_form(
    name: FormName, services: ServicesOf, language: LanguageOf = Language.ZH
) -> FormView:
    """One filter form."""
    form = await services.campaigns.filter_form(name)
    if form is None:
        raise NotFoundError("there is no filter form of this name")
    return _view_form(form, language)


def _view_form(form: FilterForm, language: Language) -> FormView:
    return FormView(
        id=form.id,
        name=form.name,
        condition=to_json(form.condition),
        explanation=explain(form.condition, language),
    )


def download(name: str, content: bytes) -> Response:
    """A workbook to be saved under a name."""
    quoted = "".join(f"%{byte:02X}" for byte in name.encode())
    return Response(
        content,
        media_type=XLSX,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{quoted}"},
    )
