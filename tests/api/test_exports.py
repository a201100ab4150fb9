from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest

from api.exports import export_results
from api.list_import import import_list
from campaigns.allocation import NewAllocation, ToRobot
from campaigns.campaign import CampaignAction, CampaignPlan, Mode
from campaigns.redial import LeadState, NextStep
from dialer.ports import AttemptUpdate, ClaimRequest
from kernel.call import AttemptState, Result
from kernel.conversation import Conversation, SurveyAnswer
from kernel.errors import InputError
from kernel.ids import AllocationId, AttemptId, BatchId, CampaignId, ScriptVersionId
from lists.filters import Compare, Operator
from lists.language import Language
from tests.api.house import House, workbook

CSV = "姓名,电话,标签,满意度\n甲,13812345678,老客户,旧\n乙,13912340002,=1+1,\n丙,12,,\n"


async def _import(house: House, name: str, file_name: str, content: bytes) -> BatchId:
    report = await import_list(
        house.store, house.services.ids, name=name, file_name=file_name, content=content
    )
    assert report.batch is not None
    return report.batch


async def _campaign(house: House, *batches: BatchId) -> CampaignId:
    """A robot campaign with the names called 甲 of these batches."""
    store, ids = house.store, house.services.ids
    script = await store.publish_script(ScriptVersionId(ids.new()), "s", "text")
    campaign = CampaignId(ids.new())
    await store.create_campaign(campaign, CampaignPlan("调研", Mode.ROBOT, script=script.id))
    only = Compare("name", Operator.IN, ("甲", "王一"))
    for batch in batches:
        allocation = AllocationId(ids.new())
        await store.allocate(NewAllocation(allocation, campaign, batch, ToRobot(), only))
    return campaign


async def _one_survey_call(house: House, campaign: CampaignId, at: datetime) -> None:
    store, attempt = house.store, AttemptId(house.services.ids.new())
    await store.act(campaign, CampaignAction.START)
    epoch = await store.start_engine("test")
    await store.take_campaigns(epoch)
    [name] = await store.claim(ClaimRequest(campaign, epoch, "boot", (attempt,)))
    done = NextStep(LeadState.DONE, None)
    await store.record([
        AttemptUpdate(attempt, AttemptState.SENT, at),
        AttemptUpdate(attempt, AttemptState.ANSWERED, at),
        AttemptUpdate(
            attempt,
            AttemptState.ENDED,
            at,
            result=Result.ANSWERED_HUMAN,
            next_step=done,
        ),
    ])
    later = at + timedelta(seconds=9)
    answers = (
        SurveyAnswer(attempt, "满意度", "5", "@五分", "voice", 0.87654, at),
        SurveyAnswer(attempt, "回电", "是", "打 139 0000 1111", "voice", 0.9, later),
    )
    await store.save_conversation(Conversation(attempt, "完成", answers=answers))
    assert name.number.e164 == "+8613812345678"


def _sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()]
        for sheet in book.worksheets
    }


async def test_a_csv_comes_back_as_a_workbook_with_answers(house: House) -> None:
    campaign = await _campaign(house, await _import(house, "调研", "a.csv", CSV.encode()))
    await _one_survey_call(house, campaign, datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
    export = await export_results(house.store, house.store, [campaign])
    assert export.name == "a-呼叫结果.xlsx"
    sheets = _sheets(export.content)
    first, answers = sheets.values()
    # The user's own columns of the same titles stay as they are.
    assert first[0] == [
        "姓名", "电话", "标签", "满意度",
        "呼叫结果", "呼叫时间", "通话秒数", "标签（外呼）", "呼叫次数", "回电", "满意度（外呼）",
    ]  # fmt: skip
    assert first[1][2:4] == ["老客户", "旧"]
    assert (first[1][4], first[1][7:]) == ("接通", ["完成", 1, "是", "5"])
    assert first[2][4] == "未拨打：未分配"
    assert first[3][4].startswith("号码无效: ")
    # What a spreadsheet program might run is text.
    assert first[2][2] == "'=1+1"
    assert list(sheets)[1] == "答卷"
    assert answers[1][:3] == [2, "+8613812345678", "满意度"]
    assert answers[1][3:7] == ["5", "'@五分", "voice", 0.877]
    assert answers[1][7].hour == 10  # Shanghai


async def test_answers_are_masked_too(house: House) -> None:
    campaign = await _campaign(house, await _import(house, "调研", "a.csv", CSV.encode()))
    await _one_survey_call(house, campaign, datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
    export = await export_results(
        house.store, house.store, [campaign], language=Language.EN, in_full=False
    )
    sheets = _sheets(export.content)
    assert sheets["Answers"][1][1] == "86138****5678"
    assert sheets["Answers"][2][4] == "打 139 **** 1111"
    assert next(iter(sheets.values()))[1][1] == "138****5678"


async def test_filling_the_filled_workbook_again_gives_one_set_of_columns(house: House) -> None:
    once = await export_results(
        house.store,
        house.store,
        [await _campaign(house, await _import(house, "一", "a.xlsx", workbook()))],
    )
    batch = await _import(house, "二", "b.xlsx", once.content)
    plan = CampaignPlan("再来", Mode.PREVIEW)
    second = CampaignId(house.services.ids.new())
    await house.store.create_campaign(second, plan)
    allocation = AllocationId(house.services.ids.new())
    await house.store.allocate(NewAllocation(allocation, second, batch, ToRobot()))
    twice = await export_results(house.store, house.store, [second])
    [first], [again] = _sheets(once.content).values(), _sheets(twice.content).values()
    assert again[0] == first[0]
    assert [row[4] for row in again[1:3]] == ["未拨打", "未拨打"]


async def test_several_batches_need_a_choice(house: House) -> None:
    one = await _import(house, "一", "a.csv", CSV.encode())
    two = await _import(
        house, "二", "b.xlsx", workbook([("姓名", "电话"), ("王一", "13912340003")])
    )
    campaign = await _campaign(house, one, two)
    with pytest.raises(InputError, match="2 batches"):
        await export_results(house.store, house.store, [campaign])
    export = await export_results(house.store, house.store, [campaign], batch_id=two)
    assert export.name.startswith("b-")
    with pytest.raises(InputError, match="that batch"):
        await export_results(
            house.store, house.store, [campaign], batch_id=BatchId(house.services.ids.new())
        )


async def test_two_campaigns_on_one_list_make_one_workbook(house: House) -> None:
    batch = await _import(house, "调研", "a.csv", CSV.encode())
    called = await _campaign(house, batch)
    await _one_survey_call(house, called, datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
    waiting = CampaignId(house.services.ids.new())
    await house.store.create_campaign(waiting, CampaignPlan("回访", Mode.PREVIEW))
    allocation = AllocationId(house.services.ids.new())
    await house.store.allocate(NewAllocation(allocation, waiting, batch, ToRobot()))
    for order in ([called, waiting], [waiting, called]):
        export = await export_results(house.store, house.store, order)
        rows = next(iter(_sheets(export.content).values()))
        assert [row[4] for row in rows[1:3]] == ["接通", "未拨打"]
