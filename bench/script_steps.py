"""Compiling a script, and a conversation's steps through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench.figures import Figure, by_turns
from scripts_dsl import Event, Key, Program, PromptDone, begin, compile_script, step

SCRIPT = Path(__file__).parents[1] / "demo" / "scripts" / "satisfaction.call"
#: Consent, score, solved.
KEYS = "141"
ROUNDS = 5


def measure(quick: bool) -> Sequence[Figure]:  # noqa: FBT001 - the one switch of every measurement
    source = SCRIPT.read_text(encoding="utf-8")
    program = compile_script(source, SCRIPT.name)
    steps = play(program)
    times = 200 if quick else 1_000
    works: dict[str, Callable[[], object]] = {
        "compile": partial(compile_script, source, SCRIPT.name),
        "calls": lambda: [play(program) for _ in range(times)],
    }
    took = by_turns(works, ROUNDS)
    return (
        Figure(
            "compiling a script",
            1e3 * took["compile"],
            "ms",
            f"{len(source.splitlines())} lines; once for each published version",
        ),
        Figure(
            "one step of a conversation",
            1e6 * took["calls"] / times / steps,
            "us",
            f"{steps} steps to the end of the survey, median of {ROUNDS}",
        ),
    )


def play(program: Program) -> int:
    """Hear every prompt, press every key; return the number of steps until the script's end."""
    state, _ = begin(program, {"name": "王芳"}, "zh")
    steps, keys = 1, iter(KEYS)
    while not state.ended:
        event: Event = PromptDone(state.playing) if state.playing else Key(next(keys))
        state, _ = step(program, state, event)
        steps += 1
    return steps
