"""Multi-concept: cluster the firing exemplars and name each cluster, after PRISM.

Source: Kopf et al. (2025), "Capturing polysemanticity with PRISM: a multi-concept feature description framework"
(arXiv 2506.15538): texts of the top percentile, embedded, KMeans with 5 clusters, one label for each by a language
model. Here the number of clusters is chosen, 1 to 5, since a unit of one concept would get it in five wordings; and
what is embedded are the five words around the peak, since whole windows are grouped by their topic.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.explainers.quoting import quoted
from benchmark.explainers.replies import asked, phrase
from benchmark.explainers.report import MAX_LEVEL, Claim, Report
from benchmark.laboratory import BudgetExceeded, Exemplar, Laboratory
from benchmark.readers.encoder import Vectors

PROMPT = Path(__file__).with_name("prompts") / "multi_concept.txt"
# Shown of one cluster, as many as a single pass shows of all.
MOST_EXEMPLARS = 8
MOST_CLUSTERS = 5
# Words on either side of the peak that are embedded with it.
AROUND = 2
# Null units' exemplars make clusters of a silhouette of 0.055 at most (32 of another seed than any suite that ships).
LEAST_SILHOUETTE = 0.055
SMALLEST = 2
SEED = 0

Sentences = Callable[[Sequence[str]], Vectors]


def around_peak(exemplar: Exemplar) -> str:
    """The word of greatest activation with the two before it and the two after."""
    peak = int(exemplar.values.argmax())
    return " ".join(exemplar.words[max(0, peak - AROUND) : peak + AROUND + 1])


def clustered(vectors: Vectors) -> NDArray[np.int64]:
    """Cluster numbers, int64 [vectors]: of the k from 2 to 5 with the greatest silhouette, or all 0.

    All are one cluster where the best silhouette is below 0.055. A k that leaves a vector alone does not count.

    Args:
        vectors: float32 [vectors, width].
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    best, chosen = LEAST_SILHOUETTE, np.zeros(len(vectors), dtype=np.int64)
    distinct = len(np.unique(vectors, axis=0))
    for k in range(2, min(MOST_CLUSTERS, distinct - 1, len(vectors) // SMALLEST) + 1):
        labels = KMeans(k, n_init=10, random_state=SEED).fit_predict(vectors).astype(np.int64)
        if np.bincount(labels, minlength=k).min() < SMALLEST:
            continue
        if (score := float(silhouette_score(vectors, labels))) > best:
            best, chosen = score, labels
    return chosen


def prompt_for(cluster: Sequence[Exemplar]) -> str:
    """The prompt about one cluster: at most 8 exemplars, strongest first; no name of unit, layer or model."""
    strongest = sorted(cluster, key=lambda each: -each.peak)[:MOST_EXEMPLARS]
    # One replace, not str.format: exemplars may hold braces.
    text = PROMPT.read_text(encoding="utf-8").strip()
    return text.replace("{exemplars}", "\n".join(quoted(each) for each in strongest))


def level_of(cluster: Sequence[Exemplar]) -> float:
    """The level to expect: the cluster's mean peak, rounded, 1 to 10."""
    return min(MAX_LEVEL, max(1.0, float(round(float(np.mean([each.peak for each in cluster]))))))


class MultiConcept:
    """Names each cluster of exemplars by a question of its own; declares no predicates.

    Args:
        sentences: embeds texts, float32 [texts, width]; injected, since an encoder is the caller's.
    """

    name: str = "multi_concept"
    needs_model: bool = True
    declares_predicates: bool = False

    def __init__(self, sentences: Sentences) -> None:
        self._sentences = sentences

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """One claim for each cluster that gets a name of its own; an abstention where no exemplar fires.

        Raises:
            ValueError: `ask` is missing.
            NoReport: no cluster got a name; as the first one's failure.
            BudgetExceeded: before any cluster has a name.
        """
        if ask is None:
            raise ValueError(f"explainer {self.name!r} needs a model and none was given: set model=…")
        firing = laboratory.exemplars("firing")
        if not firing:
            return Report.abstain("no exemplar fires")
        clusters = self._clusters(firing)
        sizes = [len(each) for each in clusters]
        journal.note("observation", f"{len(firing)} firing exemplars in {len(sizes)} clusters", sizes=sizes)
        claims = await _named(clusters, laboratory, journal, ask)
        report = Report("; ".join(claim.text for claim in claims), claims)
        journal.note("submission", report.text, report=report.to_json())
        return report

    def _clusters(self, firing: Sequence[Exemplar]) -> list[list[Exemplar]]:
        """The clusters, that of the greatest mean peak first."""
        labels = clustered(self._sentences([around_peak(each) for each in firing]))
        made = [[firing[int(place)] for place in np.flatnonzero(labels == label)] for label in np.unique(labels)]
        return sorted(made, key=lambda each: -float(np.mean([one.peak for one in each])))


async def _named(
    clusters: Sequence[Sequence[Exemplar]], laboratory: Laboratory, journal: Journal, ask: Ask
) -> tuple[Claim, ...]:
    """A claim for each cluster, the first of those with the same name; what fails is noted and left out.

    Raises:
        NoReport, BudgetExceeded: the first failure, where none has a name.
    """
    claims: dict[str, Claim] = {}
    failures: list[NoReport | BudgetExceeded] = []
    for number, cluster in enumerate(clusters, start=1):
        try:
            laboratory.check_time()
            name = await asked(ask, prompt_for(cluster), phrase, journal)
            claims.setdefault(name.casefold(), Claim(name, level=level_of(cluster)))
        except NoReport as error:
            journal.note("observation", f"cluster {number} got no name: {error}", failed=error.kind)
            failures.append(error)
        except BudgetExceeded as error:
            journal.note("observation", f"clusters from {number} on got no name: {error}", failed="limit")
            failures.append(error)
            break
    if not claims:
        raise failures[0]
    return tuple(claims.values())
