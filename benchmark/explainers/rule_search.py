"""Hypothesis search in the predicate language: beam search for one rule, then a sum of up to four claims.

Deterministic: no random numbers, ties by order of proposal. The score is weighted Pearson r at the assumed base rate
less a penalty for each node and each listed word.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from benchmark.explainers.atoms import (
    NODE_PENALTY,
    REACHES,
    WORD_PENALTY,
    Candidate,
    Flags,
    Join,
    Workbench,
    joined,
    listed_words,
)
from benchmark.explainers.report import MAX_LEVEL, Claim, Report
from benchmark.explainers.word_data import Data, predicted, weighted_correlation
from synthetic_neurons.passages import Floats, Ints
from synthetic_neurons.predicate import Always, Never, Predicate, Word
from synthetic_neurons.prose.english import describe

BEAM = 6
DEPTH = 3
MOST_CLAIMS = 4
MOST_BANDS = 4
MOST_HYPOTHESES = 4
MOST_OVERLAP = 0.9
POOL = 100
LEAST_CLAIM_GAIN = 0.012
ALWAYS_SHARE = 0.95


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A sum of claims with its penalised score.

    Attributes:
        claims: predicates with levels, 0 to 10.
        score: r less the complexity penalty, on the data it was fitted to.
        r: weighted Pearson r on the same data.
    """

    claims: tuple[tuple[Predicate, float], ...]
    score: float
    r: float

    @cached_property
    def report(self) -> Report:
        """The hypothesis as a report; confidence is its in-sample r, which is an upper bound."""
        return report_of(self.claims, min(1.0, max(0.0, self.r)))


def report_of(rules: Sequence[tuple[Predicate, float]], confidence: float) -> Report:
    """Predicates with levels, told in prose."""
    claims = tuple(Claim(describe(predicate), predicate, level) for predicate, level in rules)
    return Report("; ".join(f"{claim.text} (level {claim.level:.3g})" for claim in claims), claims, confidence)


def search(data: Data) -> list[Hypothesis]:
    """Ranked hypotheses, best first, structurally different from one another; empty where nothing fires.

    A unit that is silent everywhere, or fires on nearly every word, gets the one hypothesis that says so.
    """
    if (trivial := _trivial(data)) is not None:
        return [trivial]
    bench = Workbench(data)
    hypotheses = [
        _claims(bench, each, MOST_CLAIMS if rank == 0 else 1) for rank, each in enumerate(_different(_beam(bench)))
    ]
    return sorted(hypotheses, key=lambda each: -each.score)


Search = Callable[[Data], list[Hypothesis]]


def cross_validated_r(data: Data, searching: Search = search) -> float:
    """Weighted r of two-fold predictions: each half of the windows is predicted by what the other half suggests."""
    halves = [data.part(0), data.part(1)]
    truth, guess, weight = list[Floats](), list[Floats](), list[Floats]()
    for train, test in (halves, halves[::-1]):
        found = searching(train) if len(train.passages) else []
        report = found[0].report if found else Report("")
        truth.append(test.values)
        guess.append(predicted(report, test.passages))
        weight.append(test.weight)
    return weighted_correlation(np.concatenate(truth), np.concatenate(guess), np.concatenate(weight))


def _trivial(data: Data) -> Hypothesis | None:
    if not len(data.values) or data.values.max() <= 0:
        return Hypothesis(((Never(), 0.0),), 0.0, 0.0)
    if data.weight @ (data.values > 0) >= ALWAYS_SHARE:
        return Hypothesis(((Always(), round(float(data.weight @ data.values), 1)),), 0.0, 0.0)
    return None


def _best(candidates: Iterable[Candidate], limit: int) -> list[Candidate]:
    """The best by score, one for each set of words that rules hold on."""
    kept: dict[bytes, Candidate] = {}
    for each in sorted(candidates, key=lambda candidate: -candidate.score):
        if len(kept) == limit:
            break
        kept.setdefault(np.packbits(each.holds).tobytes(), each)
    return list(kept.values())


def _beam(bench: Workbench) -> list[Candidate]:
    everything = _singles(bench)
    frontier = _best(everything, BEAM)
    for _ in range(DEPTH - 1):
        grown = [child for candidate in frontier for child in _expanded(bench, candidate)]
        everything += grown
        frontier = _best(grown, BEAM)
    return _best(everything, POOL)


def _singles(bench: Workbench) -> list[Candidate]:
    """Rules of one part: every generic atom, and the best word list at every reach."""
    atoms, columns = bench.generic
    found = [bench.candidate((("and", atom),), column) for atom, column in zip(atoms, columns, strict=True)]
    everywhere = np.ones(len(bench.values), dtype=bool)
    for reach in REACHES:
        if (made := bench.word_list(everywhere, reach, "and")) is not None:
            found.append(bench.candidate((("and", made[0]),), made[1]))
    return found


def _expanded(bench: Workbench, base: Candidate) -> list[Candidate]:
    """Rules of one part more."""
    return _with_generic(bench, base, "and") + _with_generic(bench, base, "unless") + _with_lists(bench, base)


def _with_generic(bench: Workbench, base: Candidate, join: Join, keep: int = 3) -> list[Candidate]:
    atoms, columns = bench.generic
    inside = columns[:, base.holds] if join == "and" else ~columns[:, base.holds]
    scores = bench.r(inside @ bench.weight[base.holds], inside @ bench.product[base.holds])
    top = np.argsort(-scores, kind="stable")[:keep]
    return [_grown(bench, base, join, atoms[i], columns[i]) for i in top if scores[i] > base.r]


def _with_lists(bench: Workbench, base: Candidate) -> list[Candidate]:
    joins: tuple[Join, ...] = ("and", "unless")
    made = [(join, bench.word_list(base.holds, reach, join)) for reach in REACHES for join in joins]
    return [_grown(bench, base, join, *part) for join, part in made if part is not None]


def _grown(bench: Workbench, base: Candidate, join: Join, part: Predicate, column: Flags) -> Candidate:
    holds = base.holds & (column if join == "and" else ~column)
    return bench.candidate((*base.parts, (join, part)), holds)


def _different(candidates: list[Candidate]) -> list[Candidate]:
    """The best candidate of each kind of rule: first those that hold on different words, then, if few, the others.

    Rivals that hold on the same words can be told apart by no text like the exemplars.
    """
    kept, alike = list[Candidate](), list[Candidate]()
    for each in candidates:
        shapes = {tuple(sorted(other.shape)) for other in kept}
        if tuple(sorted(each.shape)) not in shapes:
            (alike if any(_overlap(each, other) > MOST_OVERLAP for other in kept) else kept).append(each)
    return [*kept, *alike][:MOST_HYPOTHESES]


def _overlap(one: Candidate, other: Candidate) -> float:
    """The share of words on which both hold among those on which either does."""
    return float((one.holds & other.holds).sum() / max(1, (one.holds | other.holds).sum()))


def _claims(bench: Workbench, first: Candidate, most: int) -> Hypothesis:
    """Further claims for what the first leaves unexplained, while they pay for themselves; then levels and bands.

    Rivals stay at one claim: patched with further claims they would come to predict what the best predicts.
    """
    chosen = [first]
    best = _hypothesis(bench, [(first, bench)])
    fitted = [(first, bench)]
    while len(chosen) < most:
        open_words = ~np.any([each.holds for each in chosen], axis=0)
        residual = Workbench(bench.data, open_words)
        if residual.spread < 1e-9:
            break
        found = _beam(residual)
        if not found:
            break
        trial = _hypothesis(bench, [*fitted, (found[0], residual)])
        if trial.score < best.score + LEAST_CLAIM_GAIN:
            break
        best, chosen, fitted = trial, [*chosen, found[0]], [*fitted, (found[0], residual)]
    banded = _hypothesis(bench, fitted, bands=True)
    return banded if banded.score > best.score else best


def _hypothesis(bench: Workbench, fitted: list[tuple[Candidate, Workbench]], bands: bool = False) -> Hypothesis:
    rules = [
        rule for candidate, fit in fitted for rule in (_bands(fit, candidate) if bands else [_levelled(fit, candidate)])
    ]
    level = np.zeros(len(bench.values))
    for _, holds, height in rules:
        np.maximum(level, height * holds, out=level)
    r = weighted_correlation(bench.values, level, bench.weight)
    cost = sum(NODE_PENALTY * rule.size + WORD_PENALTY * listed_words(rule) for rule, _, _ in rules)
    # In-sample r flatters words seen once; what shrinkage leaves of each claim says by how much.
    explained = np.array([float(fit.product[candidate.holds].sum()) for candidate, fit in fitted])
    trust = np.array([candidate.trust for candidate, _ in fitted]) @ explained / max(float(explained.sum()), 1e-12)
    return Hypothesis(tuple((rule, height) for rule, _, height in rules), float(r * trust) - cost, r)


def _levelled(fit: Workbench, candidate: Candidate) -> tuple[Predicate, Flags, float]:
    return candidate.predicate, candidate.holds, _rounded(fit.level(candidate.holds))


def _rounded(level: float) -> float:
    return float(min(MAX_LEVEL, max(0.1, round(level, 1))))


def _bands(fit: Workbench, candidate: Candidate) -> list[tuple[Predicate, Flags, float]]:
    """One claim for each band of level among the words of the rule's word list, if it has one."""
    kinds = [(join, type(part)) for join, part in candidate.parts]
    at = kinds.index(("and", Word)) if ("and", Word) in kinds else None
    if at is None:
        return [_levelled(fit, candidate)]
    mass, level = fit.word_levels(candidate.holds)
    made = []
    for types in _banded(level, np.flatnonzero(mass > 0), mass):
        words: Predicate = Word(tuple(sorted(fit.data.lower_types[t] for t in types)))
        parts = (*candidate.parts[:at], ("and", words), *candidate.parts[at + 1 :])
        holds = candidate.holds & np.isin(fit.data.type_of, types)
        made.append((joined(parts), holds, _rounded(fit.level(holds))))
    return made


def _banded(level: Floats, types: Ints, mass: Floats) -> list[list[int]]:
    """Words in at most four bands of like level: neighbours are merged, cheapest first (Ward's cost)."""
    groups = [[int(t)] for t in types[np.argsort(-level[types], kind="stable")]]

    def centre(group: list[int]) -> tuple[float, float]:
        total = float(mass[group].sum())
        return total, float(mass[group] @ level[group]) / total

    while len(groups) > 1:
        stats = [centre(group) for group in groups]
        costs = [a * b / (a + b) * (x - y) ** 2 for (a, x), (b, y) in pairwise(stats)]
        cheapest = int(np.argmin(costs))
        distance = abs(stats[cheapest][1] - stats[cheapest + 1][1])
        if len(groups) <= MOST_BANDS and distance > 1.0:
            break
        groups[cheapest : cheapest + 2] = [groups[cheapest] + groups[cheapest + 1]]
    return groups
