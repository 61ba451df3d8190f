"""Multi-concept: how many clusters, what each is named, and what happens to one without a name."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hash_encoder import HashEncoder
from planted_world import World, exemplar, words

from benchmark.explainers.explainer import Journal, NoReport
from benchmark.explainers.multi_concept import MultiConcept, around_peak, clustered, level_of, prompt_for
from benchmark.explainers.report import Report
from benchmark.laboratory import Budget, BudgetExceeded

# River at full strength, stone at half.
TWO = {"op": "or", "of": [words("river"), {"op": "scaled", "factor": 0.5, "of": words("stone")}]}


def blobs(sizes: tuple[int, ...], spread: float = 0.05) -> np.ndarray:
    rng = np.random.default_rng(0)
    centres = np.eye(len(sizes), 12)
    drawn = [centres[i] + spread * rng.standard_normal((size, 12)) for i, size in enumerate(sizes)]
    return np.concatenate(drawn).astype(np.float32)


@pytest.mark.parametrize("sizes", [(10, 10), (10, 8, 6), (8, 8, 8, 8, 8)])
def test_clusters_are_found_whatever_their_number(sizes: tuple[int, ...]) -> None:
    labels = clustered(blobs(sizes))
    first = np.concatenate([[0], np.cumsum(sizes)])
    groups = [set(labels[a:b].tolist()) for a, b in pairwise(first)]
    assert all(len(group) == 1 for group in groups)
    assert len(set.union(*groups)) == len(sizes)


def test_noise_is_one_cluster() -> None:
    rng = np.random.default_rng(1)
    noise = rng.standard_normal((40, 384)).astype(np.float32)
    assert set(clustered(noise).tolist()) == {0}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_exemplars_are_one_cluster(count: int) -> None:
    assert clustered(blobs((count,))).tolist() == [0] * count
    assert clustered(np.zeros((count, 4), np.float32)).tolist() == [0] * count


def test_an_exemplar_alone_is_no_cluster() -> None:
    assert set(clustered(blobs((20, 1), spread=0.001)).tolist()) == {0}


def test_the_words_around_the_peak_are_embedded() -> None:
    values = np.array([0.0, 1.0, 0.0, 9.0, 0.0, 0.0, 0.0])
    assert around_peak(exemplar("a b c d e f g", values, "firing")) == "b c d e f"
    assert around_peak(exemplar("a b c d e f g", values[::-1].copy(), "firing")) == "b c d e f"
    assert around_peak(exemplar("a b c", np.array([9.0, 0.0, 0.0]), "firing")) == "a b c"


def test_the_level_is_the_mean_peak_rounded() -> None:
    assert level_of([exemplar("a", np.array([peak]), "firing") for peak in (4.0, 5.0, 5.9)]) == 5.0
    assert level_of([exemplar("a", np.array([0.2]), "firing")]) == 1.0


def test_the_prompt_is_short_blind_and_quoted() -> None:
    text = "river </text> {exemplars} " + "word " * 50
    size = len(exemplar(text, np.zeros(1), "firing").words)
    prompt = prompt_for([exemplar(text, np.eye(size)[0] * 5, "firing")] * 20)
    assert prompt.count("</text>") == 8
    assert not any(name in prompt.lower() for name in ("layer", "latent", "smollm", "feature"))
    assert prompt.endswith("This neuron fires on")


def run(
    reply: Callable[[str], str], world: World | None = None, budget: Budget | None = None
) -> tuple[Report, Journal, list[str]]:
    questions: list[str] = []

    async def ask(prompt: str) -> str:
        questions.append(prompt)
        return reply(prompt)

    journal = Journal()
    laboratory = (world or World(TWO, counts=(40, 20, 20))).laboratory(budget)
    report = asyncio.run(MultiConcept(by_peak).explain(laboratory, journal, ask))
    return report, journal, questions


def by_peak(texts: list[str]) -> np.ndarray:
    """Embeds by whether "river" stands in the text: two clusters, and a little noise."""
    noise = HashEncoder().sentences(texts)[:, :6] * 0.05
    return np.array([[("river" in text), ("river" not in text)] for text in texts], np.float32) @ np.eye(2, 6) + noise


def test_each_cluster_gets_a_question_and_a_claim_with_its_level() -> None:
    report, journal, questions = run(lambda prompt: "the word river" if "river 10" in prompt else "the word stone")
    assert len(questions) == len(journal.entries[0].data["sizes"]) == 2
    assert "river 10" not in questions[1]
    assert [(claim.text, claim.level) for claim in report.claims] == [("the word river", 10.0), ("the word stone", 5.0)]
    assert report.text == "the word river; the word stone"
    assert not report.has_predicates


def test_a_name_that_comes_twice_is_one_claim() -> None:
    names = iter(["Old words", "old words"])
    report, _, questions = run(lambda prompt: next(names))
    assert len(questions) == 2
    assert [claim.text for claim in report.claims] == ["Old words"]


def test_a_cluster_without_a_name_is_noted_and_left_out() -> None:
    report, journal, _ = run(lambda prompt: "I cannot say." if "river 10" in prompt else "the word stone")
    assert [claim.text for claim in report.claims] == ["the word stone"]
    assert [entry.data["failed"] for entry in journal.entries if "failed" in entry.data] == ["refusal"]
    assert journal.count("repair") == 1


def test_without_any_name_there_is_no_report() -> None:
    with pytest.raises(NoReport) as failure:
        run(lambda prompt: "...")
    assert failure.value.kind == "unparsable"


def test_what_was_named_before_the_budget_ended_is_handed_in() -> None:
    def reply(prompt: str) -> str:
        if "river 10" not in prompt:
            raise BudgetExceeded("calls: 1 wanted, 1 allowed, 1 used")
        return "the word river"

    report, journal, _ = run(reply)
    assert [claim.text for claim in report.claims] == ["the word river"]
    assert [entry.data["failed"] for entry in journal.entries if "failed" in entry.data] == ["limit"]
    with pytest.raises(BudgetExceeded):
        run(lambda prompt: reply(""))


def test_it_abstains_where_nothing_fires_and_names_a_missing_model() -> None:
    world = World(TWO)
    world.exemplars = [each for each in world.exemplars if each.stratum != "firing"]
    assert run(lambda prompt: "x", world)[0].abstained
    with pytest.raises(ValueError, match="needs a model"):
        asyncio.run(MultiConcept(by_peak).explain(world.laboratory(), Journal()))
