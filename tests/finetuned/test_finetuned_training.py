import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from finetuned_world import TEXTS, WIDTH, group
from hypothesis import given
from hypothesis import strategies as st

from benchmark.readers.diet.group import UNKNOWN
from benchmark.subjects.finetuned.answering import answers
from benchmark.subjects.finetuned.network import Batch, Network
from benchmark.subjects.finetuned.pieces import Pieces
from benchmark.subjects.finetuned.sampling import Sampler
from benchmark.subjects.finetuned.training import (
    STATE,
    Plan,
    Training,
    TrainingError,
    checkpoint_of,
    loss_of,
    write_whole,
)
from synthetic_neurons.passages import Passages

PLAN = Plan("a diet", steps=6, size=4, rate=2e-3)


def sampler(folder: Path, size: int = 4, seed: int = 0) -> Sampler:
    return Sampler([group(), group(name="wordnet", texts=TEXTS[:3])], Pieces(folder), seed, size)


def training(folder: Path, where: Path, plan: Plan = PLAN) -> Training:
    return Training(Network.fresh(folder, plan.seed), sampler(folder, plan.size, plan.seed), plan, where)


def weights(network: Network) -> dict[str, torch.Tensor]:
    return {name: each.detach().clone() for name, each in network.named_parameters()}


def test_the_tokenizer_cuts_nothing_off_and_keeps_the_projects_words(encoder_folder: Path) -> None:
    text = "The dog, un-red NATO 7th " * 5
    (coded,) = Pieces(encoder_folder).code([text])
    assert coded.words == len(Passages.of([text]).words)
    assert set(coded.pairs[:, 1].tolist()) == set(range(coded.words))
    # Capitalised, lower, mark, lower, in capitals, with a digit: the encoder itself sees lower case alone.
    first = [int(coded.shapes[coded.pairs[coded.pairs[:, 1] == word, 0][0]]) for word in range(6)]
    assert first == [1, 5, 4, 5, 2, 3]


def test_one_pass_answers_as_a_pass_for_each_text_would(encoder_folder: Path) -> None:
    network, pieces = Network.fresh(encoder_folder).eval(), Pieces(encoder_folder)
    torch.nn.init.normal_(network.shapes.weight)
    pairs = [(claim, text) for claim in ("red", "the words dog and cat, not a cow") for text in (*TEXTS, "")]
    together = answers(network, pieces, pairs, size=5)
    for pair, said in zip(pairs, together, strict=True):
        (alone,) = answers(network, pieces, [pair])
        assert len(said) == len(Passages.of([pair[1]]).words)
        np.testing.assert_allclose(said, alone, atol=2e-6)


def test_a_words_answer_is_the_mean_over_its_pieces(encoder_folder: Path) -> None:
    network, pieces = Network.fresh(encoder_folder).eval(), Pieces(encoder_folder)
    claim, text = pieces.code(["red", "the zebu slept"])
    batch = Batch.of([(claim, text)], pieces)
    with torch.no_grad():
        inner = network.body.embeddings.word_embeddings(batch.ids) + network.shapes(batch.shapes)
        states = network.body(inputs_embeds=inner, token_type_ids=batch.segments).last_hidden_state[0]
        odds = network.head(states)[:, 0]
        begin = 1 + len(claim) + 1
        by_hand = [odds[begin].item(), odds[begin + 1 : begin + 5].mean().item(), odds[begin + 5 : begin + 10].mean()]
        np.testing.assert_allclose(network(batch).numpy(), by_hand, atol=1e-5)


def test_a_word_that_the_encoder_cannot_see_never_fires(encoder_folder: Path) -> None:
    network, pieces = Network.fresh(encoder_folder).eval(), Pieces(encoder_folder)
    (said,) = answers(network, pieces, [("red", "red \u200d dog")])
    assert len(said) == 3
    assert said[1] == 0
    assert (said[[0, 2]] > 0).all()


def test_a_step_sees_the_same_pairs_whatever_was_asked_before(encoder_folder: Path) -> None:
    one, other = sampler(encoder_folder), sampler(encoder_folder)
    late = [one.pairs(step) for step in (70, 3, 31)]
    assert late == [other.pairs(step) for step in (70, 3, 31)]
    assert sampler(encoder_folder, seed=1).pairs(3) != late[1]
    assert len({tuple(one.pairs(step)) for step in range(20)}) > 10


def test_a_lesson_has_each_words_own_truth_and_nothing_where_it_is_unknown(encoder_folder: Path) -> None:
    drawn = sampler(encoder_folder)
    groups = [each.group for each in drawn._prepared]
    for step in range(12):
        lesson, target, known = drawn.lesson(step), [], []
        for which, claim, text in drawn.pairs(step):
            here = groups[which].passages.text_of == text
            target += groups[which].values[claim, here].tolist()
            known += (groups[which].values[claim, here] != UNKNOWN).tolist()
        assert lesson.batch.words == len(target)
        np.testing.assert_array_equal((lesson.weight > 0).numpy(), known)
        expected = np.where(known, np.array(target) / 200, 0)
        np.testing.assert_allclose(lesson.target.numpy(), expected, atol=1e-6)


def test_most_pairs_fire_or_are_near_to_it(encoder_folder: Path) -> None:
    drawn = sampler(encoder_folder, size=64)
    groups = [each.group for each in drawn._prepared]
    fires = [
        bool(groups[which].fires[claim, groups[which].passages.text_of == text].any())
        for step in range(8)
        for which, claim, text in drawn.pairs(step)
    ]
    assert 0.5 < np.mean(fires) < 0.95


def test_what_is_unknown_moves_no_weight(encoder_folder: Path) -> None:
    network, drawn = Network.fresh(encoder_folder), sampler(encoder_folder)
    lesson = next(each for each in map(drawn.lesson, range(20)) if (each.weight == 0).any())
    other = replace(lesson, target=torch.where(lesson.weight == 0, 1.0, lesson.target))
    assert loss_of(network, lesson, False).item() == loss_of(network, other, False).item()


def test_embeddings_stay_as_the_wheel_has_them_and_the_encoder_learns(encoder_folder: Path, tmp_path: Path) -> None:
    begun = training(encoder_folder, tmp_path)
    before = weights(begun.network)
    begun.run()
    after = weights(begun.network)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert not [name for name in moved if "embeddings" in name]
    # A key's bias moves no attention.
    still = {name for name in before if "embeddings" not in name and not name.endswith("key.bias")} - moved
    assert not still
    assert {"shapes.weight", "head.weight", "head.bias"} <= moved


def test_the_loss_falls_and_the_words_are_learned(encoder_folder: Path, tmp_path: Path) -> None:
    begun = training(encoder_folder, tmp_path, replace(PLAN, steps=250, size=8))
    begun.run()
    losses = [json.loads(line)["loss"] for line in (tmp_path / "losses.jsonl").read_text("utf-8").splitlines()]
    assert losses[-1] < losses[0] / 2
    pairs = [("the words red and blue", text) for text in TEXTS]
    said = np.concatenate(answers(begun.network.eval(), begun.sampler.pieces, pairs))
    fires = np.array([word in ("red", "blue") for word in Passages.of(TEXTS).words])
    assert said[fires].min() > said[~fires].max()


def test_killed_and_resumed_is_the_same_to_the_bit(encoder_folder: Path, tmp_path: Path) -> None:
    whole = training(encoder_folder, tmp_path / "whole")
    whole.run()
    training(encoder_folder, tmp_path / "cut").run(until=3)
    again = training(encoder_folder, tmp_path / "cut")
    assert again.resume()
    assert again.step == 3
    again.run()
    one, other = weights(whole.network), weights(again.network)
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert (tmp_path / "whole" / STATE).read_bytes()[:8] == (tmp_path / "cut" / STATE).read_bytes()[:8]


def test_nothing_is_resumed_where_nothing_is(encoder_folder: Path, tmp_path: Path) -> None:
    assert not training(encoder_folder, tmp_path).resume()
    assert checkpoint_of(tmp_path) is None


def test_another_plan_does_not_go_on(encoder_folder: Path, tmp_path: Path) -> None:
    training(encoder_folder, tmp_path).run(until=1)
    with pytest.raises(TrainingError, match=r"another steps \(6 is not 7\)") as caught:
        training(encoder_folder, tmp_path, replace(PLAN, steps=7)).resume()
    assert "\n" not in str(caught.value)


def test_a_write_that_is_killed_leaves_the_file_before_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "x", lambda part: _put(part, "whole"))

    def half(part: Path) -> None:
        part.write_text("ha", "utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "x", half)
    assert (tmp_path / "x").read_text("utf-8") == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def _put(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


@given(st.integers(1, 5000))
def test_the_rate_rises_then_falls_and_ends_at_its_share(steps: int) -> None:
    plan = Plan("", steps)
    rates = [plan.learning_rate(step) for step in range(steps)]
    top = int(np.argmax(rates))
    rate: Callable[[int], float] = plan.learning_rate
    assert 0 < rates[0] <= max(rates) <= plan.rate + 1e-12
    assert rates == sorted(rates[: top + 1]) + sorted(rates[top + 1 :], reverse=True)
    assert rate(steps) == pytest.approx(plan.last * plan.rate) or steps == 1


def test_the_tiny_encoder_is_tiny(encoder_folder: Path) -> None:
    assert Network.fresh(encoder_folder).head.weight.shape == (1, WIDTH)
