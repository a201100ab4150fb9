"""Whatever a caller does, the conversation ends, keeps what it learned and leaves nothing over."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings, strategies as st

from tests.robot.scripted_line import ScriptedLine
from tests.robot.stage import Stage, call, demo
from tests.robot.toy_senses import voiced

WORDS = ("yes", "no", "stop", "agent", "repeat", "one", "five")
OUTCOMES = {
    "completed",
    "refused",
    "opted-out",
    "call-back",
    "no-answer",
    "not-understood",
    "hung-up",
    "machine",
    "limit",
}
#: Nobody does anything for longer than this without the robot asking again or giving up.
LONGEST_S = 20 * (9.0 + 8.0 + 5.0)

Deed = Callable[[ScriptedLine], object]


def press(keys: str) -> Deed:
    return lambda line: line.press(keys)


def say(text: str) -> Deed:
    return lambda line: line.say(text)


def mumble(tenths: int) -> Deed:
    return lambda line: line.sound(voiced(220.0, tenths / 10))


deeds = st.lists(
    st.tuples(
        st.floats(0.0, 6.0),
        st.one_of(
            st.builds(press, st.text("0123456789*#", min_size=1, max_size=3)),
            st.builds(say, st.sampled_from(WORDS)),
            st.builds(mumble, st.integers(1, 50)),
        ),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(deeds=deeds, hangs_up_s=st.none() | st.floats(0.0, 60.0))
def test_every_call_ends_well(deeds: list[tuple[float, Deed]], hangs_up_s: float | None) -> None:
    async def caller(line: ScriptedLine) -> None:
        if hangs_up_s is not None:
            line.tasks.start("hang up", hang_up(line, hangs_up_s))
        for pause_s, deed in deeds:
            await line.wait(pause_s)
            deed(line)

    async def hang_up(line: ScriptedLine, at_s: float) -> None:
        await line.at(at_s)
        line.hang_up()

    played = call(Stage(demo("satisfaction"), limit_s=LONGEST_S), caller)

    assert played.error is None
    assert played.report is not None
    assert played.report.outcome in OUTCOMES
    assert played.journal.outcome == played.report.outcome
    assert sorted(played.journal.turns) == list(range(1, len(played.journal.turns) + 1))
    assert bool(played.journal.opt_outs) >= (played.report.outcome == "opted-out")
    if hangs_up_s is not None:
        assert played.ended_s <= max(hangs_up_s, 0.0) + 0.25
    for name, answer in played.journal.answers.items():
        assert answer.value in {"score": "12345", "solved": ("yes", "no")}[name]
        assert played.journal.results[name] == answer.value
