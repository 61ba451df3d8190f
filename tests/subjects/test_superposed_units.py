"""Superposed units: the world, the encoder, what latents are called, and the set that ships."""

import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from benchmark.explainers.report import Report
from benchmark.readers.executable import ExecutableReader
from benchmark.statistics.weighted import weighted_r
from benchmark.subjects.superposed import SuperposedError, SuperposedSet, World, WorldConcept
from benchmark.subjects.superposed.concepts import concepts
from benchmark.subjects.superposed.relations import (
    LABELS,
    RULES,
    Fitted,
    Measured,
    claimed,
    correlations,
    cosines,
    fit_claims,
    precisions,
)
from benchmark.subjects.superposed.served import encode
from benchmark.subjects.superposed.world import context_keys, normals
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import Word

TEXTS = ["the cat saw a dog", "an oak by the elm", "dog and cat , elm and oak", "a pet in a tree"] * 3


@cache
def shipped() -> SuperposedSet:
    return SuperposedSet.load()


def tiny(background: int = 0, noise: float = 0.0, dimensions: int = 6) -> World:
    """Six concepts, two of them wider; without background the features are orthogonal."""
    planted = (
        WorldConcept("animals", Word(("cat", "dog", "pet"))),
        WorldConcept("cats", Word(("cat",)), "animals"),
        WorldConcept("dogs", Word(("dog",)), "animals"),
        WorldConcept("woods", Word(("elm", "oak", "tree"))),
        WorldConcept("elms", Word(("elm",)), "woods"),
        WorldConcept("oaks", Word(("oak",)), "woods"),
    )
    count = len(planted) + background
    vectors = np.eye(count, dimensions, dtype=np.float32)
    arrays = {
        "feature_vectors": vectors,
        "bias": np.zeros(dimensions, np.float32),
        "mean": np.ones(count, np.float32),
        "std": np.zeros(count, np.float32),
        "factor": np.full((background, 1), 0.6, np.float32),
        "diag": np.full(background, 0.64, np.float32),
        "threshold": np.full(background, 1.0, np.float32),
    }
    return World(planted, arrays, "tiny", noise)


def weights_of(world: World) -> dict[str, Any]:
    """A SAE that is the dictionary."""
    vectors = world.arrays["feature_vectors"]
    return {
        "W_enc": vectors.T.copy(),
        "b_enc": np.zeros(len(vectors), np.float32),
        "W_dec": vectors,
        "b_dec": np.zeros(vectors.shape[1], np.float32),
    }


def config(k: int = 3, **changed: Any) -> dict[str, Any]:
    return {
        "architecture": "topk",
        "k": k,
        "apply_b_dec_to_input": True,
        "rescale_acts_by_decoder_norm": True,
        **changed,
    }


CHILDREN = {0: (1, 2), 3: (4, 5)}


def measured(levels: Floats, truth: Floats) -> Measured:
    return Measured(levels >= 1, truth, correlations(levels, truth), CHILDREN, 6)


def test_a_sae_that_is_the_dictionary_has_one_concept_a_latent() -> None:
    world, passages = tiny(), Passages.of(TEXTS)
    truth = world.truth(passages)
    latents = encode(world.vectors(passages), weights_of(world), config())
    np.testing.assert_allclose(latents, truth)
    np.testing.assert_allclose(np.diag(correlations(latents, truth)), 1)
    np.testing.assert_allclose(cosines(weights_of(world)["W_dec"], world.arrays["feature_vectors"]), np.eye(6))
    np.testing.assert_allclose(np.diag(precisions(latents, truth)), 1)
    found = measured(10 * latents, truth)
    for latent in range(6):
        claims = fit_claims(10 * latents[:, latent], truth, CHILDREN)
        assert [(each.concept, each.level) for each in claims] == [(latent, 10)]
        assert found.label(latent, claims, 1.0) == "one concept"
        assert found.best(latent) == latent


def test_each_label_has_its_case() -> None:
    rng = np.random.default_rng(0)
    truth = tiny().truth(Passages.of([*TEXTS * 4, *["the pet"] * 40]))
    truth = np.column_stack([truth, rng.random(len(truth)) < 0.3]).astype(float)
    cats = np.flatnonzero(truth[:, 1])
    some = np.zeros(len(truth))
    some[cats[: len(cats) // 3]] = 10
    rest = np.zeros(len(truth))
    rest[cats[len(cats) // 3 : 2 * len(cats) // 3]] = 10
    cases = {
        "dead": np.zeros(len(truth)),
        "background": 10 * truth[:, 6],
        "absorbed": 10 * (truth[:, 0] - truth[:, 1]),
        "one concept": 10 * truth[:, 3],
        "split": some,
        "mixture": 10 * np.maximum(truth[:, 2], truth[:, 4]),
        "unclear": 10 * (rng.random(len(truth)) < 0.1),
    }
    levels = np.column_stack([*cases.values(), rest])
    found = Measured(levels >= 1, truth, correlations(levels, truth), CHILDREN, 6)
    labels = {}
    for latent, label in enumerate(cases):
        claims = fit_claims(levels[:, latent], truth[:, :6], CHILDREN)
        agreement = weighted_r(levels[:, latent], claimed(claims, truth), np.ones(len(truth)))
        labels[label] = found.label(latent, claims, agreement)
    assert labels == {label: label for label in LABELS}
    assert found.holes(2) == (1,)
    assert found.best(2) == 0


def test_a_split_needs_the_other_part() -> None:
    truth = tiny().truth(Passages.of(TEXTS * 4))
    some = np.zeros((len(truth), 1))
    some[np.flatnonzero(truth[:, 1])[:8]] = 10
    assert measured(some, truth).label(0, (), 0.0) == "unclear"


def test_a_hole_is_judged_by_the_words_outside_of_it() -> None:
    truth = tiny().truth(Passages.of([*["cat"] * 12, *["pet"] * 6, *["dog"] * 4, *["the"] * 200]))
    levels = 10 * (truth[:, :1] - truth[:, 1:2])
    found = measured(levels, truth)
    assert found.recall(0) < 0.5
    assert found.label(0, (), 0.0) == "absorbed"


def test_absorption_is_claimed_as_an_exception() -> None:
    truth = tiny().truth(Passages.of(TEXTS))
    levels = 8 * (truth[:, 0] - truth[:, 1])
    (claim, *others) = fit_claims(levels, truth, CHILDREN)
    assert claim in (Fitted(0, (1,), 8.0), Fitted(2, (), 8.0))
    assert weighted_r(levels, claimed([claim, *others], truth), np.ones(len(levels))) == pytest.approx(1)


def test_background_is_the_same_on_any_run_depends_on_context_and_fires_together() -> None:
    world = tiny(background=3, dimensions=5)
    passages = Passages.of([f"w{i} and more words in line {i}" for i in range(3000)])
    truth = world.truth(passages)[:, 6:]
    np.testing.assert_array_equal(truth, world.truth(passages)[:, 6:])
    # P(normal > 1) = 0.159; a factor of 0.6 gives a tetrachoric correlation of 0.36.
    assert truth.mean() == pytest.approx(0.159, abs=0.01)
    assert 0.15 < np.corrcoef(truth.T)[0, 1] < 0.3
    one, other = (world.truth(Passages.of([f"{word} stone " * 200]))[1::2, 6] for word in ("a", "b"))
    assert (one != other).any()
    cut = Passages.of(["a stone a stone"])
    np.testing.assert_array_equal(world.truth(cut)[:, 6], world.truth(Passages.of(["a stone " * 200]))[:4, 6])
    assert (replace(world, secret="another").truth(passages)[:, 6:] != truth).any()


def test_normals_are_normal_and_each_draw_its_own() -> None:
    keys = context_keys("secret", Passages.of([" ".join(f"w{i}" for i in range(5000))]))
    drawn = normals(keys, 0, 4)
    assert np.abs(drawn.mean(axis=0)).max() < 0.05
    assert np.abs(drawn.std(axis=0) - 1).max() < 0.05
    assert np.abs(np.corrcoef(drawn.T) - np.eye(4)).max() < 0.05
    np.testing.assert_array_equal(normals(keys, 2, 2), drawn[:, 2:])


def test_magnitudes_noise_and_bias_reach_the_vectors() -> None:
    world = tiny(noise=0.1)
    arrays = {**world.arrays, "std": np.full(6, 0.2, np.float32), "bias": np.full(6, 3, np.float32)}
    world = replace(world, arrays=arrays)
    passages = Passages.of([f"{i} cat" for i in range(2000)])
    vectors = world.vectors(passages)[1::2]
    assert vectors[:, 5].mean() == pytest.approx(3, abs=0.02)
    assert vectors[:, 5].std() == pytest.approx(0.1, abs=0.02)
    assert vectors[:, 1].std() == pytest.approx(np.hypot(0.1, 0.2), abs=0.03)


def test_an_unknown_architecture_is_refused() -> None:
    with pytest.raises(SuperposedError, match="jumprelu"):
        encode(np.zeros((1, 6)), weights_of(tiny()), config(architecture="jumprelu"))


@pytest.mark.parametrize("rescaled", [True, False])
def test_the_numpy_encoder_is_saelens_encoder(rescaled: bool) -> None:
    torch = pytest.importorskip("torch")
    from sae_lens.saes.standard_sae import StandardSAE, StandardSAEConfig
    from sae_lens.saes.topk_sae import TopKSAE, TopKSAEConfig

    torch.manual_seed(0)
    vectors = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)
    topk = TopKSAEConfig(d_in=8, d_sae=20, k=4, rescale_acts_by_decoder_norm=rescaled, apply_b_dec_to_input=rescaled)
    standard = StandardSAEConfig(d_in=8, d_sae=20, apply_b_dec_to_input=rescaled)
    for sae in (TopKSAE(topk), StandardSAE(standard)):
        with torch.no_grad():
            for parameter in sae.parameters():
                parameter.copy_(torch.randn_like(parameter))
            theirs = sae.encode(torch.tensor(vectors)).numpy()
        weights = {name: value.detach().numpy() for name, value in sae.named_parameters()}
        stated = {**sae.cfg.to_dict(), "architecture": sae.cfg.architecture()}
        np.testing.assert_allclose(encode(vectors.astype(float), weights, stated), theirs, atol=1e-3)
        assert (theirs > 0).any()


def test_the_shipped_set_is_what_saelens_loads(root: Path) -> None:
    torch = pytest.importorskip("torch")
    from sae_lens import SAE

    sae = SAE.load_from_disk(root / "benchmark/subjects/superposed/set-1")
    vectors = shipped().world.vectors(Passages.of(TEXTS))
    with torch.no_grad():
        theirs = sae.encode(torch.tensor(vectors, dtype=torch.float32)).numpy()
    np.testing.assert_allclose(shipped().activations(Passages.of(TEXTS)), theirs, atol=1e-4)


def test_concepts_lie_within_their_parents() -> None:
    from benchmark.subjects.superposed.train import check_hierarchy, roots

    planted = concepts()
    names = [concept.name for concept in planted]
    assert len(set(names)) == len(names)
    words = [word for concept in planted if isinstance(concept.predicate, Word) for word in concept.predicate.words]
    truth = World(planted, tiny().arrays, "").truth(Passages.of([" ".join(words)]))
    check_hierarchy(planted, truth)
    assert sum(len(root.get_all_feature_indices()) for root in roots(planted)) == len(planted)
    broken = truth.copy()
    broken[:, names.index("creatures")] = 0
    with pytest.raises(ValueError, match="its parent does not"):
        check_hierarchy(planted, broken)


def test_the_same_plan_gives_the_same_bytes_and_another_seed_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmark.subjects.superposed import train

    lines = [f"{text} {i}" for i in range(8) for text in TEXTS[:4]]
    parts = {part: [f"{line} {part}" for line in lines] for part in ("train", "fit", "report")}
    monkeypatch.setattr(train, "texts", lambda seed, a_writer: parts)
    plan = train.Plan(background=4, rate=0.1, dimensions=6, latents=12, k=2, samples=4096, batch=64)
    planted = tiny().concepts
    for name, made in (("a", plan), ("b", plan), ("c", replace(plan, seed=2))):
        train.make(tmp_path / name, made, planted)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == [
        "README.md",
        "card.json",
        "cfg.json",
        "relations.safetensors",
        "sae_weights.safetensors",
        "world.safetensors",
    ]
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    # SAELens writes these in the order of a set, which another process has otherwise.
    config = (tmp_path / "a" / "cfg.json").read_text("utf-8")
    assert config == json.dumps(json.loads(config), indent=1, sort_keys=True) + "\n"
    for name in ("world.safetensors", "sae_weights.safetensors"):
        assert (tmp_path / "a" / name).read_bytes() != (tmp_path / "c" / name).read_bytes(), name


def test_the_shipped_set_is_superposed_small_and_labelled(root: Path) -> None:
    card = shipped().card
    folder = root / "benchmark/subjects/superposed/set-1"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 2_000_000
    vectors = shipped().world.arrays["feature_vectors"].astype(float)
    assert len(vectors) == card["features"] > vectors.shape[1]
    overlap = np.abs(cosines(vectors, vectors)) - np.eye(len(vectors))
    assert overlap.max(axis=1).mean() == pytest.approx(card["figures"]["mean_max_abs_cosine"], abs=1e-4)
    assert card["figures"]["mean_max_abs_cosine"] > 0.2
    assert set(card["labels"]) == set(LABELS) == set(RULES)
    assert sum(card["labels"].values()) == shipped().size == len(card["latents"])
    assert card["rules"] == RULES
    assert all(array.shape == (shipped().size, card["features"]) for array in shipped().relations.values())


def test_the_oracles_report_predicts_the_latents_on_new_texts() -> None:
    from benchmark.suites.suite import load

    suite = load("embedded-1")
    passages = suite.pool("planted").passages
    chosen = [each for each in shipped().card["latents"] if each["label"] == "one concept"]
    assert len(chosen) >= 20
    activations, reader, found = shipped().activations(passages), ExecutableReader(), []
    for each in chosen:
        levels = np.clip(10 * activations[:, each["latent"]] / each["scale"], 0, 10)
        predicted = reader.read(shipped().report(each["latent"]), passages)
        assert predicted is not None
        found.append(weighted_r(levels, predicted, np.ones(len(levels))))
    assert np.mean(found) > 0.85


def test_a_report_says_what_its_card_claims() -> None:
    passages = Passages.of([" ".join(word for text in TEXTS for word in text.split()), "the law of the market"])
    truth = shipped().world.truth(passages)
    for each in shipped().card["latents"]:
        report = shipped().report(each["latent"])
        if report.abstained:
            assert not each["claims"] or each["label"] in ("dead", "background")
            continue
        claims = [Fitted(c["concept"], tuple(c["without"]), c["level"]) for c in each["claims"]]
        read = ExecutableReader().read(report, passages)
        assert read is not None
        np.testing.assert_allclose(read, claimed(claims, truth))
        assert Report.from_json(report.to_json()) == report


def test_values_are_served_on_any_text() -> None:
    found = shipped()
    for texts in ([], [""], ["é 日本 \U0001f642"], TEXTS):
        passages = Passages.of(texts)
        values = found.values(5, passages)
        assert values.shape == (len(passages.words),)
        assert values.dtype == np.float64
        assert (values >= 0).all()
        assert found.levels(5, passages).max(initial=0) <= 10


@pytest.mark.parametrize("latent", [-1, 128])
def test_a_latent_that_is_not_there_is_refused(latent: int) -> None:
    with pytest.raises(SuperposedError, match="give 0 to 127"):
        shipped().values(latent, Passages.of(TEXTS))


def test_a_missing_or_damaged_set_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SuperposedError, match=r"mend: python -m benchmark\.subjects\.superposed"):
        SuperposedSet.load(tmp_path)
    for name in ("card.json", "cfg.json"):
        (tmp_path / name).write_text("{}", "utf-8")
    save_file({"x": np.zeros(1)}, tmp_path / "world.safetensors")
    (tmp_path / "sae_weights.safetensors").write_bytes(b"broken")
    with pytest.raises(SuperposedError, match="no whole set"):
        SuperposedSet.load(tmp_path)


def test_serving_needs_neither_torch_nor_saelens() -> None:
    code = (
        "import sys\n"
        "class Refused:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('torch', 'sae_lens', 'transformer_lens'): raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refused())\n"
        "from benchmark.subjects.superposed import SuperposedSet\n"
        "from synthetic_neurons.passages import Passages\n"
        "print(SuperposedSet.load().activations(Passages.of(['the dog and the river'])).sum())\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=False
        )
        for seed in ("1", "2")
    ]
    assert not runs[0].returncode, runs[0].stderr
    assert float(runs[0].stdout) > 0
    assert runs[0].stdout == runs[1].stdout
