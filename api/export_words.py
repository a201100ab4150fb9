"""What an exported workbook says, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from campaigns.redial import LeadState
from campaigns.results import NameResult
from kernel.call import Result
from lists.language import Language


@dataclass(frozen=True, slots=True)
class ExportWords:
    """Titles and cells.

    Attributes:
        columns: result, called at, talk seconds, tag, attempts.
        clash: put behind a title that the user's list has for something else.
        invalid: before the reason of a rejected row.
        file: put behind the name of the user's file.
        rejected_file: the same, for the workbook of rejected rows.
    """

    columns: tuple[str, str, str, str, str]
    results: Mapping[Result, str]
    undialed: Mapping[LeadState, str]
    not_allocated: str
    invalid: str
    clash: str
    answers: str
    answer_columns: tuple[str, ...]
    file: str
    rejected_file: str

    def of(self, name: NameResult) -> str:
        """What became of a name."""
        if name.result is not None:
            return self.results[name.result]
        return self.undialed.get(name.state, self.undialed[LeadState.READY])


_CHINESE = ExportWords(
    columns=("呼叫结果", "呼叫时间", "通话秒数", "标签", "呼叫次数"),
    results=MappingProxyType({
        Result.ANSWERED_HUMAN: "接通",
        Result.ANSWERED_MACHINE: "语音信箱",
        Result.BUSY: "忙线",
        Result.NO_ANSWER: "无人接听",
        Result.REJECTED: "拒接",
        Result.UNREACHABLE: "关机或无法接通",
        Result.SUSPENDED: "停机",
        Result.EMPTY_NUMBER: "空号",
        Result.INVALID: "号码无效",
        Result.BLOCKED: "被拦截",
        Result.NETWORK_FAILURE: "网络故障",
        Result.ABANDONED: "呼损",
        Result.CANCELLED: "已取消",
        Result.UNKNOWN: "结果未知",
    }),
    undialed=MappingProxyType({
        LeadState.READY: "未拨打",
        LeadState.DIALING: "拨打中",
        LeadState.SUPPRESSED: "未拨打：黑名单",
        LeadState.TAKEN_BACK: "未拨打：已回收",
    }),
    not_allocated="未拨打：未分配",
    invalid="号码无效",
    clash="（外呼）",
    answers="答卷",
    answer_columns=("行号", "号码", "问题", "答案", "原话", "来源", "置信度", "时间"),
    file="呼叫结果",
    rejected_file="未导入",
)

_ENGLISH = ExportWords(
    columns=("Result", "Called at", "Talk seconds", "Tag", "Attempts"),
    results=MappingProxyType({
        Result.ANSWERED_HUMAN: "answered",
        Result.ANSWERED_MACHINE: "answering machine",
        Result.BUSY: "busy",
        Result.NO_ANSWER: "no answer",
        Result.REJECTED: "rejected",
        Result.UNREACHABLE: "switched off or unreachable",
        Result.SUSPENDED: "line suspended",
        Result.EMPTY_NUMBER: "no such number",
        Result.INVALID: "invalid number",
        Result.BLOCKED: "blocked",
        Result.NETWORK_FAILURE: "network failure",
        Result.ABANDONED: "abandoned",
        Result.CANCELLED: "cancelled",
        Result.UNKNOWN: "unknown",
    }),
    undialed=MappingProxyType({
        LeadState.READY: "not dialed",
        LeadState.DIALING: "being dialed",
        LeadState.SUPPRESSED: "not dialed: do not call",
        LeadState.TAKEN_BACK: "not dialed: taken back",
    }),
    not_allocated="not dialed: not allocated",
    invalid="invalid number",
    clash=" (call)",
    answers="Answers",
    answer_columns=(
        "Row", "Number", "Question", "Value", "Raw", "Source", "Confidence", "Time",
    ),
    file="results",
    rejected_file="rejected",
)  # fmt: skip

WORDS: Mapping[Language, ExportWords] = MappingProxyType({
    Language.ZH: _CHINESE,
    Language.EN: _ENGLISH,
})
