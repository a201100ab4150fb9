"""A campaign: what it does, and the table of its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, unique
from types import MappingProxyType

from campaigns.redial import RedialRules
from campaigns.windows import CallingWindow
from kernel.errors import ConflictError, InputError
from kernel.ids import CampaignId, ScriptVersionId
from kernel.phone import PhoneNumber


@unique
class Mode(StrEnum):
    """How answered calls and people meet."""

    PREVIEW = "preview"  # the agent sees the name first and decides to dial
    PROGRESSIVE = "progressive"  # one call per free agent
    POWER = "power"  # a fixed number of calls per free agent
    PREDICTIVE = "predictive"  # a model decides how many
    ROBOT = "robot"  # a script talks; no agent needed

    @property
    def needs_script(self) -> bool:
        """Whether the campaign cannot run without a script."""
        return self is Mode.ROBOT


@unique
class CampaignState(StrEnum):
    """Life of a campaign."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    DRAINING = "draining"  # no new names; running calls end
    FINISHED = "finished"
    ARCHIVED = "archived"


@unique
class CampaignAction(StrEnum):
    """What a manager, or the engine, may do to a campaign."""

    SCHEDULE = "schedule"
    START = "start"
    PAUSE = "pause"
    DRAIN = "drain"
    FINISH = "finish"
    ARCHIVE = "archive"


_S, _A = CampaignState, CampaignAction

TRANSITIONS: Mapping[CampaignState, Mapping[CampaignAction, CampaignState]] = MappingProxyType({
    _S.DRAFT: {_A.SCHEDULE: _S.SCHEDULED, _A.START: _S.RUNNING, _A.ARCHIVE: _S.ARCHIVED},
    _S.SCHEDULED: {_A.START: _S.RUNNING, _A.PAUSE: _S.PAUSED, _A.ARCHIVE: _S.ARCHIVED},
    _S.RUNNING: {_A.PAUSE: _S.PAUSED, _A.DRAIN: _S.DRAINING, _A.FINISH: _S.FINISHED},
    _S.PAUSED: {_A.START: _S.RUNNING, _A.DRAIN: _S.DRAINING, _A.FINISH: _S.FINISHED},
    _S.DRAINING: {_A.START: _S.RUNNING, _A.FINISH: _S.FINISHED},
    _S.FINISHED: {_A.START: _S.RUNNING, _A.ARCHIVE: _S.ARCHIVED},
    _S.ARCHIVED: {},
})


def next_state(state: CampaignState, action: CampaignAction) -> CampaignState:
    """The state after `action`.

    Raises:
        ConflictError: the action is not possible in this state; names those that are.
    """
    following = TRANSITIONS[state].get(action)
    if following is None:
        possible = ", ".join(TRANSITIONS[state]) or "nothing"
        raise ConflictError(
            f"a campaign that is {state} cannot {action}; possible now: {possible}",
            state=state.value,
            action=action.value,
        )
    return following


#: Least and greatest value of each numeric setting.
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType({
    "ring_timeout_s": (15, 120),
    "lines": (1, 10_000),
    "abandon_target": (0, 0.1),
    "patience_s": (0.5, 10),
    "wrap_up_limit_s": (0, 3600),
})


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """A campaign's settings.

    Attributes:
        name: unique, as the manager reads it.
        window: when calls may start.
        redial: how often and how soon a name is tried again.
        ring_timeout_s: longest ringing; 15 s is the least that laws allow.
        lines: most calls up at one time.
        max_cps: most new calls per second, or None.
        abandon_target: largest share of live answers that meet no agent in time (0 to 0.1).
        patience_s: time an answered person waits for an agent before the abandonment message.
        wrap_up_limit_s: wrap-up time after which an agent is made ready again.
        script: what the robot says and asks.
        caller_id: number shown to the person.
        record: whether connected calls are recorded.

    Raises:
        InputError: a setting is out of its range, or a robot campaign has no script.
    """

    name: str
    mode: Mode
    window: CallingWindow = field(default_factory=CallingWindow)
    redial: RedialRules = field(default_factory=RedialRules)
    ring_timeout_s: float = 30.0
    lines: int = 30
    max_cps: float | None = None
    abandon_target: float = 0.03
    patience_s: float = 2.0
    wrap_up_limit_s: float = 60.0
    script: ScriptVersionId | None = None
    caller_id: PhoneNumber | None = None
    record: bool = True

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InputError("a campaign needs a name")
        for setting, (least, most) in RANGES.items():
            if not least <= getattr(self, setting) <= most:
                raise InputError(
                    f"campaign {self.name!r}: {setting} must be between {least:g} and {most:g}"
                )
        if self.max_cps is not None and self.max_cps <= 0:
            raise InputError(f"campaign {self.name!r}: max_cps must be positive")
        if self.mode.needs_script and self.script is None:
            raise InputError(f"campaign {self.name!r}: a robot campaign needs a script")


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as stored."""

    id: CampaignId
    plan: CampaignPlan
    state: CampaignState
    created_at: datetime
