from __future__ import annotations

from uuid import UUID

from dialer.conversation_link import ConversationLink
from kernel.conversation import (
    AnsweredCall,
    AnsweredCallHandler,
    CallControl,
    Conversation,
    HandlerReport,
)
from kernel.ids import AttemptId, CampaignId, ScriptVersionId
from kernel.phone import PhoneNumber
from robot.script_robot import ScriptRobot
from tests.ports import missing_from


def test_engine_and_robot_fit_together() -> None:
    assert missing_from(AnsweredCallHandler, ScriptRobot) == []
    assert missing_from(CallControl, ConversationLink) == []


def test_a_person_is_the_answer_unless_somebody_says_machine() -> None:
    assert not HandlerReport("completed").machine


def test_a_conversation_begins_empty_and_shares_nothing() -> None:
    one, two = (Conversation(AttemptId(UUID(int=n)), "open") for n in (1, 2))
    assert not one.turns
    assert not one.answers
    assert one.results is not two.results


def test_an_answered_call_does_not_show_its_number() -> None:
    call = AnsweredCall(
        AttemptId(UUID(int=1)),
        CampaignId(UUID(int=2)),
        PhoneNumber("+8613812341234"),
        ScriptVersionId(UUID(int=3)),
        {},
    )
    assert "13812341234" not in repr(call)
