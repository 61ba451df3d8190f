"""Which keys are set: names alone, and never a value, nor a part or the length of one."""

from collections.abc import Mapping
from pathlib import Path

from benchmark.doctor.check import Check

# Environment variables by provider, as Inspect's providers read them (inspect_ai.model._providers, 0.3.285).
KEYS: dict[str, tuple[str, ...]] = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY", "VERTEX_API_KEY"),
    "mistral": ("MISTRAL_API_KEY",),
    "grok": ("XAI_API_KEY", "GROK_API_KEY"),
    "groq": ("GROQ_API_KEY",),
    "deepseek": ("DEEPSEEK_API_KEY",),
    "together": ("TOGETHER_API_KEY",),
    "fireworks": ("FIREWORKS_API_KEY",),
    "openrouter": ("OPENROUTER_API_KEY",),
    "perplexity": ("PERPLEXITY_API_KEY",),
    "moonshot": ("MOONSHOT_API_KEY",),
    "sambanova": ("SAMBANOVA_API_KEY",),
    "meta": ("META_API_KEY", "MODEL_API_KEY"),
    "cloudflare": ("CLOUDFLARE_API_KEY", "CLOUDFLARE_API_TOKEN"),
    "azureai": (
        "AZURE_API_KEY",
        "AZUREAI_API_KEY",
        "AZURE_OPENAI_API_KEY",
        "AZUREAI_OPENAI_API_KEY",
        "AZURE_ANTHROPIC_API_KEY",
        "AZUREAI_ANTHROPIC_API_KEY",
        "AZURE_MISTRAL_API_KEY",
        "AZUREAI_MISTRAL_API_KEY",
    ),
    "bedrock": ("BEDROCK_OPENAI_API_KEY", "AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"),
    "litellm-proxy": ("LITELLM_PROXY_API_KEY", "LITELLM_API_KEY"),
    "vllm": ("VLLM_API_KEY",),
    "sglang": ("SGLANG_API_KEY",),
    "hub": ("HF_TOKEN",),
    "wandb": ("WANDB_API_KEY",),
}


def keys(environment: Mapping[str, str], hub_token: Path | None = None) -> list[Check]:
    """One line for what is set, one for what is set to nothing.

    Args:
        environment: such as `os.environ`.
        hub_token: where the hub's client keeps the token of a login.
    """
    named = {name: provider for provider, names in KEYS.items() for name in names}
    there = [name for name in named if environment.get(name, "").strip()]
    blank = [name for name in named if name in environment and not environment[name].strip()]
    login = hub_token is not None and hub_token.is_file()
    told = ", ".join([*there, *(["the hub's login"] if login else [])])
    data = {"set": there, "hub_login": login, "providers": sorted({named[name] for name in there})}
    none = "none is set; the embedded default needs none"
    checks = [Check("keys", "ok", f"set: {told}" if told else none, data=data)]
    if blank:
        checks.append(Check("keys", "note", f"set, but empty: {', '.join(blank)}", f"unset {' '.join(blank)}"))
    return checks
