"""What an SAE says of itself: where it reads, with or without BOS, in which model, and how that was processed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.subjects.catalog import UnitsError
from benchmark.subjects.loading.subject import Subject

# Writing weights are centred, so the mean over the width is gone from whatever is written to the residual stream; norms
# subtract it anyway, so every other hook is as it was.
_WRITTEN = ("hook_embed", "hook_pos_embed", "hook_resid_pre", "hook_resid_mid", "hook_resid_post", "hook_mlp_out")
_WRITTEN_TOO = ("hook_attn_out", "hook_in", "hook_out")
CENTRING = "center_writing_weights"
_NEVER_AT_RUN_TIME = ("expected_average_only_in", "covariance_whitening")


@dataclass(frozen=True)
class SaeWord:
    """What is read from an SAE's configuration.

    Attributes:
        hook: where it reads; legacy or canonical.
        prepend_bos: whether it was trained with BOS before each context; None where it does not say.
        model: the model it was trained on; None where it does not say.
        centred: it saw a residual stream without its mean.
        excluded: token ids that it was not trained on.
        positions: first and last position (BOS counted) it was trained on, as a slice has them.
    """

    hook: str
    prepend_bos: bool | None
    model: str | None
    centred: bool
    excluded: frozenset[int]
    positions: slice


def read_word(sae: Any, name: str) -> SaeWord:
    """What `sae` says, refused where it cannot be followed exactly.

    Args:
        sae: an SAE of SAELens.
        name: for messages.

    Raises:
        UnitsError: a normalisation that SAELens does not do at run time, a single head, unknown processing, no hook.
    """
    cfg, told = sae.cfg, sae.cfg.metadata
    if cfg.normalize_activations in _NEVER_AT_RUN_TIME:
        raise UnitsError(
            f"{name} has normalize_activations={cfg.normalize_activations}, which SAELens does not do at run time, so "
            "its latents would be wrong; mend: fold it (fold_activation_norm_scaling_factor) and save the SAE"
        )
    if not told.hook_name:
        raise UnitsError(
            f"{name} does not say at which hook it reads; mend: write metadata.hook_name into its cfg.json"
        )
    if told.hook_head_index is not None:
        raise UnitsError(
            f"{name} reads head {told.hook_head_index} alone, which is not supported; mend: choose another"
        )
    special = told.exclude_special_tokens
    return SaeWord(
        hook=told.hook_name,
        prepend_bos=told.prepend_bos,
        model=told.model_name,
        centred=_centred(told.model_from_pretrained_kwargs or {}, told.hook_name, name),
        excluded=frozenset(special) if isinstance(special, list | tuple) else frozenset(),
        positions=slice(*told.seqpos_slice) if told.seqpos_slice else slice(None),
    )


def _centred(asked: Mapping[str, Any], hook: str, name: str) -> bool:
    """Whether the mean has to be subtracted at `hook`; anything else that changes the model is refused."""
    strange = sorted(key for key, value in asked.items() if value and key != CENTRING)
    if strange:
        raise UnitsError(
            f"{name} was trained on a model loaded with {strange[0]}={asked[strange[0]]!r}, which is not supported; "
            "mend: choose an SAE of the unprocessed model"
        )
    # "blocks.3.hook_out" and "blocks.3.hook_in" are the residual stream; "blocks.3.ln2.hook_out" is not.
    block_itself = hook.count(".") == 2 and hook.startswith("blocks.")
    written = hook.endswith(_WRITTEN) or (block_itself and hook.endswith(_WRITTEN_TOO))
    return bool(asked.get(CENTRING)) and written


def canonical(model: str) -> str:
    """A model's name without its owner and in TransformerLens' official spelling: "gpt2-small" is "gpt2"."""
    from transformer_lens.loading_from_pretrained import make_model_alias_map

    official: str = make_model_alias_map().get(model.lower(), model)
    return official.rpartition("/")[2].lower()


def check_fits(word: SaeWord, d_in: int, subject: Subject, name: str) -> None:
    """Refuse an SAE of another model, or of another width.

    Raises:
        UnitsError: with both values.
        HookError: the subject lacks the hook.
    """
    spec = subject.spec
    mine = {canonical(each) for each in (*spec.aliases, spec.place) if each}
    if word.model and canonical(word.model) not in mine:
        mend = (
            f"subject=local:<folder>@{word.model}, if it is that model" if spec.kind == "folder" else "choose its own"
        )
        raise UnitsError(
            f"{name} was trained on {word.model!r}, and the subject is {spec.place or spec.name!r}; mend: {mend}"
        )
    if word.centred and not subject.centred:
        raise UnitsError(
            f"{name} asks for {CENTRING}, and {spec.name!r} has norms without a mean; mend: choose another"
        )
    check_width(d_in, word.hook, subject, name)


def check_width(d_in: int, hook: str, subject: Subject, name: str) -> None:
    """Refuse units of another width than the hook's; it takes a forward pass of one token."""
    width = int(subject.hidden([[subject.bos or 0]], hook).shape[-1])
    if width != d_in:
        raise UnitsError(
            f"{name} takes {d_in} numbers a token, and {hook!r} of {subject.spec.name!r} gives {width}; "
            "mend: choose the SAE's own model"
        )
