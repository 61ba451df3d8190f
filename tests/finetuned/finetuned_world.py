"""A tiny encoder with random weights, a WordNet of a few lines, and groups made by hand."""

import string
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from transformers import BertConfig, BertModel

from benchmark.readers.diet.group import UNKNOWN, Group, Taught
from benchmark.readers.diet.wordnet import Nouns
from benchmark.subjects.text_sources import Document
from synthetic_neurons import lexicons
from synthetic_neurons.passages import Passages
from synthetic_neurons.reference import reference

WHOLE = ("the", "words", "dog", "cat", "cow", "red", "blue", "house", "near", "and", "a", "not")
WIDTH, LAYERS = 32, 2
COLOURS, ANIMALS = ("red", "blue"), ("dog", "cat", "cow")
TEXTS = (
    "the red dog slept near a house",
    "a cat and the blue cow",
    "The house, not the dog, is blue",
    "words and words near the cat",
    "a plain sentence without any of it at all",
)


def tiny_encoder(folder: Path, seed: int = 0) -> Path:
    """Two layers of width 32, with a tokenizer of letters and a dozen words."""
    signs = [*string.ascii_lowercase, *string.digits, *string.punctuation]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *signs, *(f"##{s}" for s in signs), *WHOLE]
    model = WordPiece({piece: i for i, piece in enumerate(dict.fromkeys(vocabulary))}, unk_token="[UNK]")
    tokenizer = Tokenizer(model)
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(lowercase=True), BertPreTokenizer()
    # As the wheel's: what a sentence encoder cuts off must not be cut off here.
    tokenizer.enable_truncation(8)
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=512,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def shares(texts: tuple[str, ...], firing: tuple[str, ...], unknown: tuple[str, ...] = ()) -> np.ndarray:
    table = {**dict.fromkeys(unknown, UNKNOWN), **dict.fromkeys(firing, 200)}
    return np.array([table.get(word.lower(), 0) for word in Passages.of(texts).words], dtype=np.uint8)


def group(part: str = "train", name: str = "words", texts: tuple[str, ...] = TEXTS) -> Group:
    """Claims about colours and animals, one of which is not sure of cows."""
    claims = (
        Taught("the words red and blue", "listed", "list", shares(texts, COLOURS)),
        Taught("words for a cat or a dog", "broad", "concept", shares(texts, ("dog", "cat"), ("cow",))),
        Taught("any word, not a dog", "none of", "negation", 200 - shares(texts, ("dog",))),
    )
    return Group(name, part, texts, claims).checked()


def documents(count: int = 60) -> list[Document]:
    """Documents of ten lines each, made from the shipped lists."""
    lines = reference().texts
    return [Document(f"made-{i:03d}", "wordnet", ". ".join(lines[i::count][:10])) for i in range(count)]


def _line(offset: int, file: int, lemma: str, gloss: str, above: int | None, below: list[int]) -> str:
    pointers = ([f"@ {above:08d} n 0000"] if above else []) + [f"~ {each:08d} n 0000" for each in below]
    return f"{offset:08d} {file:02d} n 01 {lemma} 0 {len(pointers):03d} {' '.join(pointers)} | {gloss}"


def nouns(folder: Path) -> Nouns:
    """Two sisters under a word, in two noun files; the first word of each kind has an earlier sense elsewhere."""
    data, index, at = [], [], 1000
    for file, pair in ((6, ("tools", "vehicles")), (7, ("birds", "fish"))):
        top, at = at, at + 10
        kinds = []
        for name in pair:
            kind, at = at, at + 10
            words = lexicons.load(name).words
            leaves = range(at, at + 10 * len(words), 10)
            at = leaves.stop
            kinds.append(kind)
            data.append(_line(kind, file, name, f"a thing of the kind of {name}", top, list(leaves)))
            for leaf, word in zip(leaves, words, strict=True):
                data.append(_line(leaf, file, word, f'one of the {name}; "see it"', kind, []))
                senses = f"{leaf:08d}" if word != words[0] else f"99999999 {leaf:08d}"
                index.append(f"{word} n {len(senses.split())} 1 @ {len(senses.split())} 0 {senses}  ")
        data.append(_line(top, file, f"top{file}", "all of it", None, kinds))
    (folder / "data.noun").write_text("  1 a licence\n" + "\n".join(data) + "\n", "utf-8")
    (folder / "index.noun").write_text("  1 a licence\n" + "\n".join(index) + "\n", "utf-8")
    return Nouns(folder)
