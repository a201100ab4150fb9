from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from robot.audio import FRAME_S
from robot.endpointing import SpeechEnded, SpeechStarted, TurnDetector, TurnEvent, TurnRules

verdicts = st.lists(st.booleans(), max_size=150)
# Runs of equal verdicts, as real speech has; independent coin flips would rarely make a turn.
spans = st.lists(st.tuples(st.booleans(), st.integers(1, 50)), max_size=10).map(
    lambda runs: [speech for speech, length in runs for _ in range(length)]
)


def run(
    detector: TurnDetector, speech: Iterable[bool], start_s: float = 0.0
) -> list[tuple[float, TurnEvent]]:
    """Events with the time they became known (end of the deciding frame)."""
    return [
        (start_s + (n + 1) * FRAME_S, event)
        for n, verdict in enumerate(speech)
        for event in detector.push(start_s + n * FRAME_S, speech=verdict)
    ]


def frames_of(*runs: tuple[int, bool]) -> list[bool]:
    return [speech for ms, speech in runs for _ in range(ms // 20)]


def test_an_answer_starts_after_its_minimum_and_ends_after_the_silence() -> None:
    events = run(TurnDetector(), frames_of((200, False), (400, True), (1000, False)))
    (known_start, started), (known_end, ended) = events
    assert isinstance(started, SpeechStarted)
    assert isinstance(ended, SpeechEnded)
    assert [started.at_s, known_start] == pytest.approx([0.2, 0.28])
    assert [ended.at_s, known_end] == pytest.approx([0.6, 1.1])


@pytest.mark.parametrize("silence_ms", [300, 500, 1000])
def test_each_question_has_its_own_patience(silence_ms: int) -> None:
    rules = TurnRules(end_silence_ms=silence_ms)
    speech = frames_of((400, True), (silence_ms - 20, False), (400, True), (2000, False))
    events = run(TurnDetector(rules), speech)
    assert [type(event) for _, event in events] == [SpeechStarted, SpeechEnded]
    known_at, ended = events[1]
    assert known_at - ended.at_s == pytest.approx(silence_ms / 1000)


def test_clicks_do_not_start_a_turn() -> None:
    assert run(TurnDetector(), frames_of((60, True), (60, False)) * 20) == []


def test_the_beginning_of_a_prompt_cannot_be_interrupted() -> None:
    detector = TurnDetector()
    detector.prompt_started(0.0)
    events = run(detector, frames_of((700, True), (1000, False)))
    assert events == []


def test_barge_in_needs_ten_frames_of_twelve_in_its_window() -> None:
    detector = TurnDetector()
    detector.prompt_started(0.0)
    (known_at, started), *_ = run(detector, frames_of((1000, True)))
    assert isinstance(started, SpeechStarted)
    assert started.at_s == pytest.approx(0.6)
    assert known_at == pytest.approx(0.8)


@given(st.lists(st.booleans(), min_size=12, max_size=200))
def test_barge_in_follows_the_vote(speech: list[bool]) -> None:
    detector = TurnDetector(TurnRules(barge_after_ms=0))
    detector.prompt_started(0.0)
    first = next((at for at, event in run(detector, speech)), None)
    expected = next(
        (
            (n + 1) * FRAME_S
            for n in range(len(speech))
            if speech[n] and sum(speech[max(0, n - 11) : n + 1]) >= 10
        ),
        None,
    )
    assert first == (None if expected is None else pytest.approx(expected))


def test_a_prompt_that_must_be_heard_is_never_interrupted() -> None:
    detector = TurnDetector(TurnRules(barge_in=False))
    detector.prompt_started(0.0)
    assert run(detector, [True] * 500) == []


def test_an_answer_over_the_prompts_end_counts_from_its_tail() -> None:
    detector = TurnDetector(TurnRules(barge_in=False))
    detector.prompt_started(0.0)
    assert run(detector, [True] * 50) == []
    detector.prompt_ended(1.0)
    (_, started), *_ = run(detector, [True] * 5, start_s=1.0)
    assert isinstance(started, SpeechStarted)
    assert started.at_s == pytest.approx(0.7)


def test_speech_before_the_prompt_is_no_vote_against_it() -> None:
    detector = TurnDetector(TurnRules(barge_after_ms=0, min_speech_ms=10_000))
    run(detector, [True] * 12)
    detector.prompt_started(0.24)
    ((known_at, started),) = run(detector, [True] * 20, start_s=0.24)
    assert isinstance(started, SpeechStarted)
    assert [started.at_s, known_at] == pytest.approx([0.24, 0.44])


def test_rules_change_while_a_turn_is_open() -> None:
    detector = TurnDetector(TurnRules(end_silence_ms=300))
    run(detector, [True] * 10)
    assert detector.next_deadline_s == pytest.approx(0.5)
    detector.use(TurnRules(end_silence_ms=1000, barge_window=20))
    assert detector.next_deadline_s == pytest.approx(1.2)
    assert detector.speaking


def test_without_frames_the_deadline_ends_the_turn() -> None:
    detector = TurnDetector()
    run(detector, [True] * 10)
    deadline = detector.next_deadline_s
    assert deadline is not None
    assert deadline == pytest.approx(0.7)
    assert detector.tick(0.69) == ()
    (ended,) = detector.tick(deadline)
    assert isinstance(ended, SpeechEnded)
    assert ended.at_s == pytest.approx(0.2)
    assert detector.next_deadline_s is None
    assert detector.tick(99) == ()


def test_lost_frames_break_a_run_but_not_a_turn() -> None:
    detector = TurnDetector()
    assert run(detector, [True] * 3) == []
    assert run(detector, [True] * 3, start_s=0.2) == []
    assert len(run(detector, [True] * 4, start_s=0.26)) == 1
    assert detector.push(0.7, speech=True) == ()
    (ended,) = detector.push(2.0, speech=True)
    assert isinstance(ended, SpeechEnded)
    assert ended.at_s == pytest.approx(0.72)


@given(spans, st.integers(100, 1500), st.booleans())
def test_turns_alternate_and_never_overlap(
    speech: Sequence[bool], silence_ms: int, prompt: bool
) -> None:
    detector = TurnDetector(TurnRules(end_silence_ms=silence_ms))
    if prompt:
        detector.prompt_started(0.0)
    events = run(detector, speech)
    for n, (known_at, event) in enumerate(events):
        assert isinstance(event, SpeechStarted if n % 2 == 0 else SpeechEnded)
        assert event.at_s <= known_at
    times = [event.at_s for _, event in events]
    assert times == sorted(times)
    assert detector.speaking == bool(len(events) % 2)


@given(spans, st.lists(st.integers(0, 3000), max_size=40))
def test_extra_ticks_between_frames_change_nothing(speech: list[bool], ticks: list[int]) -> None:
    plain = TurnDetector()
    expected = [event for _, event in run(plain, speech)]
    detector = TurnDetector()
    events: list[TurnEvent] = []
    for n, verdict in enumerate(speech):
        for tick in (t / 1000 for t in ticks if n * 20 < t <= n * 20 + 20):
            events += detector.tick(min(tick, n * FRAME_S))
        events += detector.push(n * FRAME_S, speech=verdict)
    assert events == expected


@given(spans, st.integers(0, 10**6))
def test_only_differences_of_time_matter(speech: list[bool], shift_s: int) -> None:
    here = run(TurnDetector(), speech)
    there = run(TurnDetector(), speech, start_s=float(shift_s))
    assert [replace(e, at_s=round(e.at_s - shift_s, 6)) for _, e in there] == [
        replace(e, at_s=round(e.at_s, 6)) for _, e in here
    ]


@given(spans)
def test_every_turn_ends_in_the_end(speech: list[bool]) -> None:
    detector = TurnDetector()
    events = run(detector, [*speech, *[False] * 25])
    assert not detector.speaking
    assert len(events) % 2 == 0
