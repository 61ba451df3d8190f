"""A whole explainer of one's own: names the word that carries most activation."""

from collections import Counter

from benchmark.explainers.report import Claim, Report
from synthetic_neurons.predicate import parse


class MostFrequentWord:
    name = "most_frequent_word"
    needs_model = False
    declares_predicates = True

    async def explain(self, laboratory, journal, ask=None):
        total = Counter()
        for exemplar in laboratory.exemplars("firing"):
            for word, value in zip(exemplar.words, exemplar.values, strict=True):
                total[word.lower()] += value
        if not total:
            return Report.abstain("nothing fires")
        word = total.most_common(1)[0][0]
        journal.note("hypothesis", f"the word {word!r}")
        claim = Claim(f"the word '{word}'", parse({"op": "word", "words": [word]}))
        return Report(claim.text, (claim,))
