"""The presets' kinds of model, tiny and with random weights: hooks, stopping, padding, and what centring may mean."""

import pytest
import torch
import transformers
from tiny_models import KINDS, save_model
from tiny_world import local

from benchmark.subjects.catalog import Neurons
from benchmark.subjects.embedded import SubjectError
from benchmark.subjects.features import FeatureSource, measured
from benchmark.subjects.loading.sae_word import SaeWord, check_fits
from benchmark.subjects.loading.subject import Subject, boot_subject

HOOKS = [
    "blocks.1.hook_resid_pre",
    "blocks.1.hook_resid_post",
    "blocks.1.hook_mlp_out",
    "blocks.1.hook_attn_out",
    "blocks.1.attn.hook_z",
    "blocks.1.mlp.hook_post",
]
IDS = [256, 40, 41, 99, 3, 200, 17]


@pytest.fixture(scope="module", params=KINDS)
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return boot_subject(local(save_model(request.param, tmp_path_factory.mktemp(request.param)), request.param))


def test_every_hook_stops_with_what_a_full_run_gives(subject: Subject) -> None:
    _, cache = subject.bridge.run_with_cache(torch.tensor([IDS]))
    for hook in HOOKS:
        found = subject.hidden([IDS, IDS[:4]], hook)
        torch.testing.assert_close(found[:1], cache[hook].flatten(2), rtol=2e-5, atol=2e-5)
        torch.testing.assert_close(found[1:, :4], cache[hook].flatten(2)[:, :4], rtol=2e-5, atol=2e-5)


def test_the_residual_stream_is_what_transformers_computes(subject: Subject) -> None:
    plain = transformers.AutoModelForCausalLM.from_pretrained(subject.spec.place, attn_implementation="eager")
    with torch.no_grad():
        states = plain(torch.tensor([IDS]), output_hidden_states=True).hidden_states
    torch.testing.assert_close(subject.hidden([IDS], HOOKS[0]), states[1], rtol=2e-5, atol=2e-5)
    torch.testing.assert_close(subject.hidden([IDS], HOOKS[1]), states[2], rtol=2e-5, atol=2e-5)


def test_centring_is_refused_where_norms_have_no_mean(subject: Subject) -> None:
    name = subject.spec.aliases[0]
    word = SaeWord(HOOKS[0], True, name, True, frozenset(), slice(None))
    assert subject.centred == (name == "GPTNeoX")
    if subject.centred:
        check_fits(word, 32, subject, "an SAE")
        return
    with pytest.raises(SubjectError, match="norms without a mean"):
        check_fits(word, 32, subject, "an SAE")


def test_bos_is_the_saes_word_and_not_the_models_habit(subject: Subject) -> None:
    """TransformerLens puts none before a text for GPT-NeoX; SAEs of Pythia were trained with one."""
    source = FeatureSource(subject, measured(Neurons(1), subject), 60)
    assert source.before == (256,)
    assert len(source.activations(source.whole(["abc"])).kept) == 3
