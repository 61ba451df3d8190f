"""The explainers by name, and loading of explainers that users write."""

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmark.errors import UserError
from benchmark.explainers.constant import Constant
from benchmark.explainers.explainer import Explainer
from benchmark.explainers.oracle import Oracle
from benchmark.explainers.placebo import Placebo
from benchmark.explainers.recorded import Recorded
from benchmark.explainers.rule_induction import RuleInduction
from benchmark.explainers.single_pass import SinglePass
from benchmark.explainers.top_tokens import TopTokens
from benchmark.explainers.vocabulary import Vocabulary
from benchmark.units.unit import Tier

ALL_TIERS: tuple[Tier, ...] = ("planted", "probed", "found", "randomised", "null", "trivial")


@dataclass(frozen=True)
class Entry:
    """How to make an explainer.

    Attributes:
        factory: makes one.
        needs_model: whether it must be given `ask`.
        declares_predicates: whether every claim carries a predicate.
        applies_to: the tiers it can explain.
        injected: names of the factory's arguments that only the caller has, a unit at a time.
        summary: one line for people.
    """

    factory: Callable[..., Explainer]
    needs_model: bool
    declares_predicates: bool
    applies_to: tuple[Tier, ...]
    injected: tuple[str, ...]
    summary: str


def _guardrailed(**options: Any) -> Explainer:
    return RuleInduction(arm="guardrailed", **options)


def _agentic(**options: Any) -> Explainer:
    return RuleInduction(arm="agentic", **options)


EXPLAINERS: dict[str, Entry] = {
    "constant": Entry(Constant, False, True, ALL_TIERS, (), "control: fires on every word"),
    "placebo": Entry(Placebo, False, True, ALL_TIERS, ("report",), "control: another unit's report"),
    "oracle": Entry(
        Oracle, False, True, ("planted", "probed", "trivial"), ("truth",), "ceiling: the truth's own report"
    ),
    "top_tokens": Entry(TopTokens, False, True, ALL_TIERS, (), "the words of greatest mean activation"),
    "vocabulary": Entry(
        Vocabulary,
        False,
        True,
        ("found", "randomised"),
        ("tokens",),
        "the tokens that the decoder direction promotes",
    ),
    "rule_induction": Entry(RuleInduction, False, True, ALL_TIERS, (), "rule search on the exemplars"),
    "rule_induction_agentic": Entry(_agentic, False, True, ALL_TIERS, (), "rule search with experiments"),
    "rule_induction_guardrailed": Entry(
        _guardrailed, False, True, ALL_TIERS, ("guardrails",), "rule search with experiments, submitted to guardrails"
    ),
    "single_pass": Entry(
        SinglePass, True, False, ALL_TIERS, (), "one question to a language model (Bills et al. 2023)"
    ),
    # A plain file's explanations may be of any tier (`benchmark.recordings`).
    "recorded": Entry(
        Recorded, False, False, ("found",), ("report",), "explanations that exist: recorded.file=<export or JSON lines>"
    ),
}


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint for an unknown name: the nearest valid ones, or all."""
    valid = list(names)
    close = get_close_matches(name, valid, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(map(repr, close))}?" if close else f"valid names: {', '.join(valid)}"


def entry(name: str) -> Entry:
    """A built-in explainer's entry.

    Raises:
        ValueError: no such name; the message has the nearest.
    """
    if name not in EXPLAINERS:
        raise UserError(f"no explainer {name!r}; {nearest(name, EXPLAINERS)}")
    return EXPLAINERS[name]


def _module(source: str, spec: str) -> ModuleType:
    if not source.endswith(".py"):
        try:
            return importlib.import_module(source)
        except ModuleNotFoundError as error:
            raise UserError(f"explainer {spec!r}: {error}; give an importable module or path/to/file.py") from None
    path = Path(source)
    if not path.is_file():
        beside = [each.name for each in sorted(path.parent.glob("*.py"))] if path.parent.is_dir() else []
        hint = nearest(path.name, beside) if beside else "that folder has no Python file"
        raise UserError(f"explainer {spec!r}: no file {source!r}; {hint}")
    found = importlib.util.spec_from_file_location(f"explainer_{path.stem}", path)
    if found is None or found.loader is None:
        raise UserError(f"explainer {spec!r}: {source!r} cannot be loaded as Python; give a .py file")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def resolve(spec: str) -> Callable[..., Explainer]:
    """An explainer's factory: a built-in name, "package.module:factory" or "path/to/file.py:factory".

    Raises:
        ValueError: one line that names the nearest valid choice. What the user's own module raises is not hidden.
    """
    if ":" not in spec:
        return entry(spec).factory
    source, _, name = spec.rpartition(":")
    module = _module(source, spec)
    factory = getattr(module, name, None)
    if not callable(factory):
        public = [each for each in vars(module) if not each.startswith("_") and callable(getattr(module, each))]
        raise UserError(f"explainer {spec!r}: {source!r} has no factory {name!r}; {nearest(name, public)}")
    made: Callable[..., Explainer] = factory
    return made


def entry_or_custom(spec: str) -> Entry:
    """A built-in explainer's entry, or one read off a user's explainer.

    Raises:
        ValueError: as `resolve`, or what the factory makes is no explainer.
    """
    if ":" not in spec:
        return entry(spec)
    factory = resolve(spec)
    made = factory()
    for attribute in ("name", "needs_model", "declares_predicates", "explain"):
        if not hasattr(made, attribute):
            raise UserError(f"explainer {spec!r} has no {attribute!r}; see benchmark.explainers.explainer.Explainer")
    if not isinstance(made.name, str) or not made.name.strip():
        raise UserError(f"explainer {spec!r} has the name {made.name!r}; give it a word by which the board may call it")
    tiers = getattr(made, "applies_to", ALL_TIERS)
    return Entry(factory, made.needs_model, made.declares_predicates, tiers, (), "yours")


def board_name(spec: str) -> str:
    """What the board calls an explainer: its declared name, behind its file's where a built-in one has that name.

    Raises:
        ValueError: as `entry_or_custom`.
    """
    if ":" not in spec:
        return spec
    name = str(entry_or_custom(spec).factory().name)
    source = spec.rpartition(":")[0]
    return f"{Path(source).stem}:{name}" if name in EXPLAINERS else name
