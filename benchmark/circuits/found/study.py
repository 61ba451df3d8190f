"""The study: each method on each behaviour and on nulls, graded on exam prompts; every part is kept, so it resumes."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmark.circuits.behaviour import Behaviour
from benchmark.circuits.faithfulness import RANDOM
from benchmark.circuits.found import comparing, methods, validation
from benchmark.circuits.found.behaviours import BEHAVIOURS, CANDIDATES, BehaviourError
from benchmark.circuits.layered import LayeredMachine, LayeredRunner
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport
from benchmark.circuits.runner import ABLATIONS, Ablation

Say = Callable[[str], None]
Part = dict[str, Any]


@dataclass(frozen=True)
class Sizes:
    """How much is run.

    Attributes:
        does, teach, exam: prompts: for the choice of behaviours, for methods, and for grades.
        common, own: exam prompts for the ranks of the common circuit and of each method's.
        random: circuits that each is ranked among.
        nulls: null behaviours.
        ways: ways of ablating for each method's rank; the common circuit's is under all.
    """

    does: int = 32
    teach: int = 8
    exam: int = 6
    common: int = 2
    own: int = 1
    random: int = RANDOM
    nulls: int = 5
    ways: tuple[Ablation, ...] = ("resample",)


@dataclass(frozen=True)
class Study:
    """One subject's circuits.

    Attributes:
        machine: the subject's.
        tokenizer: its own.
        folder: where parts are kept.
        sizes: how much is run.
        seed: of all prompts.
        say: told of each part.
    """

    machine: LayeredMachine
    tokenizer: Any
    folder: Path
    sizes: Sizes = field(default_factory=Sizes)
    seed: int = 0
    say: Say = print

    @cached_property
    def chosen(self) -> tuple[str, ...]:
        """Induction, and the first candidate that the subject does well enough on teach prompts."""
        good = [name for name in CANDIDATES if self.candidates.get(name, {}).get("enough")]
        return ("induction", *good[:1])

    @cached_property
    def candidates(self) -> Part:
        """What the subject makes of each behaviour on teach prompts."""
        return self._kept("candidates", lambda: {name: self._does(name) for name in BEHAVIOURS})

    def _does(self, name: str) -> Part:
        try:
            found = methods.does(self.machine, self._prompts(name, self.sizes.does))
        except BehaviourError as error:
            return {"enough": False, "reason": str(error)}
        return {**asdict(found), "enough": found.enough}

    def run(self) -> Part:
        """Everything, in the order of what matters most."""
        found: Part = {"candidates": self.candidates, "behaviours": {}}
        for name in self.chosen:
            found["behaviours"][name] = {"methods": {each: self.report(name, each) for each in methods.METHODS}}
        for name, own in found["behaviours"].items():
            own |= self._beside(name, own["methods"])
        for name, own in found["behaviours"].items():
            for each in methods.METHODS:
                own["methods"][each] |= {"exam": self._graded(name, each), "ranks": self._rank(name, each)}
        return found

    def report(self, behaviour: str, method: str) -> Part:
        """What a method finds on teach prompts."""

        def make() -> Part:
            runner = self._runner(behaviour)
            began = time.perf_counter()
            found = methods.look(method, runner)
            return {**_written(found.report), "kept": found.kept, "prompts_run": found.prompts, **_seconds(began)}

        return self._kept(f"{behaviour}/report-{method}", make)

    def _beside(self, name: str, reports: Mapping[str, Part]) -> Part:
        """What is said of a behaviour by all methods together."""
        common = self._common(name)
        exam = self._exam(name, self.sizes.common)
        ways = {
            how: self._kept(
                f"{name}/rank-common-{how}",
                lambda how=how: asdict(validation.rank(common, exam(), how, self.sizes.random)),
            )
            for how in ABLATIONS
        }
        whole = self._exam(name, self.sizes.exam)
        return {
            "common": [str(head) for head in sorted(common)],
            "common_exam": self._kept(f"{name}/exam-common", lambda: validation.graded(common, whole(), ABLATIONS)),
            "common_ranks": ways,
            "mlps": self._kept(f"{name}/mlps", lambda: validation.of_mlps(common, whole())),
            "agreement": comparing.agreement(reports, self._prefix_matching(name)),
            "prefix_matching": self._prefix_matching(name),
            "attribution_against_patching": self._kept(
                f"{name}/attribution-against-patching", lambda: comparing.attribution_and_patching(self._runner(name))
            ),
            "nulls": self._kept(f"{name}/nulls", lambda: self._nulls(name)),
        }

    def _common(self, name: str) -> frozenset[Head]:
        circuits = [frozenset(map(Head.parse, self.report(name, each)["circuit"])) for each in methods.METHODS]
        return methods.agreed(circuits)

    def _prefix_matching(self, name: str) -> dict[str, float]:
        def make() -> Part:
            return {str(head): value for head, value in methods.prefix_matching(self._runner(name)).items()}

        return self._kept(f"{name}/prefix-matching", make)

    def _graded(self, name: str, method: str) -> Part | None:
        circuit = frozenset(map(Head.parse, self.report(name, method)["circuit"]))
        exam = self._exam(name, self.sizes.exam)
        return circuit and self._kept(
            f"{name}/exam-{method}", lambda: validation.graded(circuit, exam(), self.sizes.ways)
        )

    def _rank(self, name: str, method: str) -> Part:
        circuit = frozenset(map(Head.parse, self.report(name, method)["circuit"]))
        exam = self._exam(name, self.sizes.own)
        return {
            how: self._kept(
                f"{name}/rank-{method}-{how}",
                lambda how=how: asdict(validation.rank(circuit, exam(), how, self.sizes.random)),
            )
            for how in self.sizes.ways
            if circuit
        }

    def _nulls(self, name: str) -> Part:
        """How many null behaviours each method abstains on."""
        silent = dict.fromkeys(methods.METHODS, 0)
        for seed in range(self.sizes.nulls):
            prompts = BEHAVIOURS[name](self.tokenizer, self.sizes.teach, self.seed + 1 + seed, "teach")
            runner = LayeredRunner(self.machine, prompts.shuffled(seed))
            for method in methods.METHODS:
                silent[method] += methods.abstains(method, runner) is not None
        return {"nulls": self.sizes.nulls, "abstained": silent}

    def _prompts(self, name: str, number: int) -> Behaviour:
        return BEHAVIOURS[name](self.tokenizer, number, self.seed, "teach")

    def _runner(self, name: str) -> LayeredRunner:
        return LayeredRunner(self.machine, self._prompts(name, self.sizes.teach))

    def _exam(self, name: str, number: int) -> Callable[[], LayeredRunner]:
        return lambda: LayeredRunner(self.machine, BEHAVIOURS[name](self.tokenizer, number, self.seed, "exam"))

    def _kept(self, name: str, make: Callable[[], Part]) -> Part:
        """A part, made unless it lies there already; it appears by one rename."""
        path = self.folder / f"{name}.json"
        if not path.is_file():
            began = time.perf_counter()
            found = make()
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch = path.with_suffix(".part")
            scratch.write_text(json.dumps({"seconds": time.perf_counter() - began, "found": found}), "utf-8")
            scratch.replace(path)
            self.say(f"{name}: {time.perf_counter() - began:.0f} s")
        part: Part = json.loads(path.read_text("utf-8"))["found"]
        return part

    @property
    def seconds(self) -> float:
        """How long all kept parts took, whenever they were made."""
        return sum(float(json.loads(path.read_text("utf-8"))["seconds"]) for path in self.folder.rglob("*.json"))


def _written(report: CircuitReport) -> Part:
    return {
        "circuit": [str(head) for head in sorted(report.circuit)],
        "does": {str(head): told for head, told in report.does.items()},
        "scores": {str(head): float(score) for head, score in report.scores.items()},
        "reason": report.reason,
    }


def _seconds(began: float) -> dict[str, float]:
    return {"seconds": time.perf_counter() - began}
