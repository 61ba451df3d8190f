"""One planted model, and every explainer on it: what is measured, as plain data."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from zlib import crc32

import numpy as np

from benchmark.circuits.catalog import EXPLAINERS
from benchmark.circuits.edge_explainers import ExplainEdges, oracle
from benchmark.circuits.edge_laboratory import EdgeLaboratory
from benchmark.circuits.grading import STATED, CircuitExaminer
from benchmark.circuits.laboratory import OverBudget
from benchmark.circuits.planted import EACH, LAYERS, PlantedCircuit, plant
from benchmark.circuits.report import CircuitReport
from benchmark.circuits.roles import with_roles
from benchmark.circuits.runner import Runner
from benchmark.circuits.study.side_by_side import SideBySide, side_by_side

# Prompts that explainers see, those on which gradients stand beside patching, and how many explainers may run.
SHOWN, BESIDE, BUDGET = 32, 16, 100_000
NULLS = ("shuffled", "hollow")


@dataclass(frozen=True)
class Asked:
    """An explainer on a model.

    Attributes:
        explainer: who.
        claimed: whether it names a circuit.
        reason: why not.
        failure: what it could not do; "" if nothing.
        prompts, seconds: what it took.
        grade: as `CircuitGrade` has it; None on a null behaviour.
        claims: heads it names on each null, by the null's name.
    """

    explainer: str
    claimed: bool
    reason: str
    failure: str
    prompts: int
    seconds: float
    grade: Mapping[str, Any] | None
    claims: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class OnModel:
    """Everything on one model.

    Attributes:
        kind, seed, trained, told: which it is.
        accuracy: share of exam prompts whose answer has the greatest logit.
        nodes, circuit: heads of the model, and of its circuit.
        edges, carried: of the circuit, and those of them that carry what differs between prompts and twins.
        recovered: mean share of the behaviour that 1,000 random circuits keep which match the planted one.
        ceiling: the share that the planted circuit keeps.
        planted: heads of each role.
        hollow: share of the logit difference that the same model has with a circuit that writes nothing.
        asked: every explainer.
        beside: gradients beside patching.
        seconds: that all of this took.
    """

    kind: str
    seed: int
    trained: bool
    told: str
    accuracy: float
    nodes: int
    circuit: int
    edges: int
    carried: int
    recovered: float
    ceiling: float
    planted: Mapping[str, int]
    hollow: float
    asked: tuple[Asked, ...]
    beside: SideBySide
    seconds: float


def on_model(job: tuple[str, int]) -> OnModel:
    """A kind and a seed."""
    (kind, seed), started = job, time.perf_counter()
    # Here, so that the scientific core can be imported without TransformerLens.
    from benchmark.subjects.native import NativeMachine

    planted = plant(kind, seed)
    whole, core = NativeMachine(planted.weights, LAYERS, EACH), planted.core.weights
    examiner = CircuitExaminer(planted, whole, NativeMachine(core, 1 + max(head.layer for head in core.heads), 1))
    emptied = NativeMachine(planted.hollow(), LAYERS, EACH)
    hollow = Runner(emptied, planted.teach.part(0, SHOWN))
    left = float(Runner(emptied, planted.exam).whole.mean() / examiner.exam.whole.mean())
    shuffled = Runner(whole, planted.teach.part(0, SHOWN).shuffled(crc32(f"{kind}-{seed}".encode())))
    nulls = dict(zip(NULLS, (shuffled, hollow), strict=True))
    shown = Runner(whole, planted.teach.part(0, SHOWN))
    made = {name: make(seed) for name, make in EXPLAINERS.items()}
    made["oracle"] = with_roles(oracle(planted.circuit, examiner.edges))
    asked = tuple(_asked(name, explain, shown, nulls, examiner) for name, explain in made.items())
    beside = side_by_side(Runner(whole, planted.teach.part(0, BESIDE)))
    return _facts(planted, examiner, left, asked, beside, time.perf_counter() - started)


def _asked(
    name: str, explain: ExplainEdges, shown: Runner, nulls: Mapping[str, Runner], examiner: CircuitExaminer
) -> Asked:
    laboratory = EdgeLaboratory(shown, BUDGET)
    started = time.perf_counter()
    report, failure = _report(explain, laboratory)
    seconds = time.perf_counter() - started
    # The oracle is told what is planted, and nothing is on a null behaviour.
    claims = {
        null: len(_report(explain, EdgeLaboratory(runner, BUDGET))[0].circuit)
        for null, runner in nulls.items()
        if name != "oracle"
    }
    grade = asdict(examiner.grade(report))
    return Asked(name, not report.abstained, report.reason, failure, laboratory.spent, seconds, grade, claims)


def _report(explain: ExplainEdges, laboratory: EdgeLaboratory) -> tuple[CircuitReport, str]:
    """A report; of one that runs out of its budget, an abstention that counts as a failure."""
    try:
        return explain(laboratory), ""
    except OverBudget as error:
        return CircuitReport({}, reason="out of budget"), str(error)


def _facts(
    planted: PlantedCircuit,
    examiner: CircuitExaminer,
    left: float,
    asked: tuple[Asked, ...],
    beside: SideBySide,
    seconds: float,
) -> OnModel:
    return OnModel(
        planted.kind,
        planted.seed,
        planted.trained,
        planted.told,
        examiner.exam.accuracy,
        len(planted.roles),
        len(planted.circuit),
        len(planted.edges),
        len(examiner.edges),
        float(np.mean(examiner.chance.of(planted.circuit))),
        float(examiner.shares[STATED].kept([planted.circuit])[0]),
        {role: list(planted.roles.values()).count(role) for role in ("circuit", "imitator", "dormant", "noise")},
        left,
        asked,
        beside,
        seconds,
    )
