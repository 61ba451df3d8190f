"""The embedded subject as a writer: greedy, batched, bfloat16; used when a suite is frozen, outside Inspect."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

BATCH = 16


def write(
    prompts: Sequence[str], folder: Path, new_tokens: int = 48, say: Callable[[str], None] = lambda line: None
) -> list[str]:
    """One greedy answer for each prompt, as the chat template has it.

    Args:
        prompts: user messages.
        folder: a materialised subject.
        new_tokens: at most so many tokens are generated.
        say: progress.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    tokenizer.pad_token = tokenizer.eos_token
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    chats = [
        tokenizer.apply_chat_template([{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True)
        for prompt in prompts
    ]
    # Batches of like length waste least padding; answers go back in the order they were asked.
    order = sorted(range(len(chats)), key=lambda i: len(chats[i]))
    answers = [""] * len(chats)
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        batch = tokenizer([chats[i] for i in chosen], return_tensors="pt", padding=True)
        with torch.no_grad():
            made = model.generate(**batch, max_new_tokens=new_tokens, do_sample=False)
        texts = tokenizer.batch_decode(made[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
        for i, text in zip(chosen, texts, strict=True):
            answers[i] = text
        say(f"wrote {start + len(chosen)} of {len(chats)} single passes")
    return answers
