"""The deterministic students by name, with their capacities."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from benchmark.explainers.report import Report
from benchmark.readers.embedding import EmbeddingReader
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
# Words in the notes, from little capacity to the most that a student may carry.
CAPACITIES = (5, 20, 200)


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


def cohort(shop: Workshop) -> Cohort:
    """The students that a suite's units are taught to."""
    by_meaning = cast(EmbeddingReader, shop.examiner.readers["embedding"])
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
    smaller: dict[str, tuple[Callable[[], Student], ...]] = {
        "keyword": tuple(lambda most=most: Keyword(most) for most in CAPACITIES),  # type: ignore[misc]
        "note_taker": tuple(lambda most=most: NoteTaker(by_meaning, most) for most in CAPACITIES),  # type: ignore[misc]
    }
    return Cohort(enrol, yoked, smaller)


def library_of(shop: Workshop) -> Library:
    """The null bank's hypotheses and every unit's truth: a student that thinks in predicates can find the right one."""
    suite = shop.suite
    truths = [Report.from_json(unit.report) for unit in suite.units if unit.report is not None]
    return Library.of([*(each.report for each in suite.bank.reports), *truths])
