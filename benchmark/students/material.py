"""What a lesson is made of: a report, labelled windows to show, and labelled windows to ask about."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark.explainers.report import MAX_LEVEL, Claim, Report
from benchmark.laboratory import Exemplar
from benchmark.students.moves import firing_words

# Windows of each label that a lesson may show; as many again are for quizzes.
MOST_WINDOWS = 16
# Words that a misaligned lesson says the unit fires on.
WRONG_WORDS = 8


@dataclass(frozen=True)
class Material:
    """One unit's lesson, from the teach split alone.

    Attributes:
        claims: of the report; none for an abstention, which has nothing to tell.
        firing, silent: windows to show; near misses come before other silent ones.
        asked_firing, asked_silent: windows for quizzes; none is among those to show.
    """

    claims: tuple[Claim, ...]
    firing: tuple[Exemplar, ...]
    silent: tuple[Exemplar, ...]
    asked_firing: tuple[Exemplar, ...]
    asked_silent: tuple[Exemplar, ...]

    @classmethod
    def of(cls, report: Report, exemplars: Sequence[Exemplar]) -> "Material":
        """A report's lesson on the unit of the exemplars.

        Args:
            report: its text stands for its claims where it has none.
            exemplars: the unit's teach windows.
        """
        claims = () if report.abstained else report.claims or (Claim(report.text),)
        firing = _spread([each for each in exemplars if each.stratum == "firing"])
        near, silent = ([each for each in exemplars if each.stratum == kind] for kind in ("near_miss", "silent"))
        quiet = [each for pair in zip(near, silent, strict=False) for each in pair] + near[len(silent) :]
        quiet = (quiet + silent[len(near) :])[: 2 * MOST_WINDOWS]
        return cls(claims, tuple(firing[::2]), tuple(quiet[::2]), tuple(firing[1::2]), tuple(quiet[1::2]))


def _spread(firing: Sequence[Exemplar]) -> list[Exemplar]:
    """Firing windows over the range of peaks, the strongest first."""
    ranked = sorted(firing, key=lambda each: -each.peak)
    if not ranked:
        return []
    ranks = np.unique(np.linspace(0, len(ranked) - 1, min(len(ranked), 2 * MOST_WINDOWS)).round().astype(int))
    return [ranked[rank] for rank in ranks]


def misaligned(material: Material) -> Material:
    """The same windows with wrong labels: what fires is called silent, and the commonest silent words are said to fire.

    So the lesson's agreement with the unit is below 0, where a lesson about another unit agrees by chance (METHOD.md
    section 7): what is commonest comes again in any exam, which the words of single near misses do not.
    """
    firing, silent = (*material.firing, *material.asked_firing), (*material.silent, *material.asked_silent)
    wrong = _commonest(silent, frozenset(word.lower() for each in firing for word in firing_words(each)))
    named = ", ".join(f'"{word}"' for word in wrong)
    claims = (Claim(f"The unit fires on {named}."),) if wrong else ()
    said, asked = (
        tuple(_said_to_fire(each, wrong) for each in some) for some in (material.silent, material.asked_silent)
    )
    hushed, hushed_asked = (tuple(map(_hushed, some)) for some in (material.firing, material.asked_firing))
    return Material(claims, said, hushed, asked, hushed_asked)


def _commonest(windows: Sequence[Exemplar], shut: frozenset[str]) -> tuple[str, ...]:
    """The words of most of the windows, less those that are shut out."""
    found = Counter(word for each in windows for word in {word.lower() for word in each.words if word.isalpha()} - shut)
    return tuple(sorted(found, key=lambda word: (-found[word], word))[:WRONG_WORDS])


def _said_to_fire(window: Exemplar, wrong: Sequence[str]) -> Exemplar:
    values = np.array([MAX_LEVEL * (word.lower() in wrong) for word in window.words])
    return replace(window, values=values, stratum="firing" if values.any() else "silent")


def _hushed(window: Exemplar) -> Exemplar:
    return replace(window, values=np.zeros(len(window.words)), stratum="silent")
