"""Corpora: a fixed order, an identity that follows the content, and one line for what is wrong."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from benchmark.harvest.corpora import CorpusError, DatasetCorpus, TextDocument, dataset, parse_corpus, texts_hash
from benchmark.harvest.stream import ranges

TEXTS = ["one fish", "", "two fish", None, "red fish"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "fish.parquet"
    parquet.write_table(pa.table({"text": TEXTS, "length": [1, 2, 3, 4, 5]}), path)
    return path


def test_parquet_gives_rows_that_have_text(table: Path) -> None:
    corpus = parse_corpus(str(table))
    assert [each.text for each in corpus.documents()] == ["one fish", "two fish", "red fish"]
    assert [each.identifier for each in corpus.documents()] == [f"fish-{i:08d}" for i in (0, 2, 4)]


def test_the_identity_follows_the_bytes_and_the_column(table: Path, tmp_path: Path) -> None:
    first = dict(parse_corpus(str(table)).facts)
    assert dict(parse_corpus(str(table)).facts) == first
    parquet.write_table(pa.table({"text": [*TEXTS, "blue fish"]}), table)
    assert parse_corpus(str(table)).facts["sha256"] != first["sha256"]


@pytest.mark.parametrize(
    ("column", "said"),
    [("txet", "did you mean 'text'"), ("length", "holds int64, not text")],
)
def test_a_wrong_column_is_named(table: Path, column: str, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        parse_corpus(str(table), column=column)


def test_what_is_no_parquet_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("plain")
    with pytest.raises(CorpusError, match="cannot be read as parquet"):
        parse_corpus(str(tmp_path / "x.parquet"))
    with pytest.raises(CorpusError, match="no file"):
        parse_corpus(str(tmp_path / "y.parquet"))


def test_a_damaged_page_is_said(tmp_path: Path) -> None:
    path = tmp_path / "fish.parquet"
    # Words that do not compress, so that the middle of the file is a page and the footer is whole.
    words = [hashlib.sha256(str(index).encode()).hexdigest() for index in range(5000)]
    parquet.write_table(pa.table({"text": words}), path, compression="zstd", use_dictionary=False)
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 3)
    path.write_bytes(data)
    with pytest.raises(CorpusError, match=r"is damaged .*mend: fetch it anew") as refused:
        list(parse_corpus(str(path)).documents())
    assert "\n" not in str(refused.value)


def test_a_stream_that_breaks_off_is_said() -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield {"text": "one fish"}
        raise ConnectionError("the line\nis dead")

    corpus = DatasetCorpus(rows(), "text", {"name": "pond"})
    with pytest.raises(CorpusError, match=r"dataset 'pond' broke off \(the line\); mend: run it again"):
        list(corpus.documents())


def test_text_files_are_read_by_name_in_paragraphs(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("third\n")
    (tmp_path / "a.txt").write_text("first\nline\n\n\nsecond\n\n" + "\n".join(f"{i} {'x' * 3000}\n" for i in range(3)))
    corpus = parse_corpus(str(tmp_path))
    found = list(corpus.documents())
    assert [each.identifier for each in found] == ["a.txt-000000", "a.txt-000001", "b.txt-000000"]
    assert found[0].text.startswith("first line\nsecond\n0 xxx")
    assert found[-1].text == "third"
    before = corpus.facts["sha256"]
    (tmp_path / "a.txt").write_text("first")
    assert parse_corpus(str(tmp_path)).facts["sha256"] != before


def test_text_that_is_no_utf8_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\xe9")
    with pytest.raises(CorpusError, match="is not UTF-8"):
        list(parse_corpus(str(tmp_path / "a.txt")).documents())


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("shiped", {}, "did you mean 'shipped'"),
        ("nothing/here", {}, "no file nothing/here"),
        ("shipped", {"split": "test"}, "takes no split=test"),
        ("x.parquet", {"config": "a"}, "takes no config=a"),
    ],
)
def test_what_is_no_corpus_is_one_line(text: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(CorpusError, match=said) as refused:
        parse_corpus(text, **options)
    assert "\n" not in str(refused.value)


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"holds no \.txt file"):
        parse_corpus(str(tmp_path))


def test_a_dataset_is_streamed_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "pond").mkdir()
    lines = "".join(json.dumps({"text": text, "n": 1}) + "\n" for text in TEXTS)
    (tmp_path / "pond" / "train.jsonl").write_text(lines)
    corpus = parse_corpus(f"dataset:{tmp_path / 'pond'}", split="train")
    for _ in range(2):
        assert [each.text for each in corpus.documents()] == ["one fish", "two fish", "red fish"]
    assert corpus.facts == {"name": str(tmp_path / "pond"), "split": "train", "column": "text"}
    with pytest.raises(CorpusError, match="did you mean 'text'"):
        list(dataset(str(tmp_path / "pond"), column="texts").documents())
    with pytest.raises(CorpusError, match="holds int, not text"):
        list(dataset(str(tmp_path / "pond"), column="n").documents())


def test_a_dataset_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be streamed") as refused:
        parse_corpus(f"dataset:{tmp_path / 'nowhere'}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("offline", [True, False])
def test_offline_the_mend_is_to_ask_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: bool) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", offline)
    with pytest.raises(CorpusError) as refused:
        parse_corpus(f"dataset:{tmp_path / 'nowhere'}")
    assert ("mend: HF_HUB_OFFLINE=0 asks the hub" in str(refused.value)) is offline


def test_ranges_depend_on_the_documents_alone() -> None:
    documents = [TextDocument(str(i), "x" * (i % 7)) for i in range(50)]
    found = list(ranges(iter(documents), 20))
    assert [each for part in found for each in part] == documents
    assert all(20 <= sum(len(each.text) for each in part) < 27 for part in found[:-1])
    # A longer corpus begins with the same ranges.
    longer = list(ranges(iter([*documents, TextDocument("50", "x")]), 20))
    assert longer[: len(found) - 1] == found[:-1]


def test_a_hash_tells_where_one_document_ends() -> None:
    assert texts_hash([TextDocument("a", "bc")]) != texts_hash([TextDocument("ab", "c")])
    assert texts_hash([TextDocument("a", "b"), TextDocument("c", "d")]) != texts_hash(
        [TextDocument("c", "d"), TextDocument("a", "b")]
    )
