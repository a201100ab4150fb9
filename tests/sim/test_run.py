from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from campaigns.campaign import Mode
from sim.run import SimulationPlan, simulate
from tests.sim.torture import DATABASE, DEATHS, LINE, calm, tortured

_DIGEST = """
import logging, structlog
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
from sim.run import simulate
from tests.sim.torture import tortured
print(simulate(tortured(5, hours=0.25)).digest)
"""


def _digest_elsewhere(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", _DIGEST], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_a_seed_plays_the_same_in_every_process_and_no_other_seed_does() -> None:
    digests = [
        _digest_elsewhere("1"),
        _digest_elsewhere("2"),
        simulate(tortured(5, hours=0.25)).digest,
        simulate(tortured(5, hours=0.25)).digest,
    ]
    assert len(set(digests)) == 1
    assert simulate(tortured(6, hours=0.25)).digest not in digests


def test_an_hour_of_predictive_dialing_keeps_every_promise() -> None:
    report = simulate(SimulationPlan(seed=3, hours=1.0, agents=10))
    assert report.violations == []
    assert report.invites > 500
    assert report.answered > 250
    assert sum(report.results.values()) == report.invites
    assert report.kills == 0
    assert 0.5 < report.occupancy < 1.0
    assert report.abandon_ratio < 0.06


def test_an_hour_of_everything_going_wrong_keeps_every_promise() -> None:
    plan = SimulationPlan(
        seed=4, hours=1.0, agents=10, faults=LINE, store_faults=DATABASE, disasters=DEATHS
    )
    report = simulate(plan)
    assert report.violations == []
    assert report.kills > 10
    assert report.invites > 200
    assert sum(report.results.values()) >= report.invites


@pytest.mark.parametrize("seed", range(10, 14))
@pytest.mark.parametrize("mode", [Mode.PREVIEW, Mode.PROGRESSIVE])
def test_bad_days_on_many_seeds(mode: Mode, seed: int) -> None:
    report = simulate(tortured(seed, mode, hours=0.3))
    assert report.violations == []
    assert report.invites > 40


@pytest.mark.parametrize("seed", range(20, 22))
def test_bad_days_with_a_switch_that_forgets(seed: int) -> None:
    assert simulate(replace(tortured(seed, hours=0.4), records=False)).violations == []


def test_every_name_of_a_short_list_is_tried() -> None:
    report = simulate(replace(calm(7), names=12, hours=0.7))
    assert report.violations == []
    assert 12 <= report.invites <= 36
    assert sum(report.results.values()) == report.invites


def test_how_long_silence_may_last_depends_on_what_goes_wrong() -> None:
    plan = calm(1)
    assert plan.voice_within_s == pytest.approx(2.5)
    assert replace(plan, faults=LINE).voice_within_s == pytest.approx(12.0)
    assert replace(plan, disasters=DEATHS).voice_within_s == pytest.approx(42.0)
