"""Exports: the user's own workbook with the results in it. For the API and the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import PurePath
from typing import Final
from zoneinfo import ZoneInfo

from api.export_words import WORDS, ExportWords
from api.masked_workbook import mask_workbook
from api.masking import mask_text, show_number
from campaigns.ports import CampaignStore
from campaigns.results import AnswerSheetRow, NameResult
from kernel.errors import InputError
from kernel.ids import BatchId, CampaignId
from lists.batch import Batch, RejectedRow, SourceFile
from lists.fill_back import CellValue, Sheet, fill_back
from lists.language import Language
from lists.ports import BatchStore
from lists.reasons import problem_text
from lists.rejected_workbook import rejected_workbook
from lists.workbook import open_sheet

#: Media type of a workbook.
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A workbook to hand over.

    Attributes:
        name: file name without folders.
    """

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Results:
    """Everything that goes into one workbook."""

    batch: Batch
    source: SourceFile
    rejected: Sequence[RejectedRow]
    names: Sequence[NameResult]
    answers: Sequence[AnswerSheetRow]
    zone: ZoneInfo
    language: Language
    in_full: bool

    @property
    def words(self) -> ExportWords:
        return WORDS[self.language]


async def export_results(
    batches: BatchStore,
    campaigns: CampaignStore,
    campaign_ids: Sequence[CampaignId],
    *,
    batch_id: BatchId | None = None,
    language: Language = Language.ZH,
    in_full: bool = True,
) -> ExportFile:
    """The user's own workbook with a result in every row, and the answer sheet.

    A row that several of the campaigns have shows the campaign that called it last.

    Args:
        batches: where the user's file is kept.
        campaigns: where the results are.
        campaign_ids: whose results, at least one.
        batch_id: whose workbook, where the campaigns' names come from several.
        language: of titles and results.
        in_full: whether phone numbers are shown; otherwise every one in the workbook is masked.

    Raises:
        InputError: no such campaign, or no names in it, or several batches and none chosen.
    """
    batch = await _batch_of(batches, campaigns, campaign_ids, batch_id)
    first = await campaigns.campaign(campaign_ids[0])
    names = [await campaigns.name_results(id_, batch.id) for id_ in campaign_ids]
    answers = [await campaigns.answer_sheet(id_) for id_ in campaign_ids]
    results = _Results(
        batch=batch,
        source=await batches.source_file(batch.id),
        rejected=await batches.rejected_rows(batch.id),
        names=_last_called(chain.from_iterable(names)),
        answers=sorted(chain.from_iterable(answers), key=lambda a: (a.row, a.answered_at)),
        zone=ZoneInfo(first.plan.window.zone),
        language=language,
        in_full=in_full,
    )
    content = await asyncio.to_thread(_write, results)
    return ExportFile(_file_name(batch, results.words.file), content)


async def export_rejected(
    batches: BatchStore, batch: Batch, *, language: Language = Language.ZH, in_full: bool = True
) -> ExportFile:
    """The rows of a batch that were not taken, as they stood, with the reason for each.

    Args:
        batches: where the rows are.
        batch: which batch.
        language: of the reasons.
        in_full: whether phone numbers are shown.
    """
    rejected = await batches.rejected_rows(batch.id)

    def write() -> bytes:
        content = rejected_workbook(batch.fields, rejected, language)
        return content if in_full else mask_workbook(content)

    content = await asyncio.to_thread(write)
    return ExportFile(_file_name(batch, WORDS[language].rejected_file), content)


async def _batch_of(
    batches: BatchStore,
    campaigns: CampaignStore,
    campaign_ids: Sequence[CampaignId],
    wanted: BatchId | None,
) -> Batch:
    several = [await campaigns.batches_of(id_) for id_ in campaign_ids]
    used = list(dict.fromkeys(chain.from_iterable(several)))
    if not used:
        raise InputError("the campaign has no names yet; allocate some first")
    if wanted is None and len(used) > 1:
        raise InputError(f"the campaign's names come from {len(used)} batches; choose one of them")
    chosen = wanted if wanted is not None else used[0]
    for batch in await batches.batches():
        if batch.id == chosen and chosen in used:
            return batch
    raise InputError("no name of this campaign comes from that batch")


def _last_called(names: Iterable[NameResult]) -> list[NameResult]:
    """One result per row: of the campaign that called it last, if any did."""
    never = datetime.min.replace(tzinfo=UTC)
    by_row: dict[int, NameResult] = {}
    for name in names:
        present = by_row.get(name.row)
        if present is None or (name.called_at or never) > (present.called_at or never):
            by_row[name.row] = name
    return [by_row[row] for row in sorted(by_row)]


def _write(results: _Results) -> bytes:
    questions = sorted({question for name in results.names for question in name.answers})
    content = fill_back(
        results.source,
        results.batch.sheet,
        results.batch.header_row,
        _titles(results, questions),
        _values(results, questions),
        [_answer_sheet(results)] if results.answers else [],
    )
    return content if results.in_full else mask_workbook(content)


def _titles(results: _Results, questions: Sequence[str]) -> list[str]:
    """Titles of our columns; a column of the user's own is never written over.

    Only a list that has all of our fixed columns has made this round trip before, and then
    its columns are filled again.
    """
    words = results.words
    own = {field.title for field in results.batch.fields}
    taken = set() if own.issuperset(words.columns) else own
    fixed = [title + words.clash if title in taken else title for title in words.columns]
    taken = taken.union(fixed)
    return fixed + [title + words.clash if title in taken else title for title in questions]


def _values(results: _Results, questions: Sequence[str]) -> dict[int, tuple[CellValue, ...]]:
    """One value per column for every row below the titles."""
    blank = ("",) * (len(results.words.columns) - 1 + len(questions))
    untouched: tuple[CellValue, ...] = (results.words.not_allocated, *blank)
    values = dict.fromkeys(_rows(results), untouched)
    for rejected in results.rejected:
        values[rejected.row] = (_why(rejected, results), *blank)
    for name in results.names:
        values[name.row] = (
            results.words.of(name),
            _local(name.called_at, results.zone),
            round(name.talk_s),
            _shown(name.tag, results),
            name.attempts,
            *(_shown(name.answers.get(question, ""), results) for question in questions),
        )
    return values


def _rows(results: _Results) -> list[int]:
    with open_sheet(results.source, results.batch.sheet or None) as opened:
        return [row.row for row in opened.rows if row.row > results.batch.header_row]


def _why(row: RejectedRow, results: _Results) -> str:
    reasons = "; ".join(problem_text(problem, results.language) for problem in row.problems)
    return f"{results.words.invalid}: {reasons}"


def _local(moment: datetime | None, zone: ZoneInfo) -> CellValue:
    return moment.astimezone(zone) if moment is not None else ""


def _shown(text: str, results: _Results) -> str:
    return text if results.in_full else mask_text(text)


def _answer_sheet(results: _Results) -> Sheet:
    words = results.words
    rows = [
        (
            answer.row,
            _number(answer, results),
            answer.question,
            _shown(answer.value, results),
            _shown(answer.raw, results),
            answer.source,
            round(answer.confidence, 3),
            _local(answer.answered_at, results.zone),
        )
        for answer in results.answers
    ]
    return Sheet(words.answers, words.answer_columns, rows)


def _number(answer: AnswerSheetRow, results: _Results) -> str:
    # A masked number is text, and text that begins with + would be escaped.
    masked = show_number(answer.number, in_full=False).removeprefix("+")
    return answer.number if results.in_full else masked


def _file_name(batch: Batch, suffix: str) -> str:
    return f"{PurePath(batch.source_name).stem}-{suffix}.xlsx"
