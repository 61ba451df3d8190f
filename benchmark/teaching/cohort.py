"""The deterministic students by name, with their capacities."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast

from benchmark.explainers.report import Report
from benchmark.readers.embedding import EmbeddingReader
from benchmark.readers.encoder import Remembering
from benchmark.runtime.workshop import Workshop
from benchmark.students.keyword import Keyword
from benchmark.students.labels import Labels
from benchmark.students.library import Library
from benchmark.students.no_op import NoOp
from benchmark.students.note_taker import NoteTaker
from benchmark.students.parrot import Parrot
from benchmark.students.student import Student
from benchmark.students.version_space import VersionSpace
from benchmark.students.yes_sayer import YesSayer

FORGETTING = 0.2
LAPSE = 0.05
WRONG_MASS = 0.9
# What a student may carry, from little to the most: words in its notes, windows that it keeps, and the share of its
# evidence that it loses with every move.
CAPACITIES = (5, 20, 200)
FEW_WORDS = (1, 2, 200)
WINDOWS = (2, 6, None)
LOSSES = (0.8, 0.5, 0.0)
# How they come by what they know; agreement is asked between families.
FAMILIES = {
    "parrot": "by word",
    "keyword": "by word",
    "note_taker": "by meaning",
    "version_space": "in predicates",
    "forgetful": "in predicates",
    "biased": "in predicates",
    "labels": "by regression",
}
# They learn nothing, whatever they are taught.
LEARN_NOTHING = ("no_op", "yes_sayer")


@dataclass(frozen=True)
class Cohort:
    """Students of one suite.

    Attributes:
        enrol: name to a maker of fresh students.
        yoked_to: name to the student whose live lesson the arm "yoked" replays: of another type, in another state.
        smaller: name to the same student with less and less to carry, the least first; the last is itself.
    """

    enrol: Mapping[str, Callable[[], Student]]
    yoked_to: Mapping[str, str]
    smaller: Mapping[str, tuple[Callable[[], Student], ...]]

    @property
    def learning(self) -> tuple[str, ...]:
        """Names of those who may learn something."""
        return tuple(name for name in self.enrol if name not in LEARN_NOTHING)


def cohort(shop: Workshop) -> Cohort:
    """The students that a suite's units are taught to."""
    shared = cast(EmbeddingReader, shop.examiner.readers["embedding"])
    by_meaning = EmbeddingReader(Remembering(shared.encoder), shared.weights, shared.threshold, shared.cache)
    library = library_of(shop)
    # The bank's first hypothesis, whichever it is: the biased student believes it of every unit.
    wrong = 0
    enrol: dict[str, Callable[[], Student]] = {
        "no_op": NoOp,
        "yes_sayer": YesSayer,
        "parrot": Parrot,
        "keyword": Keyword,
        "note_taker": lambda: NoteTaker(by_meaning),
        "version_space": lambda: VersionSpace(library, LAPSE),
        "forgetful": lambda: VersionSpace(library, LAPSE, FORGETTING, name="forgetful"),
        "biased": lambda: VersionSpace(library, LAPSE, wrong=wrong, mass=WRONG_MASS, name="biased"),
        "labels": lambda: Labels(by_meaning.cache),
    }
    yoked = {name: "keyword" if name in ("version_space", "forgetful", "biased") else "biased" for name in enrol}

    def losing(loss: float, name: str = "version_space") -> VersionSpace:
        return VersionSpace(library, LAPSE, loss, name=name)

    smaller: dict[str, tuple[Callable[[], Student], ...]] = {
        "keyword": tuple(partial(Keyword, most) for most in CAPACITIES),
        "note_taker": tuple(partial(NoteTaker, by_meaning, most) for most in CAPACITIES),
        "parrot": tuple(partial(Parrot, most) for most in FEW_WORDS),
        "labels": tuple(partial(Labels, by_meaning.cache, most) for most in WINDOWS),
        "version_space": tuple(partial(losing, loss) for loss in LOSSES),
        "forgetful": tuple(partial(losing, loss, "forgetful") for loss in (*LOSSES[:-1], FORGETTING)),
        "biased": tuple(partial(VersionSpace, library, LAPSE, loss, wrong, WRONG_MASS, "biased") for loss in LOSSES),
    }
    return Cohort(enrol, yoked, smaller)


def library_of(shop: Workshop) -> Library:
    """The null bank's hypotheses and every unit's truth: a student that thinks in predicates can find the right one."""
    suite = shop.suite
    truths = [Report.from_json(unit.report) for unit in suite.units if unit.report is not None]
    return Library.of([*(each.report for each in suite.bank.reports), *truths])
