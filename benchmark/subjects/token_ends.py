"""Where the embedded subject's tokens end in a text, with its tokenizer alone: no weights are loaded."""

from collections.abc import Callable, Sequence

from benchmark.subjects.embedded import materialise

# Texts to the character end of each of the subject's tokens, one list a text; special tokens are left out.
TokenEnds = Callable[[Sequence[str]], list[list[int]]]


def embedded_token_ends(say: Callable[[str], None] = lambda line: None) -> TokenEnds:
    """The embedded subject's.

    Args:
        say: told of progress where the subject has to be written first.

    Raises:
        SubjectError: its weights are not installed.
    """
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(materialise(say=say))

    def ends(texts: Sequence[str]) -> list[list[int]]:
        coded = tokenizer(list(texts), add_special_tokens=False, return_offsets_mapping=True)
        return [[end for _, end in offsets] for offsets in coded["offset_mapping"]]

    return ends
