"""Explanations as reports, so that our exams can grade them."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from benchmark.explainers.report import Claim, Report
from benchmark.neuronpedia.explanations import Explanation
from benchmark.neuronpedia.key import FeatureKey
from benchmark.neuronpedia.line import NeuronpediaError, nearest

Several = Literal["refuse", "first"]
_LISTED = 4


def to_report(explanation: Explanation) -> Report:
    """An explanation as a report: one claim in prose, no predicate, confidence 0.5.

    The site's explanations have no separate claims; one that names two concepts stays one claim. Nothing is added and
    nothing is left out but white space at either end.

    Raises:
        NeuronpediaError: the description is blank, which is neither an explanation nor an abstention.
    """
    text = explanation.description.strip()
    if not text:
        where = explanation.place or str(explanation.key)
        raise NeuronpediaError(f"{where}: the description is blank; mend: leave this explanation out")
    return Report(text, (Claim(text),))


def reports(
    explanations: Iterable[Explanation],
    *,
    kind: str | None = None,
    model: str | None = None,
    wanted: Collection[FeatureKey] | None = None,
    several: Several = "refuse",
) -> dict[FeatureKey, Report]:
    """One report for each feature, for an explainer that hands in what is on record.

    A feature whose descriptions are all blank has no report. Memory grows with the explanations of the features
    that are wanted.

    Args:
        explanations: as read; a row that stands there twice counts once, since the export's pages may overlap (they
            are ordered by index alone, and explanations of one feature tie).
        kind: keep those of this method (`typeName`).
        model: keep those by this model (`explanationModelName`).
        wanted: keep those of these features.
        several: what to do where different texts are left for a feature: "refuse", or take the "first" in file order.

    Raises:
        NeuronpediaError: one `id` has two contents; several texts are left for a feature; or nothing is of that method
            or by that model. The message names the valid choices.
    """
    kept: dict[FeatureKey, dict[str, Explanation]] = {}
    known: dict[str, Explanation] = {}
    present: set[tuple[str | None, str | None]] = set()
    for each in explanations:
        if wanted is not None and each.key not in wanted:
            continue
        _assert_same(each, known)
        present.add((each.kind, each.model))
        text = each.description.strip()
        if text and kind in (None, each.kind) and model in (None, each.model):
            kept.setdefault(each.key, {}).setdefault(text, each)
    if present and not kept:
        _assert_present(kind, model, present)
    return {key: _one(list(choices.values()), several) for key, choices in kept.items()}


def _assert_same(explanation: Explanation, known: dict[str, Explanation]) -> None:
    if explanation.identifier is None:
        return
    first = known.setdefault(explanation.identifier, explanation)
    if first != explanation:
        raise NeuronpediaError(
            f"{explanation.place or explanation.key}: the id {explanation.identifier!a} stands for something else at "
            f"{first.place or first.key}; mend: keep one of the two lines"
        )


def _assert_present(kind: str | None, model: str | None, present: Iterable[tuple[str | None, str | None]]) -> None:
    pairs = list(present)
    for name, value, there in (("kind", kind, [k for k, _ in pairs]), ("model", model, [m for _, m in pairs])):
        if value is not None and value not in there:
            hint = nearest(value, [each for each in there if each is not None])
            raise NeuronpediaError(f"no explanation has {name}={value!a}; mend: choose another, {hint}")
    if kind is not None and model is not None and (kind, model) not in pairs:
        hint = nearest(model, [m for k, m in pairs if k == kind and m is not None])
        raise NeuronpediaError(f"no explanation has kind={kind!a} and model={model!a}; mend: choose another, {hint}")


def _one(choices: Sequence[Explanation], several: Several) -> Report:
    if len(choices) > 1 and several == "refuse":
        writers = "; ".join(dict.fromkeys(each.writer for each in choices[:_LISTED]))
        raise NeuronpediaError(
            f"{choices[0].key} has {len(choices)} explanations ({writers}); mend: choose with kind= and model=, or "
            "give several=first (of a run: recorded.kind=, recorded.model=, recorded.several=)"
        )
    return to_report(choices[0])
