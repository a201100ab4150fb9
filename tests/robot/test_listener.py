from __future__ import annotations

import numpy as np
import pytest

from kernel.media import FRAME_SAMPLES, Samples
from robot.hearing import KeysOnlyHearing
from robot.listener import (
    TALK_OVER_S,
    CallerBegan,
    CallerDone,
    Listener,
    MachineAnswered,
    MessageDue,
    Noticed,
)
from scripts_dsl import Listen, Say, Text
from telephony_adapter.simulated.voices import tone
from tests.robot.scripted_line import FRAME_S
from tests.robot.toy_senses import ToyEar, voiced, word

QUESTION = Listen(("red", "blue"), frozenset("12"), 1, 5.0, 500, 3.0)
ANY_TIME = Listen(("stop",), frozenset("9"), 1, None, 500, 3.0)


class Bench:
    """Feeds a listener sound after sound and keeps what it noticed, with times."""

    def __init__(self, ear: ToyEar | KeysOnlyHearing | None = None) -> None:
        self.ear = ToyEar() if ear is None else ear
        self.listener = Listener(self.ear, "en", 0.0)
        self.now_s = 0.0
        self.noticed: list[tuple[float, Noticed]] = []

    def hear(self, *sounds: Samples, played: Samples | None = None) -> Bench:
        sound = np.concatenate(sounds)
        noise = np.random.default_rng(1).normal(0, 8, len(sound)).astype(np.int16)
        frames = (sound + noise)[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES]
        for frame in frames.reshape(-1, FRAME_SAMPLES):
            self.now_s += FRAME_S
            found = self.listener.push(frame, self.now_s, played)
            self.noticed += [(self.now_s, item) for item in found]
        return self

    @property
    def kinds(self) -> list[str]:
        return [type(item).__name__ for _, item in self.noticed]

    @property
    def texts(self) -> list[str | None]:
        done = [item.heard for _, item in self.noticed if isinstance(item, CallerDone)]
        return [None if heard is None else heard.text for heard in done]


def pause(seconds: float) -> Samples:
    return np.zeros(round(seconds * 8000), np.int16)


def test_a_word_is_heard_whole_though_its_turn_is_noticed_later() -> None:
    bench = Bench()
    bench.listener.listen(QUESTION)
    bench.hear(pause(1.0), word("red"), pause(0.7))
    (began_s, began), (done_s, done) = bench.noticed
    assert isinstance(began, CallerBegan)
    assert began_s == pytest.approx(1.1, abs=0.05)
    assert isinstance(done, CallerDone)
    assert done_s == pytest.approx(2.0, abs=0.1)
    assert bench.texts == ["red"]


@pytest.mark.parametrize("ear", [ToyEar(), KeysOnlyHearing()])
def test_where_speech_counts_for_nothing_it_interrupts_nothing(
    ear: ToyEar | KeysOnlyHearing,
) -> None:
    bench = Bench(ear)
    if isinstance(ear, KeysOnlyHearing):
        bench.listener.listen(QUESTION)
    bench.hear(pause(1.0), word("red"), pause(0.7))
    assert bench.kinds == ["CallerDone"]
    assert bench.texts == [None]


def test_an_answer_does_not_count_for_the_next_question() -> None:
    bench = Bench()
    bench.listener.listen(QUESTION)
    bench.hear(pause(1.0), word("red")[:2400])
    bench.listener.stop()
    bench.listener.listen(QUESTION)
    bench.hear(word("red")[2400:], pause(0.7))
    assert bench.texts == [None]


def test_what_counts_at_any_time_counts_across_the_end_of_a_statement() -> None:
    bench = Bench()
    bench.listener.listen(ANY_TIME)
    bench.hear(pause(1.0), word("stop")[:2400])
    bench.listener.stop()
    bench.listener.listen(Listen(("red", "stop"), frozenset("19"), 1, 5.0, 500, 3.0))
    bench.hear(word("stop")[2400:], pause(0.7))
    assert bench.texts == ["stop"]


def test_after_stop_nothing_is_wanted() -> None:
    bench = Bench()
    bench.listener.listen(QUESTION)
    bench.hear(pause(1.0), word("red")[:2400])
    bench.listener.stop()
    bench.hear(word("red")[2400:], pause(0.7))
    assert bench.texts == [None]


def test_the_start_of_a_prompt_is_not_interrupted() -> None:
    bench = Bench()
    bench.listener.listen(QUESTION)
    say = Say("a#1", (Text("Red or blue?"),), "en", True, 600)
    bench.listener.prompt_began(say, 0.0)
    bench.hear(voiced(200.0, 0.5), pause(0.5))
    assert bench.kinds == []
    bench.hear(voiced(200.0, 0.5))
    assert bench.kinds == ["CallerBegan"]


def test_a_turn_ends_without_frames_too() -> None:
    bench = Bench()
    bench.listener.listen(QUESTION)
    bench.hear(pause(1.0), word("red"))
    due_s = bench.listener.deadline_s
    assert due_s == pytest.approx(bench.now_s + 0.5, abs=0.1)
    assert due_s is not None
    assert bench.listener.tick(due_s - 0.01) == ()
    (done,) = bench.listener.tick(due_s)
    assert isinstance(done, CallerDone)
    assert bench.listener.deadline_s is None


def test_endless_talk_is_judged_again_and_again() -> None:
    bench = Bench()
    bench.listener.caller_is_human()
    bench.listener.listen(QUESTION)
    bench.hear(voiced(200.0, 2 * TALK_OVER_S + 1))
    assert bench.kinds[:4] == ["CallerBegan", "CallerDone", "CallerBegan", "CallerDone"]
    assert bench.texts == ["", ""]


def test_a_long_greeting_is_a_machine_and_the_message_waits_for_its_end() -> None:
    bench = Bench()
    bench.hear(voiced(200.0, 6.0))
    (found_s, found) = bench.noticed[0]
    assert isinstance(found, MachineAnswered)
    assert found_s == pytest.approx(3.6, abs=0.2)
    assert bench.listener.machine_greets
    bench.noticed.clear()
    bench.hear(pause(3.0))
    due = [at_s for at_s, item in bench.noticed if isinstance(item, MessageDue)]
    assert due == [pytest.approx(7.5, abs=0.1)]
    assert not bench.listener.machine_greets


def test_after_a_short_greeting_the_beep_gives_the_machine_away() -> None:
    bench = Bench().hear(voiced(200.0, 1.0), pause(1.0))
    assert "MachineAnswered" not in bench.kinds
    bench.hear(tone(1000, 0.5), pause(0.5))
    machine = [(at, item) for at, item in bench.noticed if not isinstance(item, CallerDone)]
    assert [type(item) for _, item in machine] == [MachineAnswered, MessageDue]
    assert machine[1][0] == pytest.approx(2.5, abs=0.06)


def test_who_has_answered_once_is_no_machine() -> None:
    bench = Bench()
    bench.listener.caller_is_human()
    bench.hear(voiced(200.0, 6.0), tone(1000, 0.5), pause(2.0))
    assert set(bench.kinds) == {"CallerDone"}


def test_the_robots_echo_opens_no_turn_and_is_no_greeting() -> None:
    bench = Bench()
    bench.listener.listen(QUESTION)
    bench.listener.prompt_began(Say("a#1", (), "en", True, 600), 0.0)
    # Loud enough to be taken for a machine's greeting by whoever does not know the prompt.
    echo = (voiced(200.0, 6.0) * 0.2).astype(np.int16)
    bench.hear(echo, played=voiced(200.0, 1.0)[:FRAME_SAMPLES])
    assert bench.kinds == []
    assert Bench().hear(echo).kinds == ["MachineAnswered"]
