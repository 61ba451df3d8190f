"""What words offer to a list, kept as words are taken, equals what is counted anew; affixes equal a plain count."""

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmark.explainers.atoms import Workbench, _Offers
from benchmark.explainers.word_data import Data
from benchmark.laboratory import Exemplar
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Prefix, Suffix


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=1, unique=True), st.integers(0, 2**16))
def test_taking_words_one_by_one_equals_counting_anew(pairs: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    types, spots = np.array(pairs).T
    weight, product = rng.random(10), rng.random(10)
    offers = _Offers(types, spots, weight, product, 6)
    for word in rng.permutation(6)[:4]:
        offers.take(int(word))
        for each in range(6):
            open_spots = [spot for type_, spot in pairs if type_ == each and not offers.covered[spot]]
            assert np.isclose(offers.mass[each], weight[open_spots].sum())
            assert np.isclose(offers.product[each], product[open_spots].sum())


def test_affixes_are_those_of_a_plain_count() -> None:
    texts = ["walking talking king sing ring walked talker", "unhappy undone under until kindness", "ox axe ice icing"]
    exemplars = []
    for number, text in enumerate(texts):
        words = Passages.of([text]).words
        values = np.random.default_rng(number).random(len(words)) * (np.arange(len(words)) % 2)
        exemplars.append(Exemplar(text, words, 10 * values, "firing", 1.0))
    data = Data.of(exemplars)
    sums: dict[tuple[type, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    bench = Workbench(data)
    for place, word in enumerate(data.passages.words):
        for length in range(2, min(5, len(word) - 1) + 1):
            for kind, text in ((Suffix, word[-length:]), (Prefix, word[:length])):
                entry = sums[kind, text]
                entry[0], entry[1] = entry[0] + bench.weight[place], entry[1] + bench.product[place]
                entry[2] += bench.product[place] > 0
    shared = {name: entry for name, entry in sums.items() if entry[2] >= 2}
    found = [(type(each), each.text) for each in bench._affixes(data.type_of)]  # type: ignore[attr-defined]
    assert set(found) == set(shared)
    scores = [float(bench.r(np.array([shared[n][0]]), np.array([shared[n][1]]))[0]) for n in found]
    assert scores == sorted(scores, reverse=True)
