from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import pytest

from kernel.ids import AttemptId
from kernel.phone import PhoneNumber
from kernel.telephony import (
    CallAnswered,
    CallEvent,
    CallId,
    DialCommand,
    SwitchEvent,
    Telephony,
    call_id,
)
from telephony_adapter.asterisk.client import AsteriskSwitch
from telephony_adapter.simulated.switch import SimulatedSwitch
from tests.ports import missing_from


@pytest.mark.parametrize("adapter", [AsteriskSwitch, SimulatedSwitch])
def test_every_adapter_offers_the_whole_port(adapter: type) -> None:
    assert missing_from(Telephony, adapter) == []


def test_a_port_that_is_not_offered_is_noticed() -> None:
    assert "originate" in missing_from(Telephony, dict)


def test_an_attempt_and_its_call_have_one_name() -> None:
    attempt = AttemptId(UUID(int=7))
    assert call_id(attempt) == attempt


def test_every_call_event_says_which_call_and_none_of_the_switches_does() -> None:
    of_calls = set(get_args(CallEvent))
    for event in get_args(SwitchEvent):
        assert ("call_id" in {field.name for field in fields(event)}) is (event in of_calls)


def test_events_and_commands_cannot_be_changed_on_their_way() -> None:
    event = CallAnswered(CallId(UUID(int=7)))
    with pytest.raises(FrozenInstanceError):
        event.call_id = CallId(UUID(int=8))  # type: ignore[misc] # the point of the test


def test_a_dial_command_does_not_show_its_number() -> None:
    command = DialCommand(
        AttemptId(UUID(int=7)),
        PhoneNumber("+8613812341234"),
        PhoneNumber("+8621555512345"),
        30.0,
        datetime(2026, 3, 2, tzinfo=UTC),
    )
    assert "13812341234" not in repr(command)
    assert "555512345" not in repr(command)
