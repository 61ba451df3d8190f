"""The real encoder, on a handful of texts."""

import numpy as np
import pytest

from benchmark.explainers.report import Claim, Report
from benchmark.readers.embedding import EmbeddingReader
from benchmark.subjects.embeddings import MiniLM, weights_folder
from synthetic_neurons.passages import Passages

pytest.importorskip("transformers")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

TEXTS = (
    "She took her old spaniel for a walk along the canal.",
    "The bank raised its interest rate on Monday.",
    "A café in Zürich — isn't it lovely?",
)


@pytest.fixture(scope="module")
def encoder() -> MiniLM:
    return MiniLM(batch_size=2)


def test_a_claim_about_dogs_ranks_the_dog_highest(encoder: MiniLM) -> None:
    passages = Passages.of(TEXTS)
    levels = EmbeddingReader(encoder).read(Report("", (Claim("kinds of dogs"),)), passages)
    assert passages.words[int(np.argmax(levels))] == "spaniel"
    assert passages.per_text_max(levels).argmax() == 0


def test_vectors_have_length_one_and_do_not_depend_on_the_batch(encoder: MiniLM) -> None:
    passages = Passages.of(TEXTS)
    vectors = encoder.words_in_context(passages)
    assert vectors.shape == (len(passages.words), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    alone = encoder.words_in_context(Passages.of(TEXTS[1:2]))
    np.testing.assert_allclose(vectors[passages.first[1] : passages.first[2]], alone, atol=1e-5)


def test_half_precision_turns_vectors_little_and_has_another_name(encoder: MiniLM) -> None:
    half = MiniLM(batch_size=2, dtype="bfloat16")
    vectors, found = encoder.sentences(TEXTS), half.sentences(TEXTS)
    assert found.dtype == np.float32
    assert 0.999 < (vectors * found).sum(axis=1).min() < 1.0
    assert half.name != encoder.name == "all-MiniLM-L6-v2"


def test_sentences_are_those_of_sentence_transformers(encoder: MiniLM) -> None:
    library = pytest.importorskip("sentence_transformers")
    reference = library.SentenceTransformer(str(weights_folder()), device="cpu")
    np.testing.assert_allclose(
        encoder.sentences(TEXTS), reference.encode(list(TEXTS), normalize_embeddings=True), atol=1e-5
    )


def test_a_word_is_the_mean_of_its_pieces(encoder: MiniLM) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = str(weights_folder())
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    encoded = tokenizer("the tokenization failed", return_tensors="pt")
    pieces = [i for i, word in enumerate(encoded.word_ids()) if word == 1]
    assert len(pieces) > 1
    with torch.no_grad():
        state = model(**encoded).last_hidden_state[0, pieces].mean(0).numpy()
    vector = encoder.words_in_context(Passages.of(["the tokenization failed"]))[1]
    np.testing.assert_allclose(vector, state / np.linalg.norm(state), atol=1e-5)
