"""Which files of a repository an SAE is read from, by the loader of SAELens that reads it."""

# Of each loader of SAELens 6.54 that reads safetensors, or numpy's arrays without pickles; the others unpickle. "{}" is
# the path on SAELens' list. Weights are always
# there, configurations in some repositories alone.
_FILES = {
    "sae_lens": ("{}/cfg.json", "{}/sae_weights.safetensors"),
    "gemma_2": ("{}/params.npz",),
    "gemma_2_transcoder": ("{}/params.npz",),
    "gemma_3": ("{}/config.json", "{}/params.safetensors"),
    "llama_scope": ("{}/hyperparams.json", "{}/checkpoints/final.safetensors"),
    "llama_scope_r1_distill": ("{}/config.json", "{}/sae_weights.safetensors"),
    "mwhanna_transcoder": ("config.yaml", "wandb-config.yaml", "wanb-config.yaml", "{}"),
    "mntss_clt_layer_transcoder": ("config.yaml", "W_enc_{}.safetensors", "W_dec_{}.safetensors"),
    "temporal": ("{}/conf.yaml", "{}/latest_ckpt.safetensors"),
}
# Cross-layer transcoders of Gemma 3 lie in one file each.
_GEMMA_3_CLT = ("{}/config.json", "{}.safetensors")
SAFE_LOADERS = tuple(_FILES)
_WEIGHTS = (".safetensors", ".npz")


def files_of(loader: str, inside: str) -> list[str]:
    """Paths in the repository that `loader` may read for the SAE at `inside`; configurations may be lacking.

    Args:
        loader: one of `SAFE_LOADERS`.
        inside: the SAE's path, as SAELens' list has it.
    """
    patterns = _GEMMA_3_CLT if loader == "gemma_3" and "clt" in inside else _FILES[loader]
    return [pattern.format(inside) for pattern in patterns]


def is_weights(path: str) -> bool:
    """Whether a path of `files_of` is one without which there is no SAE."""
    return path.endswith(_WEIGHTS)
