"""Writes a model folder that libvosk reads: text network, OpenFst graphs, configuration.

File formats: Kaldi `hmm-topology.cc`, `transition-model.cc`, `nnet-nnet.cc` (text form) and
OpenFst `vector-fst.h` (binary "vector" of "standard" arcs). libvosk composes HCLr with Gr while
it listens, which is what lets a recognizer narrow the words to a phrase list.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from robot.tinymodel.features import CEPSTRA, MFCC_CONF
from robot.tinymodel.train import CONTEXT, SILENCE, Acoustics, States
from robot.tinymodel.vocabulary import WORDS

_Floats = npt.NDArray[np.floating]

MODEL_CONF = """\
--min-active=200
--max-active=3000
--beam=16.0
--lattice-beam=4.0
--acoustic-scale=1.0
--frame-subsampling-factor=1
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""

_FST_MAGIC = 2125659606
_EPSILON = 0


@dataclass(frozen=True, slots=True)
class Arc:
    """One arc of a transducer; `cost` is a negative log probability."""

    read: int
    write: int
    cost: float
    to: int


@dataclass(frozen=True, slots=True)
class _Costs:
    enter: float
    stay: float
    leave: float


# Found by trial: a word must be worth its price, or noise becomes a string of short words.
_WORD_COSTS = _Costs(enter=8.0, stay=0.5, leave=0.9)
_SILENCE_COSTS = _Costs(enter=0.7, stay=0.05, leave=0.69)


def write_model(acoustics: Acoustics, folder: Path) -> None:
    """Write the model into an empty or missing folder."""
    for name in ("am", "conf", "graph"):
        (folder / name).mkdir(parents=True)
    states = acoustics.states
    (folder / "am/final.mdl").write_text(
        transition_model(states.count) + network_text(acoustics), encoding="ascii"
    )
    (folder / "conf/mfcc.conf").write_text(MFCC_CONF, encoding="ascii")
    (folder / "conf/model.conf").write_text(MODEL_CONF, encoding="ascii")
    symbols = ["<eps>", *WORDS, "#0"]
    (folder / "graph/words.txt").write_text(
        "".join(f"{word} {number}\n" for number, word in enumerate(symbols)), encoding="utf-8"
    )
    (folder / "graph/HCLr.fst").write_bytes(fst_bytes(word_graph(states), {0: 0.0}))
    any_word = float(np.log(len(WORDS) + 1))
    grammar = [[Arc(n, n, any_word, 0) for n in range(1, len(WORDS) + 1)]]
    (folder / "graph/Gr.fst").write_bytes(fst_bytes(grammar, {0: any_word}))
    # libvosk wants one; it stands beyond all transition ids, so that no arc carries it.
    (folder / "graph/disambig_tid.int").write_text(f"{2 * states.count + 1}\n", encoding="ascii")


def transition_model(state_count: int) -> str:
    """One Kaldi phone per network output, each a single state that may repeat."""
    phones = range(1, state_count + 1)
    listed = " ".join(map(str, phones))
    triples = "".join(f"{phone} 0 {phone - 1}\n" for phone in phones)
    halves = " ".join(["-0.693147"] * (2 * state_count))
    return (
        f"<TransitionModel>\n<Topology>\n<TopologyEntry>\n<ForPhones>\n{listed}\n</ForPhones>\n"
        "<State> 0 <PdfClass> 0 <Transition> 0 0.5 <Transition> 1 0.5 </State>\n"
        "<State> 1 </State>\n</TopologyEntry>\n</Topology>\n"
        f"<Triples> {state_count}\n{triples}</Triples>\n"
        f"<LogProbs>\n [ 0 {halves} ]\n</LogProbs>\n</TransitionModel>\n"
    )


def network_text(acoustics: Acoustics) -> str:
    """The network as Kaldi nnet3 text: affine, rectifier, affine, log-softmax, and priors.

    The standardisation of the cepstra is folded into the first layer.
    """
    width = 2 * CONTEXT + 1
    scale = np.tile(1 / acoustics.deviation, width)
    first = acoustics.weights[0] * scale[:, None]
    first_bias = acoustics.biases[0] - np.tile(acoustics.mean, width) @ first
    hidden, outputs = acoustics.weights[1].shape
    offsets = (f"Offset(input, {k})" if k else "input" for k in range(-CONTEXT, CONTEXT + 1))
    # Kaldi's reader needs the blank after "<Nnet3>".
    return (
        f"<Nnet3> \ninput-node name=input dim={CEPSTRA}\n"
        f"component-node name=a1 component=a1 input=Append({', '.join(offsets)})\n"
        "component-node name=r1 component=r1 input=a1\n"
        "component-node name=a2 component=a2 input=r1\n"
        "component-node name=ls component=ls input=a2\n"
        "output-node name=output input=ls objective=linear\n\n"
        "<NumComponents> 4\n"
        f"<ComponentName> a1 {_affine(first, first_bias)}"
        f"<ComponentName> r1 {_nonlinear('RectifiedLinearComponent', hidden)}"
        f"<ComponentName> a2 {_affine(acoustics.weights[1], acoustics.biases[1])}"
        f"<ComponentName> ls {_nonlinear('LogSoftmaxComponent', outputs)}</Nnet3>\n"
        f"<LeftContext> {CONTEXT} <RightContext> {CONTEXT} "
        f"<Priors> [ {_numbers(acoustics.priors)} ]\n"
    )


def word_graph(states: States) -> list[list[Arc]]:
    """From transition ids to words: any number of words and silences in a row."""
    graph: list[list[Arc]] = [[]]
    _add_chain(graph, range(SILENCE, SILENCE + 1), _EPSILON, _SILENCE_COSTS)
    for number, word in enumerate(WORDS, start=1):
        _add_chain(graph, states.of(word), number, _WORD_COSTS)
    # Look-ahead composition matches on the output side.
    return [sorted(arcs, key=lambda arc: arc.write) for arcs in graph]


def _add_chain(graph: list[list[Arc]], chain: range, word: int, costs: _Costs) -> None:
    graph[0].append(Arc(_EPSILON, word, costs.enter, len(graph)))
    for state in chain:
        here = len(graph)
        onward = 0 if state == chain[-1] else here + 1
        graph.append([
            Arc(_transition(state, leave=0), _EPSILON, costs.stay, here),
            Arc(_transition(state, leave=1), _EPSILON, costs.leave, onward),
        ])


def _transition(state: int, *, leave: int) -> int:
    """Kaldi's transition id: two per state, counted from one; 0 repeats, 1 leaves."""
    return 2 * state + 1 + leave


def fst_bytes(graph: Sequence[Sequence[Arc]], final: dict[int, float], start: int = 0) -> bytes:
    """A transducer in OpenFst's binary form (version 2, no symbol tables, expanded, mutable)."""
    arc_count = sum(len(arcs) for arcs in graph)
    header = struct.pack("<i", _FST_MAGIC)
    for name in (b"vector", b"standard"):
        header += struct.pack("<i", len(name)) + name
    header += struct.pack("<iiQqqq", 2, 0, 3, start, len(graph), arc_count)
    return header + b"".join(_state_bytes(s, arcs, final) for s, arcs in enumerate(graph))


def _state_bytes(state: int, arcs: Sequence[Arc], final: dict[int, float]) -> bytes:
    packed = (struct.pack("<iifi", arc.read, arc.write, arc.cost, arc.to) for arc in arcs)
    return struct.pack("<fq", final.get(state, float("inf")), len(arcs)) + b"".join(packed)


def _affine(weights: _Floats, bias: _Floats) -> str:
    rows = "\n  ".join(_numbers(row) for row in weights.T)
    return (
        f"<FixedAffineComponent> <LinearParams>  [\n  {rows} ]\n"
        f"<BiasParams>  [ {_numbers(bias)} ]\n</FixedAffineComponent>\n"
    )


def _nonlinear(kind: str, size: int) -> str:
    return f"<{kind}> <Dim> {size} <ValueAvg>  [ ]\n<DerivAvg>  [ ]\n<Count> 0 </{kind}>\n"


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:.6g}" for value in values)
