"""Exports as they should be, and damaged in every way we could think of."""

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.errors import UserError
from benchmark.neuronpedia import Explanation, FeatureKey, NeuronpediaError, read_explanations, read_features
from benchmark.neuronpedia.batches import batches
from benchmark.neuronpedia.line import MAX_TEXT
from benchmark.neuronpedia.stream import read_lines

EXPORT = Path(__file__).parent / "export"
ROW: dict[str, Any] = {"modelId": "gpt2-small", "layer": "6-res-jb", "index": "204", "description": "days"}


def file(folder: Path, *rows: dict[str, Any] | bytes) -> Path:
    """A file of these lines in `folder`."""
    path = folder / "batch-0.jsonl"
    lines = (each if isinstance(each, bytes) else json.dumps(each).encode() for each in rows)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def test_features_of_an_export() -> None:
    first, second = read_features(EXPORT)
    assert first.key == FeatureKey.parse("gpt2-small/6-res-jb/204")
    assert (first.max_activation, first.firing_rate) == (31.5, 0.004)
    assert first.promoted == (" Monday", " o\u2019clock")
    assert first.suppressed == ("\u0120the",)
    assert first.hook == "blocks.6.hook_resid_pre"
    assert first.place.endswith("batch-0.jsonl, line 1")
    assert (second.key.latent, second.max_activation, second.promoted) == (7, 0.0, ())


def test_explanations_of_an_export_come_verbatim_and_in_order() -> None:
    found = list(read_explanations(EXPORT))
    assert [each.identifier for each in found] == ["clocks", "hours", "hours", "blank", "person"]
    assert found[0].description == " times of day and days of the week"
    assert (found[0].kind, found[0].model) == ("oai_token-act-pair", "gpt-4o-mini")
    assert (found[4].kind, found[4].model, found[4].author) == (None, None, "account-of-the-site")


@pytest.mark.parametrize("name", ["batch-0.jsonl.gz", "batch-0.jsonl"])
def test_packed_files_are_known_by_their_content(tmp_path: Path, name: str) -> None:
    for number in (0, 1):
        plain = (EXPORT / f"explanations/batch-{number}.jsonl").read_bytes()
        (tmp_path / name.replace("0", str(number))).write_bytes(gzip.compress(plain))
    assert list(read_explanations(tmp_path)) == list(read_explanations(EXPORT))


def test_a_feature_is_the_same_wherever_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "batch-7.jsonl.gz").write_bytes(gzip.compress((EXPORT / "features/batch-0.jsonl").read_bytes()))
    assert list(read_features(tmp_path)) == list(read_features(EXPORT))


def test_batches_are_read_by_number(tmp_path: Path) -> None:
    for number in (10, 9, 0, 100):
        (tmp_path / f"batch-{number}.jsonl").touch()
    (tmp_path / "failed_explanation_indexes.txt").touch()
    (tmp_path / "batch-x.jsonl").touch()
    assert [path.stem for path in batches(tmp_path, "features")] == ["batch-0", "batch-9", "batch-10", "batch-100"]


def test_a_batch_both_plain_and_packed_is_refused(tmp_path: Path) -> None:
    file(tmp_path, ROW)
    (tmp_path / "batch-0.jsonl.gz").write_bytes(gzip.compress(b""))
    with pytest.raises(NeuronpediaError, match="the same batch; mend: delete one"):
        list(read_explanations(tmp_path))


def test_a_folder_without_batches_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "explanations-gpt-4o-mini").mkdir()
    with pytest.raises(NeuronpediaError, match=r"no batches of explanations .*'explanations-gpt-4o-mini'"):
        list(read_explanations(tmp_path))
    with pytest.raises(NeuronpediaError, match="is not there; mend: "):
        list(read_explanations(tmp_path / "nowhere"))
    file(tmp_path / "explanations-gpt-4o-mini", ROW)
    assert len(list(read_explanations(tmp_path, table="explanations-gpt-4o-mini"))) == 1


def test_blank_lines_marks_and_carriage_returns_do_no_harm(tmp_path: Path) -> None:
    path = file(tmp_path, b"\xef\xbb\xbf" + json.dumps(ROW).encode() + b"\r", b"", b"  ", ROW)
    assert [each.place[-6:] for each in read_explanations(path)] == ["line 1", "line 4"]


def test_a_line_may_lack_its_newline_and_hold_other_separators(tmp_path: Path) -> None:
    path = tmp_path / "batch-0.jsonl"
    path.write_bytes(json.dumps(ROW | {"description": "a\u2028b\x85c"}, ensure_ascii=False).encode())
    assert [each.description for each in read_explanations(path)] == ["a\u2028b\x85c"]


def test_indices_that_are_numbers_are_texts(tmp_path: Path) -> None:
    path = file(tmp_path, ROW | {"index": 27}, ROW | {"index": "cm1vector"})
    numbered, named = read_explanations(path)
    assert numbered.key == FeatureKey("gpt2-small", "6-res-jb", "27")
    with pytest.raises(NeuronpediaError, match="no whole number"):
        _ = named.key.latent


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"modelId": "gpt2-small", ', "no JSON .*at column"),
        (b'{"modelId": "\xff"}', r"no UTF-8 \(byte 13\)"),
        (b'["a"]', "a JSON list and not an object; mend: put each object on a line"),
        (b'"a"', "a JSON str and not an object"),
        (b"[" * 100_000, "beyond all bounds"),
        (b'{"a": ' + b"9" * 5000 + b"}", "beyond all bounds"),
        ({k: v for k, v in ROW.items() if k != "layer"} | {"Layer": "6"}, r"no field 'layer' \(did you mean 'Layer'"),
        (ROW | {"description": None}, "'description' is null"),
        (ROW | {"description": 5}, "'description' is 5 and not a text"),
        (ROW | {"description": ["a"]}, "'description' is a list and not a text"),
        (ROW | {"description": "a" * (MAX_TEXT + 1)}, "has 20001 characters, more than 20000"),
        (ROW | {"index": True}, "'index' is True and not a text"),
        (ROW | {"index": -1}, "'index' is -1 and not a text"),
        (ROW | {"index": 1.5}, "'index' is 1.5 and not a text"),
        (ROW | {"index": "٣"}, r"'index' is '\\u0663'; mend"),
        (ROW | {"modelId": ".."}, r"'modelId' is '\.\.'; mend"),
        (ROW | {"layer": "../../etc"}, "'layer' is '../../etc'; mend"),
        (ROW | {"layer": "6\n"}, r"'layer' is '6\\n'; mend"),
        (ROW | {"layer": ""}, "'layer' is ''; mend"),
        (ROW | {"typeName": 3}, "'typeName' is 3 and not a text"),
    ],
)
def test_a_damaged_line_is_one_clear_line(tmp_path: Path, line: dict[str, Any] | bytes, message: str) -> None:
    path = file(tmp_path, ROW, line)
    lines = read_explanations(path)
    next(lines)
    with pytest.raises(UserError, match=message) as raised:
        next(lines)
    text = str(raised.value)
    assert text.startswith(f"{path}, line 2: ")
    assert "; mend: " in text
    assert text.isprintable()
    assert text.count(str(path)) == 1
    assert len(text) < 600


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("maxActApprox", "31", "'31' and not a finite number"),
        ("maxActApprox", True, "True and not a finite number"),
        ("maxActApprox", float("nan"), "nan and not a finite number"),
        ("maxActApprox", float("inf"), "inf and not a finite number"),
        ("maxActApprox", 10**400, "and not a finite number"),
        ("frac_nonzero", 40.0, "is 40 and no share"),
        ("frac_nonzero", -0.1, "is -0.1 and no share"),
        ("pos_str", "abc", "'abc' and not a list of texts"),
        ("neg_str", ["a", 2], r"\[1\]' is 2 and not a text"),
        ("hookName", {}, "a dict and not a text"),
    ],
)
def test_a_damaged_feature_names_its_field(tmp_path: Path, field: str, value: object, message: str) -> None:
    path = file(tmp_path, ROW | {field: value})
    with pytest.raises(NeuronpediaError, match=rf"line 1: '{field}.*{message}"):
        list(read_features(path))


def test_features_need_their_names_alone(tmp_path: Path) -> None:
    (found,) = read_features(file(tmp_path, ROW | {"frac_nonzero": None, "vector": "whatever", "new": {"a": 1}}))
    assert (found.max_activation, found.firing_rate, found.promoted, found.hook) == (None, None, (), None)


def test_what_strangers_wrote_cannot_draw_on_the_terminal(tmp_path: Path) -> None:
    path = file(tmp_path, ROW | {"modelId": "\x1b[2J\u202e" + "x" * 500})
    with pytest.raises(NeuronpediaError) as raised:
        list(read_explanations(path))
    assert str(raised.value).isprintable()
    assert "x" * 100 not in str(raised.value)


def cut(content: bytes) -> bytes:
    return content[:-20]


def spoilt(content: bytes) -> bytes:
    return content[:30] + bytes(each ^ 0xFF for each in content[30:60]) + content[60:]


def followed(content: bytes) -> bytes:
    return content + b"garbage"


@pytest.mark.parametrize("damage", [cut, spoilt, followed])
def test_a_damaged_archive_is_one_clear_line(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "batch-0.jsonl.gz"
    rows = "".join(
        json.dumps(ROW | {"index": str(each), "description": str(zlib.crc32(b"%d" % each))}) + "\n"
        for each in range(99)
    )
    path.write_bytes(damage(gzip.compress(rows.encode())))
    with pytest.raises(NeuronpediaError, match=r"batch-0.jsonl.gz, line \d+: (it cannot be read|no JSON|no UTF-8)"):
        list(read_explanations(path))


def test_the_longest_line_is_a_limit_to_the_byte(tmp_path: Path) -> None:
    path = file(tmp_path, b'{"a": 1}', b'{"a": 22}')
    assert len(list(read_lines(path, 9))) == 2
    with pytest.raises(NeuronpediaError, match="line 2: it has more than 8 bytes; mend: one JSON object a line"):
        list(read_lines(path, 8))
    path.write_bytes(b'{"a": 22}')
    with pytest.raises(NeuronpediaError, match="line 1: it has more than 8 bytes"):
        list(read_lines(path, 8))


def test_a_small_archive_cannot_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "batch-0.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        for _ in range(64):
            stream.write(b" " * 2**20)
    tracemalloc.start()
    with pytest.raises(NeuronpediaError, match="more than 65536 bytes"):
        list(read_explanations(path, longest=2**16))
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    tracemalloc.stop()


def test_reading_is_lazy(tmp_path: Path) -> None:
    path = file(tmp_path, ROW, b"damaged")
    assert next(read_explanations(path)) == Explanation(FeatureKey("gpt2-small", "6-res-jb", "204"), "days")


@pytest.mark.parametrize("text", ["gpt2-small/204", "a/b/c/d", "a//c", "", "/etc/passwd"])
def test_what_is_no_feature_is_refused(text: str) -> None:
    with pytest.raises(NeuronpediaError, match="mend: "):
        FeatureKey.parse(text)


def test_features_sort_by_number() -> None:
    names = ["b/s/1", "a/s/10", "a/s/9", "a/s/vector", "a/s/09"]
    ordered = [str(key) for key in sorted(map(FeatureKey.parse, names))]
    assert ordered == ["a/s/09", "a/s/9", "a/s/10", "a/s/vector", "b/s/1"]
