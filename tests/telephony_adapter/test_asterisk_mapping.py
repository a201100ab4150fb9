"""Events as Asterisk 22.10 sends them, shortened to the fields that count."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel.call import AttemptState, EndedBy
from kernel.telephony import (
    CallAnswered,
    CallEarlyMedia,
    CallEnded,
    CallId,
    CallRinging,
    DigitPressed,
    Finished,
)
from telephony_adapter.asterisk.mapping import (
    Entered,
    EventMapper,
    MappedEvent,
    Recorded,
    Replaced,
    call_of,
)

ID = "01a1f8a7-a99f-70d5-91f3-812246d310a3"
CALL = CallId(UUID(ID))
AT = "2026-11-20T11:00:31.076+0000"


def channel(kind: str, state: str = "Down", **more: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": AT, "channel": {"id": ID, "state": state}, **more}


def dial(status: str) -> dict[str, Any]:
    return {"type": "Dial", "timestamp": AT, "dialstatus": status, "peer": {"id": ID}}


def told(*events: dict[str, Any]) -> list[MappedEvent]:
    mapper = EventMapper()
    return [mapped for event in events for mapped in mapper.feed(event)]


def test_ringing_is_told_once_whichever_event_comes_first() -> None:
    ringing = channel("ChannelStateChange", "Ringing")

    assert told(dial(""), dial("RINGING"), ringing) == [CallRinging(CALL)]
    assert told(dial(""), ringing, dial("RINGING")) == [CallRinging(CALL)]


def test_the_answer_is_told_when_commands_work() -> None:
    events = told(
        dial("PROGRESS"),
        channel("ChannelStateChange", "Up"),
        dial("ANSWER"),
        channel("StasisStart", "Up"),
        channel("StasisStart", "Up"),
    )

    assert events == [CallEarlyMedia(CALL), CallAnswered(CALL)]


def test_our_ring_timeout_is_told_apart_from_a_real_480() -> None:
    destroyed = channel("ChannelDestroyed", "Ringing", cause=19, tech_cause=480)
    refused = channel("ChannelHangupRequest", cause=19, tech_cause=480)

    assert told(dial("RINGING"), destroyed)[-1] == CallEnded(
        CALL, 19, None, EndedBy.US, ring_timeout=True
    )
    assert told(dial("RINGING"), refused, destroyed)[-1] == CallEnded(
        CALL, 19, 480, EndedBy.NETWORK
    )


def test_a_dead_carrier_is_the_networks_fault() -> None:
    request = channel("ChannelHangupRequest", cause=18, tech_cause=408)
    destroyed = channel("ChannelDestroyed", cause=18, tech_cause=408)

    assert told(dial(""), request, destroyed) == [CallEnded(CALL, 18, 408, EndedBy.NETWORK)]


def test_who_ended_an_answered_call() -> None:
    up = channel("StasisStart", "Up")
    ours = channel("ChannelHangupRequest", "Up", cause=32, soft=True)
    theirs = channel("ChannelHangupRequest", "Up", cause=16)
    normal = channel("ChannelDestroyed", "Up", cause=16)
    no_packets = channel("ChannelDestroyed", "Up", cause=44)

    assert told(up, ours, normal)[-1] == CallEnded(CALL, 16, None, EndedBy.US)
    assert told(up, theirs, normal)[-1] == CallEnded(CALL, 16, None, EndedBy.CALLEE)
    assert told(up, no_packets)[-1] == CallEnded(CALL, 44, None, EndedBy.NETWORK)
    # The event stream may have been down when the call began and when its end was asked for.
    assert told(normal) == [CallEnded(CALL, 16, None, EndedBy.UNKNOWN)]


def test_keys_recordings_and_helper_channels() -> None:
    recording = {
        "type": "RecordingFinished",
        "recording": {"name": "a", "target_uri": f"channel:rec-{ID}", "duration": 3},
    }
    helper = {"type": "StasisStart", "timestamp": AT, "channel": {"id": f"rec-{ID}"}}

    assert told(channel("ChannelDtmfReceived", digit="#")) == [DigitPressed(CALL, "#")]
    assert told(recording) == [Recorded(CALL, "a", 3.0)]
    assert told(helper) == [Entered(f"rec-{ID}")]
    assert told({"type": "ApplicationReplaced"}) == [Replaced()]
    assert told({"type": "ChannelVarset", "channel": {"id": ID}}) == []


def test_how_a_call_went_is_remembered() -> None:
    mapper = EventMapper()
    for event in (dial("RINGING"), channel("StasisStart", "Up")):
        mapper.feed(event)
    assert mapper.state_of({"id": ID, "state": "Up"}) is AttemptState.ANSWERED
    assert mapper.finished(CALL) is None
    mapper.feed(channel("ChannelDestroyed", "Up", cause=16))

    finished = mapper.finished(CALL)
    assert isinstance(finished, Finished)
    assert finished.reached is AttemptState.ANSWERED
    assert finished.answered_at == finished.ended_at
    assert finished.ended_at.isoformat() == "2026-11-20T11:00:31.076000+00:00"


def test_a_gap_forgets_what_ended_unseen() -> None:
    mapper = EventMapper()
    mapper.feed(dial("RINGING"))

    assert mapper.resync([CALL]) == frozenset()
    assert mapper.resync([]) == {CALL}
    assert not mapper.known(CALL)


def test_only_plain_uuids_are_calls() -> None:
    assert call_of(ID) == CALL
    for name in (f"rec-{ID}", f"media-{ID}-1", "switch-1795163654.0", "", "z" * 36):
        assert call_of(name) is None
