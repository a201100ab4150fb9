"""Shapes of what clients send. Strict: a boolean is no number, an unknown field is an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from campaigns.campaign import CampaignAction, Mode
from kernel.call import Result

_WALL_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?", re.ASCII)


def _storable(text: str) -> str:
    """Refuse what no database text and no answer of ours can hold."""
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("the text holds a NUL or half a character")
    return text


def _all_storable(value: object) -> object:
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            _storable(found)
        elif isinstance(found, Mapping):
            waiting += [*found.keys(), *found.values()]
        elif isinstance(found, list):
            waiting += found
    return value


def _wall_time(value: object) -> object:
    """Only what a clock on the wall shows: no zone, no number of seconds."""
    if isinstance(value, time) or (isinstance(value, str) and _WALL_TIME.fullmatch(value)):
        return value
    raise ValueError("write it as HH:MM or HH:MM:SS")


#: A text outside a body: part of an address or of a form.
Text = Annotated[str, AfterValidator(_storable)]

# JSON has no type of its own for these: their texts are taken, and nothing else.
Id = Annotated[UUID, Field(strict=False)]
WallTime = Annotated[time, Field(strict=False), BeforeValidator(_wall_time)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Body(BaseModel):
    """A request body."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    _texts = model_validator(mode="before")(_all_storable)


class SignIn(Body):
    """Name and password."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]


class FilterRequest(Body):
    """A condition tree, see `ConditionTree` in the documentation of filters."""

    condition: dict[str, object]


class ScriptText(Body):
    """A script to publish."""

    name: Name
    source: Annotated[str, Field(min_length=1, max_length=1_000_000)]


class Window(Body):
    """Local hours in which calls may start."""

    opens: WallTime = time(9, 0)
    closes: WallTime = time(21, 0)
    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = [1, 2, 3, 4, 5, 6, 7]
    zone: Annotated[str, Field(max_length=64)] = "Asia/Shanghai"


class Redial(Body):
    """How often and how soon a name is tried again; seconds per result where they differ."""

    max_attempts: Annotated[int, Field(ge=1, le=100)] = 3
    min_gap_s: Annotated[int, Field(ge=1, le=31_536_000)] = 1800
    delays_s: dict[
        Annotated[Result, Field(strict=False)], Annotated[int, Field(ge=0, le=31_536_000)]
    ] = {}


class NewCampaign(Body):
    """Settings of a campaign; ranges are those of `campaigns.campaign.RANGES`."""

    name: Name
    mode: Annotated[Mode, Field(strict=False)]
    window: Window = Window()
    redial: Redial = Redial()
    ring_timeout_s: float = 30.0
    lines: int = 30
    max_cps: Annotated[float, Field(gt=0, le=10_000)] | None = None
    abandon_target: float = 0.03
    patience_s: float = 2.0
    wrap_up_limit_s: float = 60.0
    script: Id | None = None
    caller_id: Annotated[str, Field(max_length=20)] | None = None
    record: bool = True


class NewExtraction(Body):
    """Which names of a batch go to whom; `agents` exactly when the target is `agents`."""

    batch: Id
    target: Literal["queue", "robot", "agents"]
    agents: list[Id] = []
    condition: dict[str, object] | None = None
    filter_form: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=100_000_000)] | None = None


class Action(Body):
    """What to do to a campaign."""

    action: Annotated[CampaignAction, Field(strict=False)]


class AgentSettings(Body):
    """An agent's name and phone, in the switch's own terms."""

    name: Name
    # A switch address, never a command: no spaces, commas, brackets or line ends
    # (`$` is the very end in pydantic's regular expressions).
    address: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9:/@._+-]{0,127}$")]


class NewSuppression(Body):
    """A number that must not be called, and why."""

    number: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Annotated[str, Field(max_length=500)] = ""
    campaign: Id | None = None
    days: Annotated[int, Field(ge=1, le=36_500)] | None = None


class SeatSignIn(Body):
    """Work for a campaign."""

    action: Literal["sign-in"]
    campaign: Id


class SeatMove(Body):
    """A move that needs nothing else."""

    action: Literal["ready", "hang-up", "dial", "sign-out"]


class SeatPause(Body):
    """No calls for a while."""

    action: Literal["pause"]
    reason: Annotated[str, Field(max_length=100)] = ""


class SeatWrapUp(Body):
    """What became of the call."""

    action: Literal["wrap-up"]
    code: Annotated[str, Field(min_length=1, max_length=100)]
    result: Annotated[Result, Field(strict=False)] | None = None
    note: Annotated[str, Field(max_length=2000)] = ""


SeatAction = Annotated[
    SeatSignIn | SeatMove | SeatPause | SeatWrapUp, Field(discriminator="action")
]
