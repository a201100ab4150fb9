"""Shapes of what the API answers, and how they are made from the domain's values."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from api.masking import show_number
from campaigns.campaign import Campaign, CampaignState, Mode
from campaigns.results import NameResult
from dialer.numbers import FloorNumbers
from kernel.ids import CampaignId
from kernel.users import Role
from lists.batch import Batch, FieldKind


class View(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Me(View):
    """Who is signed in."""

    name: str
    role: Role
    agent: UUID | None
    session_ends_at: datetime


class Token(Me):
    """A new session."""

    token: str


class FieldView(View):
    """A column of a list."""

    key: str
    title: str
    column: int
    kind: FieldKind


class BatchView(View):
    """A batch; `rows` is `members` plus `rejected`."""

    id: UUID
    name: str
    source_name: str
    sheet: str
    header_row: int
    fields: list[FieldView]
    rows: int
    members: int
    rejected: int
    created_at: datetime


class SampleView(View):
    """One of the first rows taken, with its numbers masked."""

    row: int
    number: str
    fields: dict[str, str]


class ProblemView(View):
    """Why a row was not taken."""

    row: int
    code: str
    message: str


class ImportView(View):
    """What an import did, or would do; `batch` is null after a dry run."""

    batch: UUID | None
    name: str
    sheet: str
    header_row: int
    rows: int
    accepted: int
    rejected: int
    reasons: dict[str, int]
    fields: list[FieldView]
    first: list[SampleView]
    problems: list[ProblemView]


class CountView(View):
    """How many names satisfy a condition, and the condition in words."""

    count: int
    explanation: str


class FormView(View):
    """A filter form."""

    id: UUID
    name: str
    condition: dict[str, Any]
    explanation: str


class ScriptView(View):
    """A published script version."""

    id: UUID
    name: str
    version: int
    published_at: datetime


class ScriptSource(ScriptView):
    """A published script version and its text."""

    source: str


class Published(ScriptView):
    """A new version, and advice on it in the form `FILE:LINE:COL CODE message`."""

    diagnostics: list[str]


class CampaignView(View):
    """A campaign's settings and state."""

    id: UUID
    name: str
    mode: Mode
    state: CampaignState
    lines: int
    abandon_target: float
    script: UUID | None
    created_at: datetime


class AllocationView(View):
    """The record of an extraction."""

    id: UUID
    matched: int
    allocated: int
    suppressed: int
    created_at: datetime


class TakenBack(View):
    """How many names were taken back."""

    names: int


class NumbersView(View):
    """A campaign at this moment; counts since this engine took it, 0 while it does not run."""

    campaign: UUID
    state: CampaignState
    in_flight: int = 0
    waiting: int = 0
    with_agents: int = 0
    with_robot: int = 0
    with_message: int = 0
    seats: dict[str, int] = {}
    leads_left: int = 0
    dialed: int = 0
    answered: int = 0
    connected: int = 0
    abandoned: int = 0
    ended: int = 0
    pacing: str = ""


class NameView(View):
    """What became of one name."""

    batch: UUID
    row: int
    number: str
    state: str
    attempts: int
    result: str | None
    called_at: datetime | None
    talk_s: float
    tag: str
    answers: dict[str, str]


class NamePage(View):
    """Names from `offset` on."""

    total: int
    offset: int
    names: list[NameView]


class AgentView(View):
    """An agent and, when signed in here, the seat."""

    id: UUID
    name: str
    address: str
    seat: str
    campaign: UUID | None


class SeatCall(View):
    """The call, or the name to look at, on an agent's screen; numbers are masked."""

    attempt: UUID | None
    number: str
    attempt_no: int
    fields: dict[str, str]


class SeatView(View):
    """An agent's own seat; `wish` is the pause or sign-out that follows the present call."""

    agent: UUID
    state: str
    since: datetime | None = None
    campaign: UUID | None = None
    campaign_name: str = ""
    wish: str | None = None
    call: SeatCall | None = None


class Ticket(View):
    """Opens one live connection within `seconds`."""

    ticket: str
    seconds: int


def view_batch(batch: Batch) -> BatchView:
    """A batch as answered."""
    return BatchView(
        id=batch.id,
        name=batch.name,
        source_name=batch.source_name,
        sheet=batch.sheet,
        header_row=batch.header_row,
        fields=[FieldView.model_validate(field) for field in batch.fields],
        rows=batch.members + batch.rejected,
        members=batch.members,
        rejected=batch.rejected,
        created_at=batch.created_at,
    )


def view_campaign(campaign: Campaign) -> CampaignView:
    """A campaign as answered."""
    plan = campaign.plan
    return CampaignView(
        id=campaign.id,
        name=plan.name,
        mode=plan.mode,
        state=campaign.state,
        lines=plan.lines,
        abandon_target=plan.abandon_target,
        script=plan.script,
        created_at=campaign.created_at,
    )


def view_numbers(
    campaign: CampaignId, state: CampaignState, numbers: FloorNumbers | None
) -> NumbersView:
    """Live numbers; the state comes from the store, which knows it first."""
    if numbers is None:
        return NumbersView(campaign=campaign, state=state)
    return NumbersView.model_validate(numbers).model_copy(update={"state": state})


def view_name(name: NameResult, *, in_full: bool) -> NameView:
    """A name as this reader may see it."""
    return NameView(
        batch=name.batch,
        row=name.row,
        number=show_number(name.number, in_full=in_full),
        state=name.state.value,
        attempts=name.attempts,
        result=name.result.value if name.result is not None else None,
        called_at=name.called_at,
        talk_s=name.talk_s,
        tag=name.tag,
        answers=dict(name.answers),
    )
