"""String units in the laboratory that all units have: exemplars, `measure`, practice slices, and an exam.

The units lie outside the predicate language: no predicate compares a word with the word before it letter by letter.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.claim_gains import ClaimGrade
from benchmark.exam.cross_examination import quantise, stranger_mask
from benchmark.exam.items import STRATA, Items, Rows, Stratum
from benchmark.exam.trigger_free import FreeGrade, FreeItems, FreeMasks, count_free, free_masks
from benchmark.examiner import FREE_SLICES, claim_account, free_grade, practice_grade
from benchmark.explainers.report import MAX_LEVEL, Claim, Report
from benchmark.laboratory import (
    OPEN_SLICE,
    SHIFTED_SLICE,
    SUBMISSION_SLICES,
    Budget,
    Exemplar,
    Laboratory,
    PracticeError,
    PracticeGrade,
    computed,
)
from benchmark.readers.executable import ExecutableReader
from benchmark.readers.reader import Reader
from benchmark.statistics.ranks import PooledNull, RankP
from benchmark.statistics.weighted import rows_r_matrix
from benchmark.units.split import assert_disjoint, shingles
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.strings import StringUnit, generate, inputs
from synthetic_neurons.strings.texts import PARTS, Part, Style

# Of the texts that units are examined on a quarter fire and a quarter are near-misses: the base rate that weights keep.
SHARES: dict[Stratum, float] = {"firing": 0.25, "near_miss": 0.25, "silent": 0.5}
TEACH: dict[Stratum, int] = {"firing": 40, "near_miss": 40, "silent": 120}
SLICE: dict[Stratum, int] = {"firing": 20, "near_miss": 20, "silent": 20}
EXAM: dict[Stratum, int] = {"firing": 100, "near_miss": 100, "silent": 200}
SLICES = (OPEN_SLICE, *SUBMISSION_SLICES, SHIFTED_SLICE)
STOP_R = 0.7
Cue = Literal["few outputs", "fixed letters", "none"]
CUES: tuple[Cue, ...] = get_args(Cue)
FEW_OUTPUTS = 0.1
LEAST_FIXED = 2


def cue_of(unit: StringUnit) -> Cue:
    """What single words give away of a function, by its outputs on all input words.

    Few outputs: fewer than one for ten inputs, so that a list of words serves. Fixed letters: two or more at the
    beginning or the end that all outputs share, so that an affix serves. Otherwise none.
    """
    made = [unit.function(word) for part in PARTS for word in inputs(part)]
    outputs = sorted({output for output in made if output is not None})
    if len(outputs) < FEW_OUTPUTS * len(made):
        return "few outputs"
    ends = ({each[:LEAST_FIXED] for each in outputs}, {each[-LEAST_FIXED:] for each in outputs})
    return "fixed letters" if min(map(len, ends)) == 1 else "none"


def items_of(
    unit: StringUnit, part: Part, counts: dict[Stratum, int], seed: int, style: Style = "sentence", stream: str = ""
) -> Items:
    """Texts of one part with the unit's values, and weights that bring back the shares of `SHARES`."""
    texts = {stratum: generate(unit, part, stratum, counts[stratum], seed, style, stream) for stratum in STRATA}
    passages = Passages.of([text for stratum in STRATA for text in texts[stratum]])
    strata = tuple(stratum for stratum in STRATA for _ in texts[stratum])
    weight = np.array([SHARES[stratum] / counts[stratum] for stratum in strata])
    return Items(passages, unit.values(passages), strata, weight)


@dataclass(frozen=True, eq=False)
class StringWorld:
    """All texts of one string unit.

    Attributes:
        unit: the unit.
        seed: of its texts.
    """

    unit: StringUnit
    seed: int

    @cached_property
    def teach(self) -> Items:
        """What exemplars are made of."""
        return items_of(self.unit, "teach", TEACH, self.seed)

    @cached_property
    def slices(self) -> dict[str, Items]:
        """P0 to P4 in sentences, P-ood in bare lists of pairs; their input words are in no other part."""
        return {
            name: items_of(
                self.unit, "practice", SLICE, self.seed, "list" if name == SHIFTED_SLICE else "sentence", name
            )
            for name in SLICES
        }

    @cached_property
    def exam(self) -> Items:
        """400 texts with templates and input words of their own.

        Raises:
            SplitError: an eight-word run stands in the exam and in another part.
        """
        exam = items_of(self.unit, "exam", EXAM, self.seed)
        others = [text for each in (self.teach, *self.slices.values()) for text in each.passages.texts]
        assert_disjoint({"exam": exam.passages.texts, "the other parts": others})
        return exam

    @property
    def exemplars(self) -> list[Exemplar]:
        """Teach texts with levels from 0 to 10, strongest first."""
        passages, levels = self.teach.passages, MAX_LEVEL * self.teach.values
        share = self.teach.weight / self.teach.weight.mean()
        made = [
            Exemplar(text, passages.words[a:b], levels[a:b], stratum, float(weight))
            for text, stratum, weight, a, b in zip(
                passages.texts, self.teach.strata, share, passages.first[:-1], passages.first[1:], strict=True
            )
        ]
        return sorted(made, key=lambda exemplar: -exemplar.peak)

    @property
    def truth(self) -> Report:
        """The oracle's report: prose alone, since no predicate says it."""
        return Report(self.unit.text, (Claim(self.unit.text),), confidence=1.0)

    def measure(self, texts: Sequence[str]) -> list[Floats]:
        """The unit on any texts: float64 [words] each, 0 to 10."""
        passages = Passages.of(texts)
        levels = MAX_LEVEL * self.unit.values(passages)
        return [levels[a:b] for a, b in zip(passages.first[:-1], passages.first[1:], strict=True)]

    def laboratory(self, room: "StringRoom", budget: Budget) -> Laboratory:
        """The same laboratory as every unit's; texts that share eight words with the exam are refused."""
        forbidden = frozenset[int]().union(*map(shingles, self.exam.passages.texts))
        return Laboratory(self.exemplars, computed(self.measure), room, budget, forbidden)


@dataclass(frozen=True, eq=False)
class StringNulls:
    """What strangers' reports score on the practice slices of some string units, for the significance guardrail.

    Attributes:
        names: the units.
        pools: by slice.
        placebos: for each unit a report that is a stranger to it.
    """

    names: tuple[str, ...]
    pools: dict[str, PooledNull]
    placebos: tuple[Report, ...]

    @classmethod
    def of(cls, worlds: Sequence[StringWorld], strangers: Sequence[Report]) -> "StringNulls":
        """Grade every stranger on every slice by the executable reader.

        Args:
            worlds: the units.
            strangers: reports with predicates, written about other units; for a unit those count whose predicate has
                r below 0.1 with it on the exam, as in a suite's bank.
        """
        allowed = stranger_mask(
            np.full((len(worlds), len(strangers)), np.nan), _scores([world.exam for world in worlds], strangers)
        )
        rate = np.array([float(world.exam.values.mean()) for world in worlds])
        pools = {
            name: PooledNull.of_bank(_scores([world.slices[name] for world in worlds], strangers), allowed, rate)
            for name in SLICES
        }
        names = tuple(world.unit.identifier for world in worlds)
        return cls(
            names, pools, tuple(_placebo(world, strangers, row) for world, row in zip(worlds, allowed, strict=True))
        )


def _placebo(world: StringWorld, strangers: Sequence[Report], allowed: NDArray[np.bool_]) -> Report:
    """One of the unit's strangers, drawn by its identifier."""
    key = int.from_bytes(hashlib.blake2b(world.unit.identifier.encode(), digest_size=8).digest())
    return strangers[int(np.random.default_rng(key).choice(np.flatnonzero(allowed)))]


def _scores(items: Sequence[Items], reports: Sequence[Report]) -> Floats:
    """float64 [items, reports]: weighted r of every report's predicates on each unit's items."""
    passages = Passages.of([text for each in items for text in each.passages.texts])
    read = ExecutableReader().read
    levels = [found for report in reports if (found := read(report, passages)) is not None]
    if len(levels) < len(reports):
        raise ValueError(f"{len(reports) - len(levels)} strangers have no predicates; give those that have")
    stored = np.stack([quantise(each) for each in levels])
    scores, start = np.zeros((len(items), len(reports))), 0
    for row, each in enumerate(items):
        stop = start + len(each.values)
        weight = each.weight[each.passages.text_of]
        scores[row] = rows_r_matrix([Rows.of_words(each.values)], stored[:, start:stop], weight)[0]
        start = stop
    return scores


@dataclass(frozen=True, eq=False)
class StringRoom:
    """The practice room of one string unit: grades reports as a suite's does.

    Attributes:
        world: the unit's texts.
        nulls: strangers' scores.
        executable: for reports whose claims all have predicates.
        prose: for the others.
    """

    world: StringWorld
    nulls: StringNulls
    executable: Reader
    prose: Reader

    def grade(self, report: Report, slice_name: str) -> PracticeGrade:
        """Grade `report` on one slice.

        Raises:
            PracticeError: an unknown slice, or a p is asked for a report without predicates.
        """
        if slice_name not in SLICES:
            raise PracticeError(f"string units have no practice slice {slice_name!r}; choose from {', '.join(SLICES)}")
        items, readers = self.world.slices[slice_name], (self.executable, self.prose)
        return practice_grade(report, slice_name, items, readers, self._rank, STOP_R)

    def free_items(self) -> FreeItems:
        """How many items P-free has."""
        return count_free(self._free())

    def grade_free(self, report: Report) -> FreeGrade:
        """Grade `report` on P-free."""
        items = [self.world.slices[name] for name in FREE_SLICES]
        return free_grade(report, items, self._free(), (self.executable, self.prose))

    def grade_claims(self, report: Report, slice_name: str) -> list[ClaimGrade]:
        """What each claim of `report` adds on `slice_name`."""
        return claim_account(report, self.world.slices[slice_name], (self.executable, self.prose))

    def _free(self) -> list[FreeMasks]:
        words, fires = self.world.teach.passages.words, self.world.teach.values > 0
        triggers = {word.lower() for word, value in zip(words, fires, strict=True) if value}
        return [
            free_masks(self.world.slices[name], triggers, 1.0, negatives=name == SHIFTED_SLICE) for name in FREE_SLICES
        ]

    def _rank(self, slice_name: str, r: float) -> RankP:
        return self.nulls.pools[slice_name].p(self.nulls.names.index(self.world.unit.identifier), r)
