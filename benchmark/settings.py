"""What a run can be told, as typed objects: Hydra composes a `DictConfig`, `to_settings` converts it once.

The dataclasses are registered in Hydra's `ConfigStore` and every file under `conf/` merges into them, so a misspelt key
or a value of the wrong type fails before anything runs. Nothing behind this boundary sees a `DictConfig`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from benchmark.errors import UserError

TIERS = ("planted", "found", "null")
GUARDRAILS = ("adversarial", "out_of_distribution", "min_rounds", "significance")
TRACKERS = ("none", "wandb")
SCHEMA = "settings_schema"


class SettingsError(UserError):
    """A setting has no meaning; the message names it, the nearest valid choice and the mend."""


@dataclass
class UnitSettings:
    """Which of the suite's units are explained."""

    tiers: list[str] = field(default_factory=lambda: list(TIERS))
    """Tiers to keep, of `planted`, `found`, `null`."""
    only: list[str] | None = None
    """Identifiers to keep; null keeps all."""
    per_tier: dict[str, int] | None = None
    """Caps such as `{found: 6}`, filled round the tier's families; null keeps all."""
    per_tier_with_model: dict[str, int] | None = None
    """The same for explainers that ask a language model, which cost more."""


@dataclass
class GuardrailSettings:
    """Which checks may send a report back; only guardrailed explainers meet them."""

    name: str = "all"
    """The choice's name, on the board."""
    active: list[str] = field(default_factory=lambda: list(GUARDRAILS))
    """The guardrails that are on, in the order in which they speak."""


@dataclass
class ModelSettings:
    """The language model behind explainers that need one."""

    name: str = "none"
    """An Inspect model name, as `hf/local` or `openai/gpt-5`; `none` for explainers that need no model."""
    path: str | None = None
    """A folder or a GGUF file on disk, for local models."""
    args: dict[str, Any] = field(default_factory=dict)
    """Further arguments for Inspect's `get_model`."""


@dataclass
class BudgetSettings:
    """Ceilings of one explainer on one unit, equal for all explainers (METHOD.md section 5)."""

    unit_queries: int = 1500
    """Texts measured, practice items included."""
    rounds: int = 8
    """Rounds of an agentic loop."""
    tokens: int = 20_000
    """Model tokens, in and out."""
    seconds: float = 120.0
    """Seconds of work on a unit: its own and its share of a batching model's, without queueing."""


@dataclass
class TrackingSettings:
    """Where figures are sent besides the logs; off unless asked for."""

    kind: str = "none"
    """`none` or `wandb`."""
    project: str = "viva"
    """The tracker's project."""
    mode: str = "offline"
    """W&B's mode: `offline` needs no key, `online` does."""


@dataclass
class Settings:
    """One run."""

    run: str = "default"
    """The run's name; its files lie in `runs/<run>`."""
    suite: str = "embedded-1"
    """A frozen suite, by name or by folder."""
    units: UnitSettings = field(default_factory=UnitSettings)
    """Which of its units."""
    explainers: list[str] = field(default_factory=list)
    """Explainers by name, in the order in which they run."""
    guardrails: GuardrailSettings = field(default_factory=GuardrailSettings)
    """Which guardrails are on."""
    readers: list[str] = field(default_factory=list)
    """Readers by name; the first one orders the board."""
    students: list[str] = field(default_factory=list)
    """Students by name, for the teaching task."""
    model: ModelSettings = field(default_factory=ModelSettings)
    """The explainers' model."""
    subject: str = "embedded"
    """The subject that the suite's found units live in."""
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    """Ceilings of one explainer on one unit."""
    tracking: TrackingSettings = field(default_factory=TrackingSettings)
    """Where figures are sent besides the logs."""
    path: str | None = None
    """Short for `model.path`: `model=local path=/some/model.gguf`."""
    seed: int = 0
    """Seeds the explainers' own draws; the suite has its own."""
    log_dir: str = "runs/${run}/logs"
    """Inspect's logs; outside Hydra's folders, so that a run started again goes on."""


def nearest(kind: str, name: str, choices: Iterable[str]) -> str:
    """One line for an unknown name: what it is, the nearest choice if there is one, and all choices."""
    known = list(choices)
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"unknown {kind} {name!r}: {hint}choose from {', '.join(known)}"


def _known(kind: str, names: Iterable[str], choices: tuple[str, ...]) -> None:
    for name in names:
        if name not in choices:
            raise SettingsError(nearest(kind, name, choices))


def _positive(settings: Settings) -> None:
    amounts: dict[str, float | None] = {f"budget.{name}": value for name, value in vars(settings.budget).items()}
    for name, value in amounts.items():
        if value is not None and value <= 0:
            raise SettingsError(f"{name}={value} leaves nothing to do: give a value above 0")


def _check(settings: Settings) -> Settings:
    _known("tier in units.tiers", settings.units.tiers, TIERS)
    _known("guardrail in guardrails.active", settings.guardrails.active, GUARDRAILS)
    _known("tracking.kind", [settings.tracking.kind], TRACKERS)
    _positive(settings)
    if not settings.explainers:
        raise SettingsError("explainers is empty: give explainer=<name> or explainers=[<name>,...]")
    if settings.model.name == "hf/local" and settings.model.path is None:
        raise SettingsError("model=local needs a folder or a GGUF file: add path=<where it lies>")
    return settings


def to_settings(config: DictConfig) -> Settings:
    """Convert what Hydra composed, once.

    Raises:
        SettingsError: a name or an amount without meaning.
        omegaconf.errors.OmegaConfBaseException: an interpolation that leads nowhere.
    """
    settings = OmegaConf.to_object(config)
    if not isinstance(settings, Settings):
        raise SettingsError(f"the configuration is not built on {SCHEMA!r}: put it first in its defaults list")
    return _check(settings)


ConfigStore.instance().store(name=SCHEMA, node=Settings)
