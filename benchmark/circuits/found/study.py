"""The study: each method on each behaviour and on nulls, graded on exam prompts; every part is kept, so it resumes."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
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
        common, own: how many of the exam prompts ranks of the common circuit and of each method's are on; 0: no ranks.
        random: circuits that each is ranked among.
        nulls: null behaviours.
        ways: ways of ablating for each method's rank; the common circuit's is under all.
    """

    does: int = 32
    teach: int = 8
    exam: int = 16
    common: int = 4
    own: int = 4
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
        """Everything; what matters most comes first, for a study that is stopped."""
        found = {name: self._graded_methods(name) for name in self.chosen}
        for how in reversed(ABLATIONS):
            for name, own in found.items():
                ranks = self._ranks(name, "common", self._common(name), [how], self.sizes.common)
                own.setdefault("common_ranks", {}).update(ranks)
        for name, own in found.items():
            own |= self._beside(name, own["methods"])
        for name, own in found.items():
            for each, report in own["methods"].items():
                report["ranks"] = self._ranks(name, each, self._circuit(name, each), self.sizes.ways, self.sizes.own)
        return {"candidates": self.candidates, "behaviours": found}

    def _graded_methods(self, name: str) -> Part:
        """Each method's report and its grades, and the heads that several name with theirs."""
        reports = {each: self.report(name, each) for each in methods.METHODS}
        for each, report in reports.items():
            report["exam"] = self._graded(name, each, self._circuit(name, each), self.sizes.ways)
        common = self._common(name)
        return {
            "methods": reports,
            "common": [str(head) for head in sorted(common)],
            "common_exam": self._graded(name, "common", common, ABLATIONS),
        }

    def _beside(self, name: str, reports: Mapping[str, Part]) -> Part:
        """What is said of a behaviour besides circuits' grades."""
        exam = self._exam(name)
        found = {
            "does": self._kept(f"{name}/does", lambda: asdict(methods.does(self.machine, exam().behaviour))),
            "agreement": comparing.agreement(reports, self.attends(name, "induction")),
            "prefix_matching": self.attends(name, "induction"),
            "previous_token": self.attends(name, "previous token"),
            "nulls": self._kept(f"{name}/nulls", lambda: self._nulls(name)),
            "mlps": self._kept(f"{name}/mlps", lambda: validation.of_mlps(self._common(name), exam())),
        }
        # Timed on one behaviour; on the others, the reports of both methods say how alike they are.
        if name == self.chosen[0]:
            found["attribution_against_patching"] = self._kept(
                f"{name}/attribution-against-patching", lambda: comparing.attribution_and_patching(self._runner(name))
            )
        return found

    def report(self, behaviour: str, method: str) -> Part:
        """What a method finds on teach prompts."""

        def make() -> Part:
            runner = self._runner(behaviour)
            began = time.perf_counter()
            found = methods.look(method, runner)
            return {**_written(found.report), "kept": found.kept, "prompts_run": found.prompts, **_seconds(began)}

        return self._kept(f"{behaviour}/report-{method}", make)

    def _common(self, name: str) -> frozenset[Head]:
        return methods.agreed([self._circuit(name, each) for each in methods.METHODS])

    def _circuit(self, name: str, method: str) -> frozenset[Head]:
        return frozenset(map(Head.parse, self.report(name, method)["circuit"]))

    def attends(self, name: str, what: str) -> dict[str, float]:
        """By head, attention on what a template marks, on teach prompts."""

        def make() -> Part:
            return {str(head): value for head, value in methods.attends(self._runner(name), what).items()}

        return self._kept(f"{name}/attends-{what.replace(' ', '-')}", make)

    def _graded(self, name: str, who: str, circuit: frozenset[Head], ways: Sequence[Ablation]) -> Part | None:
        if not circuit:
            return None
        exam = self._exam(name)
        return self._kept(f"{name}/exam-{who}", lambda: validation.graded(circuit, exam(), ways))

    def _ranks(
        self, name: str, who: str, circuit: frozenset[Head], ways: Sequence[Ablation], prompts: int
    ) -> dict[str, Part]:
        """Ranks under some ways; no prompts, no ranks."""
        exam = self._exam(name, prompts)

        def make(how: Ablation) -> Callable[[], Part]:
            return lambda: asdict(validation.rank(circuit, exam(), how, self.sizes.random))

        return {how: self._kept(f"{name}/rank-{who}-{how}", make(how)) for how in ways if circuit and prompts}

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

    def _exam(self, name: str, number: int | None = None) -> Callable[[], LayeredRunner]:
        """Some exam prompts, or all; means are over all of them, so that a mean ablation is the same on any."""

        def make() -> LayeredRunner:
            prompts = BEHAVIOURS[name](self.tokenizer, self.sizes.exam, self.seed, "exam")
            whole = LayeredRunner(self.machine, prompts)
            return whole if number is None else LayeredRunner(self.machine, prompts.part(0, number), means=whole)

        return make

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
