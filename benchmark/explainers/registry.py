"""The explainers by name, and loading of explainers that users write."""

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

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


# What one unit takes: nothing; seconds of computing; unit queries too; one call to a model; several; or a loop of
# calls, experiments and practice.
Cost = Literal["nothing", "seconds", "queries", "one call", "calls", "loop"]


@dataclass(frozen=True)
class Entry:
    """How to make an explainer.

    Attributes:
        factory: makes one.
        needs_model: whether it must be given `ask`.
        declares_predicates: whether every claim carries a predicate.
        applies_to: the tiers it can explain.
        summary: one line for people.
        cost: what one unit takes.
        injected: arguments of the factory that only the caller has, a unit at a time, each with the name of its supply
            (`benchmark.runtime.supplies`).
    """

    factory: Callable[..., Explainer]
    needs_model: bool
    declares_predicates: bool
    applies_to: tuple[Tier, ...]
    summary: str
    cost: Cost
    injected: Mapping[str, str] = field(default_factory=dict)

    @property
    def guarded(self) -> bool:
        """Whether its reports are submitted to guardrails."""
        return "guardrails" in self.injected.values()


def _guardrailed(**options: Any) -> Explainer:
    return RuleInduction(arm="guardrailed", **options)


def _agentic(**options: Any) -> Explainer:
    return RuleInduction(arm="agentic", **options)


TRUE_TIERS: tuple[Tier, ...] = ("planted", "probed", "trivial")
LATENTS: tuple[Tier, ...] = ("found", "randomised")

EXPLAINERS: dict[str, Entry] = {
    "constant": Entry(Constant, False, True, ALL_TIERS, "control: fires on every word", "nothing"),
    "placebo": Entry(
        Placebo, False, True, ALL_TIERS, "control: another unit's report", "nothing", {"report": "placebo"}
    ),
    "oracle": Entry(Oracle, False, True, TRUE_TIERS, "ceiling: the truth's own report", "nothing", {"truth": "truth"}),
    "top_tokens": Entry(TopTokens, False, True, ALL_TIERS, "the words of greatest mean activation", "seconds"),
    "vocabulary": Entry(
        Vocabulary,
        False,
        True,
        LATENTS,
        "the tokens that the decoder direction promotes",
        "nothing",
        {"tokens": "promoted"},
    ),
    "rule_induction": Entry(RuleInduction, False, True, ALL_TIERS, "rule search on the exemplars", "seconds"),
    "rule_induction_agentic": Entry(_agentic, False, True, ALL_TIERS, "rule search with experiments", "queries"),
    "rule_induction_guardrailed": Entry(
        _guardrailed,
        False,
        True,
        ALL_TIERS,
        "rule search with experiments, submitted to guardrails",
        "queries",
        {"guardrails": "guardrails"},
    ),
    "single_pass": Entry(
        SinglePass, True, False, ALL_TIERS, "one question to a language model (Bills et al. 2023)", "one call"
    ),
    # A plain file's explanations may be of any tier (`benchmark.recordings`).
    "recorded": Entry(
        Recorded,
        False,
        False,
        ("found",),
        "explanations that exist: recorded.file=<export or JSON lines>",
        "nothing",
        {"report": "recorded"},
    ),
}
GUARDED = frozenset(name for name, each in EXPLAINERS.items() if each.guarded)


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
    cost: Cost = "calls" if made.needs_model else "queries"
    return Entry(factory, made.needs_model, made.declares_predicates, tiers, "yours", cost)


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
