from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernel.errors import InputError, UnavailableError
from robot.audio import level_dbfs
from robot.hearing import VoskHearing
from robot.tts import LONGEST_TEXT, Pyttsx3Speech, SpeechOptions, Voice, speakable
from tests.robot.test_hearing import listen

GREETING = """
import json, sys
print(json.dumps({"ready": "test"}), flush=True)
"""
BAD_WORKERS = {
    "dies at once": ("sys.exit(3)", "without a word"),
    "complains and dies": ("sys.exit('no sound card')", "no sound card"),
    "hangs": ("sys.stdin.read()", "no sound after"),
    "babbles": ("print('Audio saved', flush=True); sys.stdin.read()", "out of turn"),
    "counts": ("print(3, flush=True); sys.stdin.read()", "out of turn"),
    "closes its ears": ("sys.stdin.close(); import os; os.close(0); print('{}', flush=True)", ""),
    "promises a file": (
        "r = json.loads(sys.stdin.readline());"
        "print(json.dumps({'path': r['path']}), flush=True); sys.stdin.read()",
        "no such file",
    ),
}


def quick(program: str) -> Pyttsx3Speech:
    return Pyttsx3Speech(SpeechOptions(deadline_s=0.5), (sys.executable, "-c", program))


def gone(folder: str) -> bool:
    return not Path(folder).exists()


async def test_speaks_both_languages_so_that_the_model_understands(hearing: VoskHearing) -> None:
    async with Pyttsx3Speech() as speech:
        for text, voice in [
            ("yes", Voice("en", "f5")),
            ("no", Voice("en", "m7")),
            ("是的", Voice("zh", "f2")),
            ("不是", Voice("zh", "m5")),
        ]:
            audio = await speech.synthesize(text, voice)
            assert audio.rate_hz == 8000
            assert 0.3 < audio.duration_s < 1.5
            recognizer = hearing.start(("yes", "no", "是的", "不是"), voice.language)
            assert listen(recognizer, audio.samples).text == text


async def test_mandarin_is_read_as_mandarin_not_letter_by_letter() -> None:
    async with Pyttsx3Speech() as speech:
        audio = await speech.synthesize("您好，这里是市民服务热线，请问您现在方便吗", Voice("zh"))
    # Twenty syllables; eSpeak 1.51 would spell them for more than seven seconds.
    assert 3.0 < audio.duration_s < 6.0


async def test_many_texts_in_a_row_all_sound() -> None:
    """Settings still under way in eSpeak's thread once made one file of five empty."""
    async with Pyttsx3Speech() as speech:
        for n in range(60):
            voice = Voice("zh", rate_wpm=180 + n) if n % 2 else Voice("en", pitch=20 + n)
            audio = await speech.synthesize(f"number {n}", voice)
            assert audio.duration_s > 0.4
            assert level_dbfs(audio.samples) > -40


async def test_texts_at_the_same_time_do_not_mix() -> None:
    short, long = "yes", "please tell me whether the matter was settled to your satisfaction"
    async with Pyttsx3Speech() as speech:
        sounds = await asyncio.gather(
            *(speech.synthesize(text, Voice("en")) for text in [short, long] * 4)
        )
    assert all(audio.duration_s < 1 for audio in sounds[::2])
    assert all(audio.duration_s > 3 for audio in sounds[1::2])


async def test_a_caller_who_leaves_does_not_disturb_the_next() -> None:
    long = "please tell me whether the matter was settled " * 10
    async with Pyttsx3Speech() as speech:
        await speech.version()
        for _ in range(5):
            leaving = asyncio.ensure_future(speech.synthesize(long, Voice("en")))
            done, _ = await asyncio.wait([leaving], timeout=0.002)
            assert not done
            leaving.cancel()
            audio = await speech.synthesize("yes", Voice("en"))
            assert audio.duration_s < 1


async def test_a_killed_worker_is_replaced_and_the_text_spoken() -> None:
    async with Pyttsx3Speech() as speech:
        before = await speech.version()
        first = speech._worker
        assert first is not None
        first._process.kill()
        audio = await speech.synthesize("yes", Voice("en"))
        assert audio.duration_s > 0.3
        assert speech._worker is not first
        assert await speech.version() == before
        assert gone(first._scratch.name)


@pytest.mark.parametrize("name", BAD_WORKERS)
async def test_a_worker_that_fails_twice_is_reported_with_its_last_words(name: str) -> None:
    program, reason = BAD_WORKERS[name]
    async with quick(GREETING + program) as speech:
        with pytest.raises(UnavailableError, match=f"failed twice: .*{reason}"):
            await speech.synthesize("yes", Voice("en"))
        assert speech._worker is None


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import sys; sys.stdin.read()", "no greeting"),
        ("print('{}')", "introduce"),
        ("raise RuntimeError('no library')", "no library"),
    ],
)
async def test_a_worker_that_does_not_start_is_reported(program: str, reason: str) -> None:
    speech = Pyttsx3Speech(SpeechOptions(start_s=0.5), (sys.executable, "-c", program))
    with pytest.raises(UnavailableError, match=reason):
        await speech.version()
    await speech.aclose()


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.1, 0.3])
async def test_a_caller_may_leave_at_any_moment(after_s: float) -> None:
    """Nothing may be left for the garbage collector to warn about."""
    options = SpeechOptions(deadline_s=0.1, start_s=0.1)
    command = (sys.executable, "-c", GREETING + "sys.stdin.read()")
    async with Pyttsx3Speech(options, command) as speech:
        leaving = asyncio.ensure_future(speech.synthesize("yes", Voice("en")))
        await asyncio.wait([leaving], timeout=after_s)
        leaving.cancel()
        with contextlib.suppress(asyncio.CancelledError, UnavailableError):
            await leaving
    assert len(speech._endings) == 0


async def test_a_worker_program_that_is_missing_is_unavailable() -> None:
    speech = Pyttsx3Speech(command=("/nonexistent/python",))
    with pytest.raises(UnavailableError, match="cannot be started"):
        await speech.synthesize("yes", Voice("en"))


async def test_an_unknown_voice_is_the_users_error_and_the_next_text_is_spoken() -> None:
    async with Pyttsx3Speech() as speech:
        with pytest.raises(InputError, match="no variant nobody"):
            await speech.synthesize("yes", Voice("en", "nobody"))
        assert (await speech.synthesize("yes", Voice("en"))).duration_s > 0.3


async def test_nothing_to_say_is_silence_without_a_worker() -> None:
    speech = Pyttsx3Speech(command=("/nonexistent/python",))
    audio = await speech.synthesize(" \n\u200b\x01 ", Voice("zh"))
    assert np.array_equal(audio.samples, np.zeros(0, np.int16))


async def test_markup_and_commands_are_read_not_obeyed() -> None:
    async with Pyttsx3Speech() as speech:
        plain = await speech.synthesize("yes", Voice("en"))
        pause = await speech.synthesize('yes<break time="9s"/>', Voice("en"))
        # Ctrl-A 300S would be eSpeak's command for another pace.
        command = await speech.synthesize("\x01300S yes", Voice("en"))
    assert plain.duration_s < pause.duration_s < 9
    assert command.duration_s > plain.duration_s + 0.5


@given(st.text())
def test_speakable_text_has_no_control_characters_and_stays_so(text: str) -> None:
    clean = speakable(text)
    assert all(ch.isprintable() or ord(ch) > 0x2FF for ch in clean)
    assert speakable(clean) == clean


def test_a_text_beyond_the_limit_is_refused() -> None:
    assert len(speakable("好" * LONGEST_TEXT)) == LONGEST_TEXT
    with pytest.raises(InputError, match="1001 characters"):
        speakable("好" * (LONGEST_TEXT + 1))


@pytest.mark.parametrize(
    "values",
    [
        {"language": "fr"},
        {"language": "en", "variant": "../../etc"},
        {"language": "en", "rate_wpm": 0},
        {"language": "en", "pitch": 100},
    ],
)
def test_a_voice_cannot_be_made_wrong(values: dict[str, object]) -> None:
    with pytest.raises(InputError, match="voice"):
        Voice(**values)  # type: ignore[arg-type]  # wrong on purpose
