from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernel.clock import VirtualClock
from kernel.errors import UnavailableError
from kernel.media import FRAME_SAMPLES, RATE_HZ, MarkReached, Samples
from kernel.virtual_time import run_virtual
from robot.happenings import Happenings, LineGone, SoundBegan
from robot.mouth import Mouth, phrase_start
from robot.music import hold_music
from robot.rendering import Renderer
from scripts_dsl import Say, Text
from tests.robot.scripted_line import ScriptedLine
from tests.robot.stage import START
from tests.robot.toy_senses import ToyVoice, voiced

Play = Callable[["Bench"], Awaitable[None]]


class Bench:
    """A mouth on a line."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START, asyncio.get_running_loop())
        self.voice = ToyVoice()
        self.line = ScriptedLine(self.clock)
        self.happenings = Happenings("test")
        renderer = Renderer(self.voice, Path("/nonexistent"))
        self.mouth = Mouth(self.line, renderer, self.happenings, self.clock)
        self.happenings.start("media", self._read)
        self.marks: list[str] = []

    async def _read(self) -> None:
        async for event in self.line.events():
            if isinstance(event, MarkReached):
                self.marks.append(event.mark)


def on_bench(play: Play) -> Bench:
    async def run() -> Bench:
        bench = Bench()
        await play(bench)
        await bench.happenings.aclose()
        await bench.line.tasks.aclose()
        return bench

    return run_virtual(run())


def prompt(text: str, name: str = "a#1") -> Say:
    return Say(name, (Text(text),), "en", True, 600)


def test_a_mark_ends_the_prompt_and_no_other() -> None:
    async def play(bench: Bench) -> None:
        say = prompt("0123456789")
        await bench.mouth.say(say, 1.0)
        assert bench.mouth.playing is say
        assert await bench.happenings.next(1.0) == SoundBegan("a#1")
        await bench.line.at(0.95)
        assert bench.marks == []
        await bench.line.at(1.05)
        [mark] = bench.marks
        assert bench.mouth.finished("another") is None
        assert bench.mouth.finished(mark) is say
        assert bench.mouth.playing is None

    bench = on_bench(play)
    assert bench.line.spoke_between(0, 2) == pytest.approx(1.0, abs=0.05)


def test_a_prompt_without_sound_is_over_at_once() -> None:
    async def play(bench: Bench) -> None:
        await bench.mouth.say(prompt(""), 1.0)
        await bench.line.at(0.05)
        assert bench.mouth.finished(bench.marks[0]) is not None

    on_bench(play)


def test_a_paused_prompt_keeps_its_place_and_yields_only_once() -> None:
    async def play(bench: Bench) -> None:
        await bench.mouth.say(prompt("x" * 60), 1.0)
        await bench.line.at(4.0)
        assert bench.mouth.yields
        assert await bench.mouth.pause() == pytest.approx(2.0, abs=0.05)
        assert bench.mouth.paused
        assert bench.mouth.played_at(4.1) is None
        await bench.line.at(5.0)
        bench.mouth.resume()
        assert not bench.mouth.yields
        await bench.line.at(8.0)
        # The mark of the first stretch was flushed with it.
        [mark] = bench.marks
        assert bench.mouth.finished(mark) is not None

    bench = on_bench(play)
    assert bench.line.flushed_s == [4.0]
    assert bench.line.spoke_between(4.0, 5.0) == 0
    assert bench.line.spoke_between(5.0, 9.0) == pytest.approx(2.0, abs=0.05)


def test_a_pause_before_there_is_sound_delays_the_prompt() -> None:
    async def play(bench: Bench) -> None:
        bench.voice.delay_s = 0.5
        await bench.mouth.say(prompt("0123456789"), 1.0)
        await bench.line.at(0.2)
        assert await bench.mouth.pause() == float("inf")
        await bench.line.at(2.0)
        bench.mouth.resume()
        await bench.line.at(5.0)

    bench = on_bench(play)
    assert bench.line.spoke_between(0, 2.4) == 0
    assert bench.line.spoke_between(2.4, 5) == pytest.approx(1.0, abs=0.05)
    assert bench.line.flushed_s == []


def test_a_new_prompt_takes_the_place_of_the_old() -> None:
    async def play(bench: Bench) -> None:
        await bench.mouth.say(prompt("x" * 300), 1.0)
        await bench.line.at(1.0)
        await bench.mouth.say(prompt("0123456789", "b#2"), 1.0)
        await bench.line.at(4.0)
        assert [mark.split("/")[0] for mark in bench.marks] == ["b#2"]

    bench = on_bench(play)
    assert bench.line.flushed_s == [1.0]
    assert bench.line.spoke_between(0, 9) == pytest.approx(2.0, abs=0.05)


def test_what_the_line_plays_is_known_frame_by_frame() -> None:
    async def play(bench: Bench) -> None:
        await bench.mouth.say(prompt("x" * 20), 1.0)
        await bench.line.at(1.5)
        sound = voiced(100.0, 2.0)
        for at_s, frame in bench.line.played[:-2]:
            first = round(at_s * RATE_HZ)
            assert np.array_equal(frame, sound[first : first + FRAME_SAMPLES])
            known = bench.mouth.played_at(at_s + 0.02)
            assert known is not None
            assert np.array_equal(known, frame)
        assert bench.mouth.played_at(2.5) is None

    on_bench(play)


def test_music_has_no_hole_and_ends_at_once() -> None:
    async def play(bench: Bench) -> None:
        await bench.mouth.hum(hold_music())
        await bench.line.at(15.0)
        await bench.mouth.hush()
        await bench.line.at(17.0)

    bench = on_bench(play)
    times = [at_s for at_s, _ in bench.line.played]
    assert len(times) == pytest.approx(15 * 50, abs=1)


def test_speech_that_fails_or_dawdles_is_told() -> None:
    async def fails(bench: Bench) -> None:
        bench.voice.fails_from_text = "x"
        await bench.mouth.say(prompt("x"), 1.0)
        with pytest.raises(UnavailableError, match="failed twice"):
            await bench.happenings.next(1.0)

    async def dawdles(bench: Bench) -> None:
        bench.voice.delay_s = 9.0
        await bench.mouth.say(prompt("x"), 1.0)
        with pytest.raises(UnavailableError, match="no sound after 1 s"):
            await bench.happenings.next(2.0)
        assert bench.clock.monotonic() == pytest.approx(1.0)

    on_bench(fails)
    on_bench(dawdles)


def test_a_line_that_is_gone_is_told() -> None:
    async def play(bench: Bench) -> None:
        bench.line.broken = True
        await bench.mouth.say(prompt("x"), 1.0)
        assert await bench.happenings.next(1.0) == SoundBegan("a#1")
        assert await bench.happenings.next(1.0) == LineGone()

    on_bench(play)


def phrases(*seconds: float) -> Samples:
    """Sound and pause, in turn."""
    return np.concatenate([
        voiced(100.0, length) if place % 2 == 0 else np.zeros(round(length * RATE_HZ), np.int16)
        for place, length in enumerate(seconds)
    ])


def test_going_back_to_the_beginning_of_a_phrase() -> None:
    sound = phrases(1.0, 0.2, 1.0, 0.2, 5.0)
    assert phrase_start(sound, 0) == 0
    assert phrase_start(sound, 4000) == 0
    assert phrase_start(sound, 14000) == pytest.approx(1.2 * RATE_HZ, abs=2 * FRAME_SAMPLES)
    assert phrase_start(sound, 30000) == pytest.approx(2.4 * RATE_HZ, abs=2 * FRAME_SAMPLES)
    # The phrase began more than three seconds ago.
    assert phrase_start(sound, 55000) == 55000


@given(
    lengths=st.lists(st.floats(0.05, 2.0), min_size=1, max_size=6),
    share=st.floats(0.0, 1.0),
)
def test_nothing_is_left_out_and_little_repeated(lengths: list[float], share: float) -> None:
    sound = phrases(*lengths)
    reached = round(share * len(sound))
    start = phrase_start(sound, reached)
    assert max(0, reached - 3 * RATE_HZ) <= start <= reached
