"""`viva freeze` of another subject and SAE: small ones with random weights, on a shipped suite's own text."""

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.laboratory import Budget
from benchmark.runtime.workshop import Workshop
from benchmark.subjects.embedded import materialise
from benchmark.subjects.windows import Window
from benchmark.suites import Suite, SuiteError, ceiling, freeze_bank, load, natural
from benchmark.suites import freeze as freeze_module
from benchmark.suites.freeze import freeze
from benchmark.suites.homes import Dwelling, Home
from benchmark.suites.recipe import Recipe
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Passages

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
WIDTH, LATENTS, HOOK = 32, 160, "blocks.0.hook_resid_pre"
PART_WINDOWS = {"teach": 1500, "practice": 2500, "calibration": 1500, "exam": 3000, "ood": 1500, "shifted": 400}
RECIPE = Recipe(
    "small",
    seed=5,
    planted=15,
    found=16,
    randomised=8,
    nulls=4,
    planted_natural=800,
    planted_generated=900,
    generated_teach=40,
    ladder_draws=1,
    ladder_per_family=1,
    ladder_least=40,
    latents_by_rules=2,
    latents_shown=1,
    latents_by_model=0,
    statements=0,
)


class LetterVectors:
    """An encoder that counts letters: what MiniLM makes of words is not in question here, and takes minutes."""

    name = "letters"

    def sentences(self, texts: Sequence[str]) -> Any:
        rows = np.zeros((len(texts), 32), np.float32)
        for row, text in zip(rows, texts, strict=True):
            np.add.at(row, [ord(letter) % 32 for letter in text], 1.0)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    def words_in_context(self, passages: Passages) -> Any:
        return self.sentences(passages.words)

    def word_types(self, vocabulary: Sequence[str]) -> Any:
        return self.sentences(vocabulary)


@contextmanager
def small_world() -> Iterator[None]:
    """Freezing with a shipped suite's windows, letters for meaning, and no text that has to be fetched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(natural, "natural_windows", lambda tokenizer: windows())
        patch.setattr(freeze_bank, "fetch", lambda root: root)
        patch.setattr(freeze_bank, "statement_entries", lambda *_: [])
        for module in (freeze_module, freeze_bank, ceiling):
            patch.setattr(module, "MiniLM", LetterVectors)
        yield


def windows() -> dict[str, list[Window]]:
    """Windows of a shipped suite by part; no suite ships its calibration part, so a share of practice stands for it."""
    suite = load("embedded-2")
    parts: dict[str, list[Window]] = {}
    seen: dict[str, str] = {}
    for text, part in zip(suite._windows["text"], suite._windows["part"], strict=True):
        name = "calibration" if part == "practice" and len(seen) % 3 == 0 else str(part)
        if seen.setdefault(text, name) == name and len(parts.setdefault(name, [])) < PART_WINDOWS[name]:
            parts[name].append(Window(str(text), name))
    return parts


def save_subject(folder: Path, seed: int) -> Path:
    """A small Llama with random weights and the embedded subject's tokenizer."""
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    tokenizer = AutoTokenizer.from_pretrained(materialise())
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.5,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_sae(folder: Path, subject: Path, seed: int, texts: list[str], bos: bool) -> Path:
    """A standard SAE of random directions whose biases give rates from rare to common, one dead, one always on."""
    from sae_lens import StandardSAE, StandardSAEConfig

    from benchmark.subjects.catalog import parse_subject
    from benchmark.subjects.loading.subject import boot_subject

    booted = boot_subject(parse_subject(f"local:{subject}@small"))
    rows = booted.tokenizer(texts, add_special_tokens=False)["input_ids"]
    hidden = torch.cat([booted.hidden([[booted.bos, *row]], HOOK)[0, 1:] for row in rows]).float()
    torch.manual_seed(seed)
    sae: Any = StandardSAE(StandardSAEConfig(d_in=WIDTH, d_sae=LATENTS, dtype="float32", device="cpu"))
    with torch.no_grad():
        sae.W_enc.copy_(torch.randn(WIDTH, LATENTS))
        sae.W_dec.copy_(sae.W_enc.T / sae.W_enc.norm(dim=0)[:, None])
        rates = torch.logspace(np.log10(0.002), np.log10(0.08), LATENTS)
        projected = (hidden - sae.b_dec) @ sae.W_enc
        sae.b_enc.copy_(-torch.stack([projected[:, i].quantile(1 - float(rates[i])) for i in range(LATENTS)]))
        sae.b_enc[0], sae.b_enc[1] = -1e4, 1e4
    sae.cfg.metadata.model_name = "small"
    sae.cfg.metadata.hook_name = HOOK
    sae.cfg.metadata.prepend_bos = bos
    sae.cfg.metadata.neuronpedia_id = "small/0-res-tests"
    sae.save_model(str(folder))
    return folder


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Home]:
    home, texts = tmp_path_factory.mktemp("homes"), [each.text for each in windows()["teach"][:400]]
    made = {}
    for seed, tier in enumerate(("found", "randomised")):
        subject = save_subject(home / f"{tier}-subject", seed)
        sae = save_sae(home / f"{tier}-sae", subject, seed, texts, tier == "found")
        made[tier] = Home(f"local:{subject}@small", str(sae))
    return made


@pytest.fixture(scope="module")
def recipe(homes: dict[str, Home]) -> Recipe:
    return replace(RECIPE, home=homes["found"], randomised_home=homes["randomised"])


@pytest.fixture(scope="module")
def frozen(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> tuple[Suite, list[str]]:
    said: list[str] = []
    folder = tmp_path_factory.mktemp("frozen") / "suite"
    with small_world():
        freeze(recipe, folder, said.append)
    return load(str(folder)), said


def test_every_tier_is_there_and_its_home_is_named(frozen: tuple[Suite, list[str]], homes: dict[str, Home]) -> None:
    suite, said = frozen
    counts = {tier: sum(unit.tier == tier for unit in suite.units) for tier in ("found", "randomised", "null")}
    assert counts == {"found": 16, "randomised": 8, "null": 4}
    assert {tier: source["subject"] for tier, source in suite.sources.items()} == {
        tier: home.subject for tier, home in homes.items()
    }
    assert suite.sources["found"]["neuronpedia"] == "small/0-res-tests"
    assert suite.sources["found"]["facts"] != suite.sources["randomised"]["facts"]
    selection = suite.manifest["selection"]["found"]
    assert (selection["units"], selection["dead"], selection["always_on"]["units"]) == (LATENTS, 1, 1)
    assert sum(cell["chosen"] for cell in selection["cells"].values()) == 16
    ceilings = suite.manifest["ceilings"]
    halves = [ceilings[f"found/{half}/*"]["r"] for half in ("lexical", "contextual")]
    assert np.mean(halves) == pytest.approx(ceilings["found/*/*"]["r"], abs=1e-4), "the halves are equal in number"
    trivial = [unit.identifier for unit in suite.units if unit.tier == "trivial" and "latent" in unit.truth]
    assert trivial == ["trivial-dead-0000", "trivial-always-on-0001"]
    assert any("dead 1, always on 1" in line for line in said)
    assert any("found, rare, lexical" in line for line in said)


@pytest.mark.parametrize("tier", ["found", "randomised"])
def test_shipped_values_are_the_home_s_own(frozen: tuple[Suite, list[str]], homes: dict[str, Home], tier: str) -> None:
    suite, dwelling = frozen[0], Dwelling(homes[tier])
    for unit in [unit for unit in suite.units if unit.tier == tier][::4]:
        chosen, _, _ = suite.item_windows(unit, "own")
        passages = suite.passages(chosen)
        latent = int(unit.truth["latent"])
        fresh = dwelling.read(list(passages.texts), [latent]).words(latent)
        assert fresh.max() > 0
        np.testing.assert_allclose(suite.word_values(unit, chosen, passages), fresh, atol=0.011)


def test_both_tiers_are_scored_on_tokens(frozen: tuple[Suite, list[str]]) -> None:
    suite = frozen[0]
    unit = next(unit for unit in suite.units if unit.tier == "randomised")
    chosen, _ = suite.pool_windows("natural")
    mine = suite.rows(unit, chosen, suite.passages(chosen))
    as_found = suite.rows(replace(unit, tier="found"), chosen, suite.passages(chosen))
    values = suite.token_values(unit, chosen)[0]
    assert mine.total.sum() == pytest.approx(values[suite._layout(chosen).read].sum())
    np.testing.assert_array_equal(mine.total, as_found.total)
    np.testing.assert_array_equal(mine.count, as_found.count)


def test_a_first_token_without_bos_counts_for_no_latent(frozen: tuple[Suite, list[str]]) -> None:
    """The SAE of one home was made without BOS; windows are shared, so the rule holds for both."""
    suite = frozen[0]
    unit = next(unit for unit in suite.units if unit.tier == "found")
    chosen, _ = suite.pool_windows("natural")
    passages = suite.passages(chosen)
    tokens = [np.array(suite._windows["tokens"][window]) for window in chosen]
    # A first word may have no token of its own; the first token is then the next one's.
    expected = np.concatenate([each - (np.arange(len(each)) == np.flatnonzero(each)[0]) for each in tokens])
    np.testing.assert_array_equal(suite.rows(unit, chosen, passages).count, expected)
    null = next(unit for unit in suite.units if unit.tier == "null")
    np.testing.assert_array_equal(suite.rows(null, chosen, passages).count, np.concatenate(tokens))


def test_what_is_measured_is_what_ships(frozen: tuple[Suite, list[str]]) -> None:
    suite = frozen[0]
    shop = Workshop(suite)
    for tier in ("found", "randomised"):
        unit = next(unit for unit in suite.units if unit.tier == tier)
        shown = suite.exemplars(unit)[:5]
        measured = asyncio.run(shop.laboratory(unit, Budget()).measure([each.text for each in shown]))
        for mine, theirs in zip(measured, shown, strict=True):
            np.testing.assert_allclose(mine.values, theirs.values, atol=10 * 0.011 / unit.scale)


def test_dead_and_always_on_latents_are_measured_in_their_home(frozen: tuple[Suite, list[str]]) -> None:
    suite = frozen[0]
    shop = Workshop(suite)
    dead, always = (unit for unit in suite.units if unit.tier == "trivial" and "latent" in unit.truth)
    (silent,), (loud,) = (
        asyncio.run(shop.laboratory(unit, Budget()).measure(["A fox ran over the hill."])) for unit in (dead, always)
    )
    assert silent.peak == 0
    assert loud.values.min() > 0


def test_the_same_recipe_gives_the_same_hash(frozen: tuple[Suite, list[str]], recipe: Recipe, tmp_path: Path) -> None:
    with small_world():
        assert freeze(recipe, tmp_path / "again") == frozen[0].hash


def test_a_unit_with_too_few_positive_windows_gives_way(frozen: tuple[Suite, list[str]], recipe: Recipe) -> None:
    """A found unit and the match of a null are said to be short, as a pool makes them by chance once in many suites."""
    before = {unit.identifier: unit for unit in frozen[0].units}
    null = next(unit for unit in before.values() if unit.tier == "null")
    weak = next(name for name, unit in before.items() if unit.tier == "found" and name != null.notes["matched"])
    really = freeze_module.enter_pool
    rounds: list[str] = []

    def short_at_first(draft: Any, kind: Any, source: Any, *others: Any) -> dict[int, int]:
        positives = really(draft, kind, source, *others)
        rounds.append(kind)
        names = [unit.identifier for unit in draft.units]
        return {i: 29 if len(rounds) <= 2 and names[i] in (weak, null.identifier) else n for i, n in positives.items()}

    said: list[str] = []
    with small_world(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(freeze_module, "enter_pool", short_at_first)
        reading = natural.read_natural(recipe)
        chosen, population, _ = freeze_module.choose_planted(recipe, reading.fields)
        similarity = freeze_module.type_similarity([*reading.fields.values(), *population.values()])
        draft, made = freeze_module._with_pools(recipe, reading, chosen, population["exam"], similarity, said.append)
    names = {unit.identifier for unit in draft.units}
    assert rounds == ["planted", "natural"] * 2
    assert not names & {weak, null.notes["matched"]}
    assert made.selection["found"]["redrawn"] == 2
    assert made.selection["randomised"]["redrawn"] == 0
    assert f"drawn again, for want of positive windows: {weak}, {null.identifier}" in said
    assert Counter(unit.tier for unit in draft.units) == Counter(unit.tier for unit in before.values())
    assert {unit.notes["matched"] for unit in draft.units if unit.tier == "null"} <= names
    assert set(draft.pool_facts["natural"]["positive_windows"]) <= names


def test_a_planted_unit_with_too_few_positive_windows_asks_for_another_seed() -> None:
    with pytest.raises(SuiteError, match=r"^fewer than 30 positive windows: planted-1; mend: another seed$"):
        freeze_module._replaceable([Unit("planted-1", "planted", "", {}), Unit("found-1", "found", "", {})], 30)


def test_another_sae_in_the_same_folder_is_refused(
    frozen: tuple[Suite, list[str]], homes: dict[str, Home], tmp_path: Path
) -> None:
    shutil.copytree(homes["randomised"].sae, tmp_path / "sae")
    copy = tmp_path / "suite"
    shutil.copytree(frozen[0].folder, copy)
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    manifest["sources"]["found"]["sae"] = str(tmp_path / "sae")
    (copy / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(SuiteError, match=r"frozen with sae_sha256 .* and here it is .*mend"):
        Workshop(load(str(copy))).measuring.measurer("found")


def test_neurons_fire_above_their_ninety_ninth_percentile(homes: dict[str, Home]) -> None:
    dwelling = Dwelling(Home(homes["found"].subject, "neurons:1"))
    texts = [each.text for each in windows()["calibration"][:300]]
    columns = list(range(20))
    offsets = dwelling.quantiles(texts, columns)
    rates = dwelling.read(texts, columns, offsets).firing_rates()
    np.testing.assert_allclose(rates, 0.01, atol=0.001)
