"""What an SAE says of itself: where it reads, with or without BOS, in which model, and how that was processed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.subjects.catalog import UnitsError
from benchmark.subjects.loading.hooks import find_hook
from benchmark.subjects.loading.subject import Subject

# Writing weights are centred, so the mean over the width is gone from whatever is written to the residual stream; norms
# subtract it anyway, so every other hook is as it was. A place has several names: legacy, canonical, and that of the
# linear map which writes there.
_WRITTEN = ("hook_embed", "hook_pos_embed", "ln_final.hook_in")
_WRITTEN_BY_BLOCK = (
    "hook_resid_pre",
    "hook_resid_mid",
    "hook_resid_post",
    "hook_mlp_out",
    "hook_attn_out",
    "hook_in",
    "hook_out",
    "ln1.hook_in",
    "ln2.hook_in",
    "attn.hook_out",
    "attn.o.hook_out",
    "mlp.hook_out",
    "mlp.out.hook_out",
)
CENTRING = "center_writing_weights"
_NEVER_AT_RUN_TIME = ("expected_average_only_in", "covariance_whitening")


@dataclass(frozen=True)
class SaeWord:
    """What is read from an SAE's configuration.

    Attributes:
        hook: where it reads; legacy or canonical.
        prepend_bos: whether it was trained with BOS before each context; None where it does not say.
        model: the model it was trained on; None where it does not say.
        centred: the weights that wrote to the residual stream it saw were centred.
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
        centred=_centred(told.model_from_pretrained_kwargs or {}, name),
        excluded=frozenset(special) if isinstance(special, list | tuple) else frozenset(),
        positions=slice(*told.seqpos_slice) if told.seqpos_slice else slice(None),
    )


def _centred(asked: Mapping[str, Any], name: str) -> bool:
    """Whether writing weights were centred; anything else that changes the model is refused."""
    strange = sorted(key for key, value in asked.items() if value and key != CENTRING)
    if strange:
        raise UnitsError(
            f"{name} was trained on a model loaded with {strange[0]}={asked[strange[0]]!r}, which is not supported; "
            "mend: choose an SAE of the unprocessed model"
        )
    return bool(asked.get(CENTRING))


def centred_at(word: SaeWord, subject: Subject) -> bool:
    """Whether the mean over the width has to be subtracted, whichever of its hook's names an SAE uses.

    Raises:
        HookError: the subject lacks the hook.
    """
    points = subject.bridge.hook_dict
    block = ".".join(word.hook.split(".")[:2])
    names = [*_WRITTEN, *(f"{block}.{name}" for name in _WRITTEN_BY_BLOCK)]
    mine = find_hook(subject.bridge, word.hook)
    return word.centred and any(points[name] is mine for name in names if name in points)


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
    if centred_at(word, subject) and not subject.centred:
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
