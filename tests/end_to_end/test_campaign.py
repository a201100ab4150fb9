"""A list becomes calls and comes back as results: every behaviour of the world outside at once.

The world's own log is the oracle: whom it was asked for, how often, when, and what keys it heard.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import structlog

from api.exports import export_results
from campaigns.allocation import NewAllocation, ToRobot
from campaigns.campaign import CampaignAction, Mode
from campaigns.redial import LeadState
from campaigns.results import NameResult
from dialer.campaign_runner import CampaignRunner
from dialer.commands import Command, Record
from kernel.call import AttemptState, Result
from kernel.ids import AllocationId, AttemptId, CampaignId
from kernel.phone import PhoneNumber
from kernel.service import TaskOwner
from kernel.telephony import CallId
from lab.number_plan import Behaviour, behaviour_of, mobile
from lab.rig import Rig
from robot.tinymodel.kept import ensure_model
from tests.end_to_end.stage import SCRIPT, Stage, calls_to, plan, settings_on, stage

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.switch, pytest.mark.slow]

MODEL_CACHE = Path(__file__).parents[2] / ".cache" / "robot"
GAP_S = 3.0
#: Pressed by us into the calls of people who read keys.
SENT_KEYS = "2468"

_R, _B = Result, Behaviour


@dataclass(frozen=True)
class Expected:
    """What becomes of people who behave so.

    Attributes:
        result: the stored normal result.
        half_seconds: the DD of their numbers.
    """

    result: Result
    half_seconds: int = 1


EXPECTED: Mapping[Behaviour, Expected] = {
    _B.SILENT: Expected(_R.ANSWERED_HUMAN),
    # Whoever repeats every word at once is no person.
    _B.ECHO: Expected(_R.ANSWERED_MACHINE),
    _B.BUSY: Expected(_R.BUSY),
    _B.RINGS_FOREVER: Expected(_R.NO_ANSWER),
    _B.REJECTS: Expected(_R.REJECTED),
    _B.NOT_FOUND: Expected(_R.EMPTY_NUMBER),
    _B.SONG: Expected(_R.ANSWERED_HUMAN, half_seconds=4),
    _B.VACANT: Expected(_R.EMPTY_NUMBER),
    _B.SWITCHED_OFF: Expected(_R.UNREACHABLE),
    _B.HANGS_UP: Expected(_R.ANSWERED_HUMAN, half_seconds=4),
    _B.TALKS: Expected(_R.ANSWERED_HUMAN),
    _B.VOICEMAIL: Expected(_R.ANSWERED_MACHINE),
    _B.PRESSES_KEYS: Expected(_R.ANSWERED_HUMAN, half_seconds=4),
    _B.READS_KEYS: Expected(_R.ANSWERED_HUMAN),
    _B.UNAVAILABLE: Expected(_R.UNREACHABLE),
    _B.OVERLOADED: Expected(_R.NETWORK_FAILURE),
    _B.BROKEN: Expected(_R.NETWORK_FAILURE),
    _B.TONE: Expected(_R.ANSWERED_MACHINE),
    _B.ONLY_TRYING: Expected(_R.NO_ANSWER),
    _B.BUSY_TONE: Expected(_R.BUSY, half_seconds=4),
    _B.RINGBACK_TONE: Expected(_R.ANSWERED_MACHINE, half_seconds=4),
    _B.UNREACHABLE: Expected(_R.UNREACHABLE),
    _B.CLICKS: Expected(_R.ANSWERED_HUMAN),
    _B.HANGS_UP_AT_ONCE: Expected(_R.ANSWERED_HUMAN),
    _B.PRESSES_1: Expected(_R.ANSWERED_HUMAN),
    _B.PRESSES_2: Expected(_R.ANSWERED_HUMAN),
    _B.PRESSES_9: Expected(_R.ANSWERED_HUMAN),
    _B.SAYS_YES: Expected(_R.ANSWERED_HUMAN),
    _B.SAYS_NO: Expected(_R.ANSWERED_HUMAN),
}
#: Results after which a name is not dialed again.
SETTLED = {_R.ANSWERED_HUMAN, _R.EMPTY_NUMBER}
#: Nobody has these: the world answers 404.
NOBODYS = ("+8613980000001", "+8618600000001")


def numbers() -> Iterator[str]:
    """Two or more people for each behaviour; suffix 1211 is what PRESSES_KEYS press."""
    for behaviour, expected in EXPECTED.items():
        for suffix in (1211, 1212):
            yield mobile(behaviour, half_seconds=expected.half_seconds, suffix=suffix)
    yield from NOBODYS


def expected_of(number: str) -> Result:
    behaviour = behaviour_of(number)
    return _R.EMPTY_NUMBER if behaviour is None else EXPECTED[behaviour].result


def rows(called: list[str]) -> list[list[object]]:
    """The list: people to be called, somebody too young, and rows nobody can use."""
    return [
        ["name", "phone", "age"],
        *(
            [f"person {place}", number.removeprefix("+86"), 40]
            for place, number in enumerate(called)
        ),
        ["child", mobile(_B.PRESSES_1, suffix=7777).removeprefix("+86"), 12],
        ["typing mistake", "1391", 40],
        ["again", called[0].removeprefix("+86"), 40],
    ]


class KeySender:
    """Presses keys into every call of somebody who reads them, once the robot has it."""

    def __init__(self, running: Stage) -> None:
        self._switch = running.product.switch
        self._clock = running.product.clock
        self.tasks = TaskOwner("key-sender")
        running.product.engine.observe(self._observe)

    def _observe(self, runner: CampaignRunner, command: Command) -> None:
        if not isinstance(command, Record) or command.update.state is not AttemptState.CONNECTED:
            return
        attempt = command.update.attempt
        if behaviour_of(runner.floor.calls[attempt].number.e164) is _B.READS_KEYS:
            self.tasks.start("press", self._press(attempt))

    async def _press(self, attempt: AttemptId) -> None:
        await self._clock.sleep(1.0)
        await self._switch.send_digits(CallId(attempt), SENT_KEYS)


async def test_a_campaign_over_every_behaviour(rig: Rig, database_dsn: str, tmp_path: Path) -> None:
    hearing = ensure_model(MODEL_CACHE)
    settings = settings_on(rig, tmp_path / "data", database_dsn, hearing)
    with structlog.testing.capture_logs() as logs:
        async with stage(rig, settings) as running:
            await _run(running)
    assert [entry for entry in logs if _is_trouble(entry)] == []


def _is_trouble(entry: MutableMapping[str, Any]) -> bool:
    """Whether a log line is a warning, but for a command that met somebody who had just left."""
    left = entry.get("command") == "StartRecording" and " 404 " in str(entry.get("error"))
    return entry["log_level"] in {"warning", "error", "critical"} and not left


async def _run(running: Stage) -> None:
    store, called = running.product.store, list(numbers())
    assert len(called) >= 60
    report = await running.import_rows("everybody", rows(called))
    assert (report.accepted, report.rejected) == (len(called) + 1, 2)
    assert report.batch is not None
    script = await running.publish(SCRIPT.read_text(encoding="utf-8"))
    survey = plan("survey", Mode.ROBOT, attempts=2, gap_s=GAP_S, script=script)
    keys = KeySender(running)
    begun_s = running.product.clock.monotonic()
    campaign = await running.start(
        replace(survey, max_cps=12), report.batch, ToRobot(), "age >= 18"
    )
    await running.finished(campaign.id, within_s=120)
    log.info("run: %.1f s", running.product.clock.monotonic() - begun_s)
    await keys.tasks.settle()

    results = {name.number: name for name in await store.name_results(campaign.id)}
    _check_results(results, called)
    _check_world(running, called)
    _check_answers(results)
    assert await store.open_attempts(campaign.id) == []
    await _check_export(running, campaign.id, results)
    await _check_opt_outs(running, called)


def _check_results(results: Mapping[str, NameResult], called: list[str]) -> None:
    assert set(results) == set(called)
    wrong = {
        f"{behaviour_of(number)} {number[-4:]}": (name.result, name.tag, name.attempts)
        for number, name in results.items()
        if name.result is not expected_of(number)
    }
    assert wrong == {}
    for number, name in results.items():
        settled = expected_of(number) in SETTLED
        assert name.attempts == (1 if settled else 2), (behaviour_of(number), name)
        done = LeadState.DONE if name.result is _R.ANSWERED_HUMAN else LeadState.GAVE_UP
        assert name.state is done


def _check_world(running: Stage, called: list[str]) -> None:
    """As many INVITEs as stored attempts, never inside the gap, nobody else."""
    everybody = {*called, mobile(_B.PRESSES_1, suffix=7777)}
    invites = running.invites(everybody)
    assert invites == {n: 1 if expected_of(n) in SETTLED else 2 for n in called}
    calls = calls_to(running.rig, everybody)
    for number in called:
        own = [call for call in calls if call.number == number]
        for first, second in pairwise(own):
            assert first.ended_at is not None
            # The gap counts from our end of the call; the world sees it end a moment later.
            assert (second.invited_at - first.ended_at).total_seconds() > GAP_S - 0.5
    for call in calls:
        if call.behaviour is _B.READS_KEYS:
            assert call.digits == SENT_KEYS


def _check_answers(results: Mapping[str, NameResult]) -> None:
    """What people pressed and said is what is stored."""
    tags: dict[Behaviour, set[str]] = {}
    for number, name in results.items():
        behaviour = behaviour_of(number)
        if behaviour is not None:
            tags.setdefault(behaviour, set()).add(name.tag)
        if behaviour in {_B.PRESSES_1, _B.SAYS_YES}:
            assert name.answers == {"solved": "yes"}, (behaviour, name)
        if behaviour is _B.PRESSES_KEYS:
            assert name.answers == {"solved": "no"}, name
    expected = {
        _B.PRESSES_1: {"completed"},
        _B.SAYS_YES: {"completed"},
        _B.PRESSES_KEYS: {"completed"},
        _B.PRESSES_2: {"refused"},
        _B.PRESSES_9: {"opted-out"},
        _B.VOICEMAIL: {"machine"},
    }
    assert {behaviour: tags[behaviour] for behaviour in expected} == expected
    assert "completed" not in tags[_B.SAYS_NO]


async def _check_export(
    running: Stage, campaign: CampaignId, results: Mapping[str, NameResult]
) -> None:
    store = running.product.store
    file = await export_results(store, store, [campaign])
    book = openpyxl.load_workbook(BytesIO(file.content))
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    column, attempts = titles.index("呼叫结果"), titles.index("呼叫次数")
    by_row = {row[0].row: [cell.value for cell in row] for row in sheet.iter_rows(min_row=2)}
    book.close()
    assert len(by_row) == len(results) + 3
    assert all(values[column] for values in by_row.values()), "a row without a result"
    for name in results.values():
        assert by_row[name.row][attempts] == name.attempts
        assert by_row[name.row][1] == name.number.removeprefix("+86")
    texts = [values[column] for values in by_row.values()][-3:]
    assert texts[0] == "未拨打：未分配"
    assert all(str(text).startswith("号码无效") for text in texts[1:])


async def _check_opt_outs(running: Stage, called: list[str]) -> None:
    """Whoever pressed 9 is not called again, in no campaign."""
    store, product = running.product.store, running.product
    opted_out = [number for number in called if behaviour_of(number) is _B.PRESSES_9]
    for number in called:
        suppressed = await store.is_suppressed(PhoneNumber(number), None)
        assert suppressed is (number in opted_out), behaviour_of(number)
    before = running.invites(opted_out)
    again = await store.create_campaign(
        CampaignId(product.ids.new()), plan("again", Mode.PROGRESSIVE)
    )
    kept = await running.import_rows(
        "opted out", [["name", "phone"], *(["x", number] for number in opted_out)]
    )
    assert kept.batch is not None
    allocation = await store.allocate(
        NewAllocation(AllocationId(product.ids.new()), again.id, kept.batch, ToRobot())
    )
    assert (allocation.matched, allocation.allocated, allocation.suppressed) == (2, 0, 2)
    await store.act(again.id, CampaignAction.START)
    product.engine.poke()
    await running.finished(again.id, within_s=10)
    assert running.invites(opted_out) == before
