"""The people of the demo: they answer a survey sensibly, by key or by voice."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from kernel.phone import PhoneNumber
from robot.tts import Speech
from runtime.product import World
from runtime.voices import render_voices
from telephony_adapter.simulated.people import Callee, Outcome
from telephony_adapter.simulated.population import Habits, Mix, Respondent, SeededPopulation

SEED = 20
#: Said to the robot; the small hearing model knows these words.
WORDS = ("是的", "不是", "one", "two", "three", "four", "five", "别打了")

_MIX = Mix(
    answer=0.56,
    no_answer=0.1,
    busy=0.09,
    reject=0.05,
    empty_number=0.06,
    power_off=0.05,
    voicemail=0.06,
    network_failure=0.03,
)
#: Somebody who talks with an agent does so for about this long.
_TALK_S = 7.0
#: Nobody in a demo of two minutes lets a telephone ring for longer.
_LONGEST_RING_S = 12.0
_KEYS_SHARE = 0.55
_OPT_OUT_SHARE = 0.06
_REFUSE_SHARE = 0.12
_SCORE_WEIGHTS = (1, 1, 2, 4, 4)


class SurveyPeople:
    """`Population`: as drawn by `SeededPopulation`, but with answers that fit the questions."""

    def __init__(self) -> None:
        self._drawn = SeededPopulation(SEED, _MIX, Habits(talk_s=_TALK_S, hasty_share=0.04))

    def callee(self, number: PhoneNumber, attempt_no: int) -> Callee:
        """See `Population`."""
        callee = self._drawn.callee(number, attempt_no)
        if callee.person is None:
            return callee
        callee = replace(callee, ring_s=min(callee.ring_s, _LONGEST_RING_S))
        if callee.outcome is not Outcome.ANSWER or not isinstance(callee.person, Respondent):
            return callee
        rng = Random(f"{SEED}/survey/{number.e164}")
        respondent = Respondent(
            _replies(rng),
            think_s=rng.uniform(0.6, 1.2),
            patience_s=8.0,
            talk_s=max(3.0, rng.gammavariate(2.0, _TALK_S / 2)),
        )
        return replace(callee, person=respondent)


def _replies(rng: Random) -> tuple[str, ...]:
    """Consent, score, solved, and whether to talk to somebody: keys or words."""
    by_key = rng.random() < _KEYS_SHARE
    yes, no = ("1", "2") if by_key else ("是的", "不是")
    if rng.random() < _OPT_OUT_SHARE:
        return ("9" if by_key else "别打了",)
    if rng.random() < _REFUSE_SHARE:
        return (no,)
    score = rng.choices(range(1, 6), _SCORE_WEIGHTS)[0]
    said = str(score) if by_key else ("one", "two", "three", "four", "five")[score - 1]
    solved = yes if rng.random() < score / 5 else no
    return (yes, said, solved, rng.choice((yes, no)))


async def make_world(speech: Speech) -> World:
    """The demo's people with their voices."""
    return World(SurveyPeople(), await render_voices(speech, WORDS))
