"""Everything under conf/ composes, converts, and fails on what is misspelt."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hydra import compose, initialize_config_module
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import ConfigCompositionException
from omegaconf import OmegaConf
from omegaconf.errors import ConfigKeyError

from benchmark import overrides
from benchmark.examiner import READERS as examining
from benchmark.explainers.loading import entry_or_custom
from benchmark.guardrails.registry import CLASSIC
from benchmark.guardrails.registry import GUARDRAILS as guardrail_registry
from benchmark.recordings.choice import SEVERAL as several_choices
from benchmark.settings import GUARDRAILS, READERS, SEVERAL, TIERS, Settings, SettingsError, nearest, to_settings

CONF = Path(__file__).resolve().parents[1] / "conf"
GROUPS = sorted(
    key for entry in OmegaConf.load(CONF / "config.yaml").defaults if not isinstance(entry, str) for key in entry
)
# Folders that `viva run` composes nothing of, and the commands that read them.
OTHERS = {"circuits": "benchmark.circuits.found"}


def choices(group: str) -> list[str]:
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


@pytest.fixture(autouse=True)
def hydra_is_fresh() -> Iterator[None]:
    GlobalHydra.instance().clear()
    with initialize_config_module("conf", version_base="1.3"):
        yield
    GlobalHydra.instance().clear()


def settings(*overrides: str) -> Settings:
    return to_settings(compose("config", overrides=list(overrides)))


def test_the_default_run_is_the_board_of_the_readme() -> None:
    run = settings()
    assert run.run == "default"
    assert run.suite == "embedded-2"
    assert run.explainers == [
        "constant", "placebo", "oracle", "top_tokens", "vocabulary", "rule_induction",
        "rule_induction_agentic", "rule_induction_guardrailed", "single_pass",
    ]  # fmt: skip
    assert run.readers == ["executable", "embedding", "lookup"]
    assert run.guardrails.active == list(CLASSIC)
    assert run.units.tiers == [tier for tier in TIERS if tier != "probed"]
    assert (run.budget.unit_queries, run.budget.rounds, run.budget.tokens, run.budget.seconds) == (1500, 8, 20_000, 120)
    assert (run.model.name, run.tracking.kind) == ("embedded", "none")
    assert run.log_dir == "runs/default/logs"


def test_every_folder_is_a_group_or_another_commands() -> None:
    folders = {path.name for path in CONF.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert folders == {*GROUPS} | {*OTHERS}


@pytest.mark.parametrize("experiment", choices("experiment"))
def test_every_experiment_composes(experiment: str) -> None:
    run = settings(f"experiment={experiment}")
    assert run.run.partition("/")[0] == experiment
    assert all(entry_or_custom(spec) for spec in run.explainers)
    assert run.log_dir == f"runs/{run.run}/logs"


@pytest.mark.parametrize(
    ("group", "choice"),
    [(group, choice) for group in GROUPS for choice in choices(group)],
    ids=lambda value: str(value),
)
def test_every_choice_of_every_group_composes(group: str, choice: str) -> None:
    if choice == "ray" and find_spec("hydra_plugins.hydra_ray_launcher") is None:
        pytest.skip("the extra for launcher=ray is not installed")
    needed = {("model", "local"): ["path=/models/some.gguf"], ("explainer", "recorded"): ["recorded.file=x.jsonl"]}
    assert isinstance(settings(f"{group}={choice}", *needed.get((group, choice), [])), Settings)


def test_every_explainer_of_the_default_has_a_choice_of_its_own() -> None:
    for name in settings().explainers:
        assert settings(f"explainer={name}").explainers == [name]


def test_the_settings_name_what_is_registered() -> None:
    assert set(GUARDRAILS) == set(guardrail_registry)
    assert set(READERS) == set(examining)
    assert set(SEVERAL) == set(several_choices)


def test_every_guardrail_can_be_left_out_alone() -> None:
    assert settings("guardrails=none").guardrails.active == []
    for guardrail in GUARDRAILS:
        chosen = settings(f"guardrails=without_{guardrail}").guardrails
        assert chosen.active == [name for name in GUARDRAILS if name != guardrail]


def test_the_sweep_over_guardrails_names_every_choice() -> None:
    config = compose("config", overrides=["sweep=guardrails"], return_hydra_config=True)
    swept = config.hydra.sweeper.params.guardrails.split(",")
    assert sorted(name.strip() for name in swept) == choices("guardrails")
    assert config.hydra.mode.name == "MULTIRUN"
    folders = {settings("sweep=guardrails", f"guardrails={name}").log_dir for name in choices("guardrails")}
    assert folders == {"runs/default/logs"}, "one folder of logs, so that one board holds all members"


def test_hydra_keeps_out_of_the_logs_and_the_working_directory() -> None:
    config = compose("config", overrides=["hydra.job.num=0"], return_hydra_config=True)
    for folder in (config.hydra.run.dir, config.hydra.sweep.dir):
        assert folder.startswith("runs/.hydra/")
    assert config.hydra.job.chdir is False
    assert config.hydra.output_subdir is None


def test_the_command_line_has_the_last_word_over_an_experiment() -> None:
    run = settings("experiment=quick", "explainer=oracle", "units.per_tier={found:3}", "run=mine", "budget.seconds=1.5")
    assert (run.explainers, run.units.per_tier, run.log_dir, run.budget.seconds) == (
        ["oracle"],
        {"planted": 6, "found": 3, "randomised": 0, "null": 2},
        "runs/mine/logs",
        1.5,
    )
    assert settings("explainers=[constant,oracle]").explainers == ["constant", "oracle"]


def test_a_local_model_takes_its_path() -> None:
    model = settings("model=local", "path=/models/some.gguf").model
    assert (model.name, model.path) == ("hf/local", "/models/some.gguf")
    with pytest.raises(SettingsError, match=r"add path="):
        settings("model=local")


@pytest.mark.parametrize(
    "override",
    [
        "sead=1",
        "budget.second=3",
        "guardrails.actve=[]",
        "experiment=defualt",
        "budget.rounds=many",
        "guardrails=nothing",
    ],
)
def test_what_is_misspelt_fails(override: str) -> None:
    with pytest.raises(ConfigCompositionException):
        settings(override)


def test_a_misspelt_key_in_a_file_fails_as_on_the_command_line() -> None:
    schema = OmegaConf.structured(Settings)
    with pytest.raises(ConfigKeyError, match="'rnu' not in 'Settings'"):
        OmegaConf.merge(schema, OmegaConf.create({"rnu": "x"}))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("guardrails.active=[adverserial]", "did you mean 'adversarial'"),
        ("units.tiers=[plantd]", "did you mean 'planted'"),
        ("tracking.kind=wanbd", "did you mean 'wandb'"),
        ("tracking.mode=onlyne", "did you mean 'online'"),
        ("readers=[lockup]", "did you mean 'lookup'"),
        ("readers=[]", "reader=<name>"),
        ("explainers=[constant,constant]", "names one twice"),
        ("model.temperature=-1", "give 0 or above"),
        ("model.max_tokens=0", "model.max_tokens=0"),
        ("units.per_tier={found: -1}", "give 0 or above"),
        ("units.per_tier={foud: 1}", "did you mean 'found'"),
        ("explainer=recorded", r"add recorded\.file="),
        ("recorded.file=x", "add it, as in explainer=recorded"),
        ("recorded.several=frist", "recorded.several is of the explainer recorded"),
        ("+recorded.fiel=x", "did you mean 'recorded.file'"),
        ("+new=1", "unknown setting 'new'"),
        ("+budget.second=1", "did you mean 'budget.seconds'"),
        ("budget.rounds=0", "budget.rounds=0"),
        ("budget.rounds=-1", "budget.rounds=-1"),
        ("explainers=[]", "explainer=<name>"),
    ],
)
def test_a_value_without_meaning_is_named_with_its_mend(override: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        settings(override)
    assert "\n" not in str(caught.value)


def test_a_configuration_without_the_schema_is_refused() -> None:
    with pytest.raises(SettingsError, match="settings_schema"):
        to_settings(OmegaConf.create({"run": "default"}))


def test_nearest_lists_all_choices_when_none_is_close() -> None:
    assert nearest("reader", "zzz", ["executable", "lookup"]) == "unknown reader 'zzz': choose from executable, lookup"


def test_the_null_tier_unquoted_names_its_mend() -> None:
    """Hydra reads the bare word as nothing; the tier's own name has to be quoted."""
    with pytest.raises(ConfigCompositionException) as error:
        settings("units.tiers=[found,null]")
    assert overrides.said(error.value) == (
        "units.tiers=[found,null] does not fit: Hydra reads null as nothing; "
        "write it in quotes: 'units.tiers=[found,\"null\"]'"
    )
    assert settings('units.tiers=[found,"null"]').units.tiers == ["found", "null"]
