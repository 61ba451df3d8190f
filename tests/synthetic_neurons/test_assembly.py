"""Suites: the same bytes everywhere, no two units alike, dev and test apart."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from benchmark.suites import load
from synthetic_neurons import FAMILIES, Knobs, PlantedSuite, planted_total, planted_units, suite
from synthetic_neurons.alike import ALIKE, Company, distinct
from synthetic_neurons.assembly import DEV_SEED, SuiteError, UnknownUnitError
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Always, Word
from synthetic_neurons.reference import formed, reference

DEV_HASH = "209ef517e19984b088b3c0f939d27b6c001e1ba957174b79a068e0d097ebeb49"
DEV, TEST = suite(), suite("test", seed="3f9a1c07")


def test_dev_is_these_bytes() -> None:
    assert DEV.hash == DEV_HASH


def _locales() -> list[str]:
    found = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    return ["C", *[name for name in found if name not in ("C", "POSIX")][:3]]


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_dev_is_the_same_under_other_hash_seeds_and_locales(hash_seed: str) -> None:
    names = _locales()
    name = names[{"0": 0, "1": 1, "random": 2}[hash_seed] % len(names)]
    program = "from synthetic_neurons import suite; print(suite().hash, suite('test', seed='3f9a1c07').hash)"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "LC_ALL": name}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [DEV_HASH, TEST.hash]


def test_every_family_has_twenty_units() -> None:
    assert Counter(unit.family for unit in DEV) == dict.fromkeys(FAMILIES, 20)
    assert len({unit.identifier for unit in DEV}) == len(DEV) == 20 * len(FAMILIES)


@pytest.mark.parametrize("made", [DEV, TEST], ids=["dev", "test"])
def test_no_two_units_are_alike_on_the_reference_text(made: PlantedSuite) -> None:
    """By numpy's own correlation of whole columns."""
    assert np.abs(_correlations(made, Passages.of(reference().texts[::4]))).max() < ALIKE


def _correlations(made: PlantedSuite, passages: Passages) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    columns = np.stack([unit.values(passages) for unit in made])
    found = np.corrcoef(columns[columns.std(axis=1) > 0])
    np.fill_diagonal(found, 0)
    return found


def test_no_two_units_are_alike_in_a_pool() -> None:
    passages = load("embedded-2").pool("planted").passages
    # Dev's units and test's together: a contestant has seen dev.
    assert distinct([*DEV.units, *TEST.units], passages) == []


def test_distinct_finds_what_numpy_finds() -> None:
    units = planted_total(5, 160, apart=False)
    passages = Passages.of(reference().texts[::5])
    columns = np.stack([unit.values(passages) for unit in units])
    r = np.array([[np.corrcoef(a, b)[0, 1] if a.std() and b.std() else 0 for b in columns] for a in columns[:12]])
    wanted = {(i, j) for i, j in zip(*np.nonzero(r >= 0.3), strict=True) if i < j}
    number = {unit.identifier: i for i, unit in enumerate(units)}
    found = {(number[a], number[b]): value for a, b, value in distinct(units, passages, 0.3)}
    assert wanted
    assert {pair for pair in found if pair[0] < 12} == wanted
    assert all(found[pair] == pytest.approx(r[pair]) for pair in wanted)


def test_company_refuses_a_unit_that_is_there_or_nearly_or_shut() -> None:
    unit, other = planted_units(1, 2, ["concrete"])
    company = Company()
    assert company.admit(unit)
    assert not company.admit(unit)
    assert company.admit(other)
    assert not Company(shut=frozenset({unit.predicate})).admit(unit)
    null = next(each for each in DEV if each.family == "null")
    assert Company(shut=frozenset({null.predicate})).admit(null)


def test_nothing_in_test_is_like_a_unit_of_dev() -> None:
    assert distinct([*DEV.units, *TEST.units], Passages.of(reference().texts[::2])) == []
    assert distinct([*DEV.units, *TEST.units], formed()) == []


def test_words_that_carry_most_of_a_list_make_two_lists_alike() -> None:
    """In glosses "the" outweighs the rest, which the reference text, spread evenly, does not show."""
    units = [replace(DEV[0], predicate=Word(words)) for words in (("the", "duck", "swan"), ("the", "gull", "owl"))]
    company = Company()
    assert company.admit(units[0])
    assert not company.admit(units[1])


def test_no_truth_of_dev_is_in_test() -> None:
    public = {unit.predicate for unit in DEV} - {Always()}
    for made in (TEST, suite("test", seed=12)):
        assert not public & {unit.predicate for unit in made}
    keys = [{unit.hashing.key for unit in made if unit.hashing} for made in (DEV, TEST)]
    assert keys[0].isdisjoint(keys[1])


def test_seeds() -> None:
    assert suite("test", seed=12).hash == suite("test", seed="12").hash != suite("test", seed=13).hash
    assert suite("dev", seed=DEV_SEED).hash == DEV.hash
    with pytest.raises(SuiteError, match="dev is public and has one seed, not 5"):
        suite("dev", seed=5)
    with pytest.raises(SuiteError, match="needs a seed"):
        suite("test")
    with pytest.raises(SuiteError, match="choose 'dev' or 'test'"):
        suite("exam")  # type: ignore[arg-type]
    with pytest.raises(SuiteError, match="the nearest is 'rare'"):
        suite(families=["raer"])
    with pytest.raises(SuiteError, match="give 1 or more"):
        suite(per_family=0)


def test_families_are_a_choice_from_the_whole() -> None:
    rare = suite(families=["rare", "trivial"])
    assert rare.units[:20] == DEV.by_family()["rare"]
    assert [unit.identifier for unit in rare.units[20:]] == ["trivial-00-dead", "trivial-01-always-on"]


def test_json_round_trip() -> None:
    turned = suite(families=["graded", "null"], knobs=Knobs(noise=0.1, corruption=(2, 5)))
    for made in (DEV, TEST, turned):
        again = PlantedSuite.from_json(made.to_json())
        assert again == made
        assert again.hash == made.hash
    with pytest.raises(SuiteError, match="version 0"):
        PlantedSuite.from_json({**DEV.to_json(), "version": 0})


def test_a_unit_by_index_or_name() -> None:
    assert DEV[3] is DEV.units[3]
    assert DEV[DEV.units[7].identifier] is DEV.units[7]
    with pytest.raises(
        UnknownUnitError, match="no unit 'rare-00' among the 320 of this suite; the nearest is 'rare-00-"
    ):
        DEV["rare-00"]
    with pytest.raises(KeyError):
        DEV["nothing"]


def test_units_in_turn() -> None:
    few, many = planted_total(3, 20), planted_total(3, 50)
    assert many[:20] == few
    assert [unit.family for unit in few] == [*FAMILIES, *list(FAMILIES)[:4]]
    assert {unit.predicate for unit in planted_units(3, 2)} == {unit.predicate for unit in planted_total(3, 32)}
    assert {unit.family for unit in planted_units(3, 2, ["rare", "graded"])} == {"rare", "graded"}
    with pytest.raises(SuiteError, match="0 units"):
        planted_total(3, 0)


def test_a_notebook_needs_neither_torch_nor_inspect() -> None:
    blocked = ["torch", "inspect_ai", "hydra", "wandb", "transformer_lens", "sae_lens", "transformers", "benchmark"]
    program = (
        f"import sys, time\nfor name in {blocked!r}: sys.modules[name] = None\n"
        "import numpy\nstart = time.process_time()\nfrom synthetic_neurons import suite\n"
        "taken = time.process_time() - start\n"
        "assert taken < 0.5, taken\nprint(len(suite()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "320"
