from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kernel.phone import PhoneNumber
from runtime.demo_world import WORDS, SurveyPeople
from scripts_dsl import Heard, Key, PromptDone, begin, compile_script, step
from telephony_adapter.simulated.people import (
    Callee,
    Outcome,
    PickedUp,
    Press,
    Speak,
    SpeechOver,
)
from telephony_adapter.simulated.population import Respondent

SCRIPT = Path(__file__).parents[2] / "demo" / "scripts" / "satisfaction.call"
NUMBERS = [PhoneNumber(f"+86139{n:08d}") for n in range(400)]


def replies(callee: Callee) -> list[str]:
    """What the person presses or says, question by question."""
    person = callee.person
    assert isinstance(person, Respondent)
    person.react(PickedUp(), 0.0)
    found = []
    for turn in range(1, 20):
        plan = person.react(SpeechOver(), 100.0 * turn) or ()
        found += [
            action.digits if isinstance(action, Press) else action.word
            for action in plan
            if isinstance(action, Press | Speak)
        ]
    return found


def survey_takers() -> list[Callee]:
    callees = [SurveyPeople().callee(number, 1) for number in NUMBERS]
    return [c for c in callees if c.outcome is Outcome.ANSWER and isinstance(c.person, Respondent)]


def test_the_same_number_is_always_the_same_person() -> None:
    for number in NUMBERS[:50]:
        one, other = (SurveyPeople().callee(number, 1) for _ in range(2))
        assert (one.outcome, one.ring_s) == (other.outcome, other.ring_s)
        if isinstance(one.person, Respondent):
            assert replies(one) == replies(other)


def test_every_kind_of_outcome_is_met() -> None:
    met = Counter(SurveyPeople().callee(number, 1).outcome for number in NUMBERS)
    assert set(met) == set(Outcome)
    assert met[Outcome.ANSWER] > len(NUMBERS) / 3


def test_nobody_who_answers_rings_longer_than_the_demo_has_time() -> None:
    callees = [SurveyPeople().callee(number, 1) for number in NUMBERS]
    assert max(c.ring_s for c in callees if c.person is not None) <= 12.0


def test_people_use_keys_or_words_never_both() -> None:
    takers = [replies(callee) for callee in survey_takers()]
    by_key = [all(reply.isdigit() for reply in said) for said in takers]
    by_voice = [all(reply in WORDS for reply in said) for said in takers]
    assert all(key != voice for key, voice in zip(by_key, by_voice, strict=True))
    assert 0.3 < sum(by_key) / len(takers) < 0.8


def gathered(said: list[str]) -> dict[str, str]:
    """What the demo's script has noted when somebody who answers so has hung up."""
    program = compile_script(SCRIPT.read_text(encoding="utf-8"), SCRIPT.name)
    state, _ = begin(program, {"name": "王芳"}, "zh")
    for reply in said:
        while state.playing and not state.ended:
            state, _ = step(program, state, PromptDone(state.playing))
        event = Key(reply) if reply.isdigit() else Heard(reply, 0.9)
        state, _ = step(program, state, event)
    return dict(state.columns)


@pytest.mark.parametrize("by_voice", [False, True])
def test_the_script_understands_everybody(by_voice: bool) -> None:
    takers = [r for c in survey_takers() if (r := replies(c))[0].isdigit() is not by_voice]
    willing = [said for said in takers if len(said) == 4]
    assert willing
    for said in willing:
        noted = gathered(said)
        assert noted["consent"] == "yes"
        assert {"score", "solved"} <= noted.keys()
