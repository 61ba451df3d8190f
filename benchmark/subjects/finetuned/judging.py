"""How well answers fit held-out claims: AUC by kind of claim, over all words and against the hard ones."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmark.readers.diet.group import UNKNOWN, Group
from synthetic_neurons.passages import Floats, Ints

# Texts a claim is judged on: where it fires, where only another claim does, and others.
TEXTS = (3, 3, 2)
ALL = "all"
Answer = Callable[[Sequence[tuple[str, str]]], list[Floats]]


@dataclass(frozen=True)
class Judged:
    """AUC over the claims of one kind.

    Attributes:
        part, kind: what was judged on; kind "all" takes every claim, "about …" those that speak of one thing.
        claims: how many.
        words: how many words, those of unknown truth left out.
        auc: of firing against all silent words.
        auc_hard: of firing against silent words on which another claim of the group fires; None where there are none.
    """

    part: str
    kind: str
    claims: int
    words: int
    auc: float | None
    auc_hard: float | None


@dataclass(frozen=True, eq=False)
class Paper:
    """A claim with the texts it is judged on, its truth on their words, and the answers."""

    part: str
    kind: str
    about: str
    fires: NDArray[np.bool_]
    hard: NDArray[np.bool_]
    answers: Floats


@dataclass(frozen=True, eq=False)
class _Question:
    group: Group
    claim: int
    texts: Ints

    @property
    def pairs(self) -> list[tuple[str, str]]:
        text = self.group.claims[self.claim].text
        return [(text, self.group.texts[i]) for i in self.texts]

    def paper(self, answers: Sequence[Floats]) -> Paper:
        """The truth beside the answers; words of unknown truth are left out."""
        words = np.isin(self.group.passages.text_of, self.texts)
        known = words & (self.group.values[self.claim] != UNKNOWN)
        said = np.zeros(len(words))
        said[words] = np.concatenate(answers)
        own = self.group.claims[self.claim]
        fires, hard = self.group.fires[self.claim, known], self.group.hard[self.claim, known]
        return Paper(self.group.part, own.kind, own.about, fires, hard, said[known])


def questions(groups: Sequence[Group], claims: int, seed: int) -> list[_Question]:
    """At most `claims` claims of each part, drawn with a seed, each with a few texts."""
    rng = np.random.default_rng(seed)
    found = []
    for part in dict.fromkeys(group.part for group in groups):
        every = [(group, claim) for group in groups if group.part == part for claim in range(len(group.claims))]
        chosen = rng.permutation(len(every))[:claims].tolist()
        drawn = [every[i] for i in sorted(chosen)]
        found += [_Question(group, claim, _texts(group, claim, rng)) for group, claim in drawn]
    return found


def _texts(group: Group, claim: int, rng: np.random.Generator) -> Ints:
    text_of = group.passages.text_of
    firing, near = np.unique(text_of[group.fires[claim]]), np.unique(text_of[group.hard[claim]])
    kinds = (firing, np.setdiff1d(near, firing), np.setdiff1d(np.arange(len(group.texts)), np.union1d(firing, near)))
    return np.sort(np.concatenate([rng.permutation(each)[:most] for each, most in zip(kinds, TEXTS, strict=True)]))


def papers(asked: Sequence[_Question], answer: Answer) -> list[Paper]:
    """Ask about every pair at once.

    Args:
        asked: from `questions`.
        answer: pairs of claim and text to the answer on each word.
    """
    said = iter(answer([pair for each in asked for pair in each.pairs]))
    return [each.paper([next(said) for _ in each.texts]) for each in asked]


def judged(found: Sequence[Paper]) -> list[Judged]:
    """One row for each part and kind, and for each part and thing spoken of; all claims of a part first."""
    rows: dict[tuple[str, str], list[Paper]] = defaultdict(list)
    for paper in found:
        for kind in (ALL, paper.kind, f"about {paper.about}"):
            rows[paper.part, kind].append(paper)
    return [_row(part, kind, each) for (part, kind), each in sorted(rows.items(), key=_order)]


def _order(row: tuple[tuple[str, str], list[Paper]]) -> tuple[str, int, str]:
    (part, kind), _ = row
    return part, 0 if kind == ALL else 1 + kind.startswith("about"), kind


def _row(part: str, kind: str, found: Sequence[Paper]) -> Judged:
    fires, hard, said = (np.concatenate(each) for each in zip(*_columns(found), strict=True))
    return Judged(part, kind, len(found), len(said), _auc(fires, said), _auc(fires[fires | hard], said[fires | hard]))


def _columns(found: Sequence[Paper]) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_], Floats]]:
    return ((paper.fires, paper.hard, paper.answers) for paper in found)


def _auc(fires: NDArray[np.bool_], said: Floats) -> float | None:
    return float(roc_auc_score(fires, said)) if 0 < fires.sum() < len(fires) else None
