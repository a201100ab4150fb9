from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from robot.tinymodel.export import Arc, fst_bytes, network_text, transition_model, word_graph
from robot.tinymodel.train import CONTEXT, Acoustics, States
from robot.tinymodel.vocabulary import WORDS


@pytest.fixture
def states() -> States:
    return States({w: 1 + 2 * n for n, w in enumerate(WORDS)}, dict.fromkeys(WORDS, 2))


def test_a_transducer_has_openfsts_binary_form() -> None:
    data = fst_bytes([[Arc(1, 2, 0.5, 1)], []], {1: 0.25})
    magic, length = struct.unpack_from("<ii", data)
    assert (magic, data[8 : 8 + length]) == (2125659606, b"vector")
    header = 8 + 6 + 4 + 8
    assert struct.unpack_from("<iiQqqq", data, header) == (2, 0, 3, 0, 2, 1)
    body = header + struct.calcsize("<iiQqqq")
    assert struct.unpack_from("<fq", data, body) == (float("inf"), 1)
    assert struct.unpack_from("<iifi", data, body + 12) == (1, 2, 0.5, 1)
    assert data[body + 28 :] == struct.pack("<fq", 0.25, 0)


def test_every_word_is_a_loop_through_all_its_states(states: States) -> None:
    graph = word_graph(states)
    assert [arc.write for arc in graph[0]] == list(range(len(WORDS) + 1))
    for word, entry in zip(WORDS, graph[0][1:], strict=True):
        here, passed = entry.to, []
        while here:
            stay, leave = graph[here]
            assert stay.to == here
            assert leave.read == stay.read + 1
            passed.append((stay.read - 1) // 2)
            here = leave.to
        assert passed == list(states.of(word))


def test_transition_ids_stay_below_the_disambiguation_symbol(states: States) -> None:
    highest = max(arc.read for arcs in word_graph(states) for arc in arcs)
    assert highest == 2 * states.count


def test_the_transition_model_counts_every_state_once() -> None:
    text = transition_model(3)
    assert "<ForPhones>\n1 2 3\n</ForPhones>" in text
    assert "<Triples> 3\n1 0 0\n2 0 1\n3 0 2\n</Triples>" in text
    assert text.count("-0.693147") == 6


def test_standardisation_is_folded_into_the_first_layer(states: States) -> None:
    rng = np.random.default_rng(5)
    inputs = 13 * (2 * CONTEXT + 1)
    weights = (rng.normal(size=(inputs, 4)), rng.normal(size=(4, states.count)))
    biases = (rng.normal(size=4), rng.normal(size=states.count))
    mean, deviation = rng.normal(size=13), rng.uniform(1, 3, 13)
    priors = np.full(states.count, 1 / states.count)
    text = network_text(Acoustics(states, mean, deviation, weights, biases, priors))
    first = text.split("<LinearParams>")[1].split("]")[0].split("[")[1]
    bias = text.split("<BiasParams>")[1].split("]")[0].split("[")[1]
    matrix = np.array(first.split(), float).reshape(4, inputs)
    raw = rng.normal(size=inputs)
    wide = 2 * CONTEXT + 1
    expected = ((raw - np.tile(mean, wide)) / np.tile(deviation, wide)) @ weights[0] + biases[0]
    assert np.allclose(matrix @ raw + np.array(bias.split(), float), expected, atol=1e-3)


def test_the_made_folder_holds_all_that_vosk_reads(tiny_model: Path) -> None:
    files = {str(path.relative_to(tiny_model)) for path in tiny_model.rglob("*") if path.is_file()}
    assert files == {
        "am/final.mdl",
        "conf/mfcc.conf",
        "conf/model.conf",
        "graph/Gr.fst",
        "graph/HCLr.fst",
        "graph/disambig_tid.int",
        "graph/words.txt",
    }
    words = (tiny_model / "graph/words.txt").read_text(encoding="utf-8").split()[2::2]
    assert words == [*WORDS, "#0"]
    assert sum(path.stat().st_size for path in tiny_model.rglob("*")) < 2_000_000
