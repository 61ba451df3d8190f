"""Behaviours of a language model: prompts with corrupted twins; teach and exam share no word that is asked for.

Induction is asked of words drawn at random, so that nothing can have been memorised. The candidates for a second
behaviour are ordinary English; which of them is studied is decided on teach prompts alone
(`benchmark.circuits.found.methods.does`).
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from benchmark.circuits.behaviour import Behaviour
from benchmark.errors import UserError

Part = Literal["teach", "exam"]
# A repeated sequence: so many words, so many times, and then the first few of them.
WORDS, TIMES, ASKED = 5, 3, 2
# Tokens that are common enough to be early in the vocabulary are left out.
FIRST = 5_000
_WORD = re.compile(r"[Ġ▁][a-z]{3,}")
# Documents begin so in pretraining; chat models' own first token begins a conversation instead.
START = "<|endoftext|>"

NAMES = [
    *("Mary", "John", "Tom", "James", "Paul", "Mark", "Anna", "Sarah", "Laura", "Emma", "Alice", "David", "Peter"),
    *("Robert", "Michael", "William", "Susan", "Linda", "Karen", "Lisa", "Jane", "Kate", "Helen", "Rachel", "Daniel"),
    *("George", "Henry", "Jack", "Adam", "Simon", "Martin", "Frank", "Brian", "Kevin", "Steven", "Alex", "Ben", "Sam"),
    *("Max", "Leo", "Emily", "Julia", "Grace", "Rose", "Amy"),
]
SCENES: dict[Part, tuple[str, ...]] = {
    "teach": (
        "When{0} and{1} went to the store,{2} gave a drink to",
        "Then{0} and{1} had a long talk.{2} gave a book to",
        "After{0} and{1} went to the park,{2} gave the ball to",
    ),
    "exam": (
        "While{0} and{1} were at the office,{2} sent a letter to",
        "When{0} and{1} met at the school,{2} handed a key to",
        "Once{0} and{1} sat in the garden.{2} offered an apple to",
    ),
}
MEN = ["king", "father", "brother", "uncle", "son", "husband", "man", "boy", "prince", "actor"]
WOMEN = ["queen", "mother", "sister", "aunt", "daughter", "wife", "woman", "girl", "princess", "actress"]
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
SINGULAR = ["key", "dog", "friend", "teacher", "book", "picture", "letter", "window"]
PLURAL = ["keys", "dogs", "friends", "teachers", "books", "pictures", "letters", "windows"]


class BehaviourError(UserError):
    """A behaviour cannot be asked of this subject; the message says why."""


def start_of(tokenizer: Any) -> int:
    """What prompts begin with.

    Raises:
        BehaviourError: the tokenizer has neither a token between documents nor one before them.
    """
    found: int | None = tokenizer.get_vocab().get(START, tokenizer.bos_token_id)
    if found is None:
        raise BehaviourError("the tokenizer has no token that begins a text; mend: another subject")
    return int(found)


def induction(tokenizer: Any, rows: int, seed: int, part: Part) -> Behaviour:
    """Words at random, all of them again and again, then the first two: what followed the last one is the answer.

    In the twin that word and another one, before what is now wrong, have changed places in what comes before.
    """
    words = _halves(_random_words(tokenizer), part)
    rng = np.random.default_rng((seed, part == "exam"))
    drawn = torch.tensor(np.stack([rng.choice(words, WORDS, replace=False) for _ in range(rows)]))
    asked, other = ASKED - 1, WORDS - 2
    twin = drawn.clone()
    twin[:, asked], twin[:, other] = drawn[:, other], drawn[:, asked]
    begin, end = torch.full((rows, 1), start_of(tokenizer)), drawn[:, :ASKED]
    prompts, corrupted = (torch.cat([begin, *[each] * TIMES, end], 1) for each in (drawn, twin))
    return Behaviour(prompts, corrupted, drawn[:, ASKED], drawn[:, WORDS - 1])


def ioi(tokenizer: Any, rows: int, seed: int, part: Part) -> Behaviour:
    """Indirect object identification (Wang et al. 2022, arXiv 2211.00593): the name that was said once.

    In the twin the other of the two names is said twice.
    """
    rng = np.random.default_rng((seed, part == "exam"))
    names = _halves([name for name in NAMES if _single(tokenizer, " " + name)], part)
    if len(names) < 2:
        raise BehaviourError("names are several tokens each under this tokenizer; mend: another behaviour")
    texts, twins, answers, wrongs = [], [], [], []
    for row in range(rows):
        pair = [f" {each}" for each in rng.choice(names, 2, replace=False)]
        said = int(rng.integers(2))
        scene = SCENES[part][row % len(SCENES[part])]
        texts.append(scene.format(*pair, pair[said]))
        twins.append(scene.format(*pair, pair[1 - said]))
        answers.append(pair[1 - said])
        wrongs.append(pair[said])
    return _of_texts(tokenizer, texts, twins, answers, wrongs)


def gender(tokenizer: Any, rows: int, seed: int, part: Part) -> Behaviour:
    """A pronoun that agrees with a noun; the twin has the noun of the other gender."""
    pairs = _halves(list(zip(MEN, WOMEN, strict=True)), part)
    drawn = _sides(pairs, rows, seed, part)
    texts, twins = ([f"The {each[side]} said that" for each in drawn] for side in (0, 1))
    answers = [" he" if each[0] in MEN else " she" for each in drawn]
    return _of_texts(tokenizer, texts, twins, answers, [" she" if each == " he" else " he" for each in answers])


def agreement(tokenizer: Any, rows: int, seed: int, part: Part) -> Behaviour:
    """A verb that agrees with a noun over another one; the twin has the noun in the other number."""
    pairs = _halves(list(zip(SINGULAR, PLURAL, strict=True)), part)
    drawn = _sides(pairs, rows, seed, part)
    texts, twins = ([f"The {each[side]} near the house" for each in drawn] for side in (0, 1))
    answers = [" is" if each[0] in SINGULAR else " are" for each in drawn]
    return _of_texts(tokenizer, texts, twins, answers, [" are" if each == " is" else " is" for each in answers])


def succession(tokenizer: Any, rows: int, seed: int, part: Part) -> Behaviour:
    """The number after three in a row; in the twin the row goes backwards, and so does the answer."""
    rng = np.random.default_rng((seed, part == "exam"))
    starts = _halves(list(range(1, len(NUMBERS) - 3)), part)
    rowed = [int(rng.choice(starts)) for _ in range(rows)]
    texts = [" ".join(NUMBERS[at : at + 3]) for at in rowed]
    twins = [" ".join(NUMBERS[at : at + 3][::-1]) for at in rowed]
    answers, wrongs = ([f" {NUMBERS[at + step]}" for at in rowed] for step in (3, -1))
    return _of_texts(tokenizer, texts, twins, answers, wrongs)


Make = Callable[[Any, int, int, Part], Behaviour]
CANDIDATES: dict[str, Make] = {"ioi": ioi, "gender": gender, "agreement": agreement, "succession": succession}
BEHAVIOURS: dict[str, Make] = {"induction": induction, **CANDIDATES}


def _halves(items: Sequence[Any], part: Part) -> list[Any]:
    """Every other item, so that the two parts share none."""
    return list(items[part == "exam" :: 2])


def _sides(pairs: Sequence[tuple[str, str]], rows: int, seed: int, part: Part) -> list[tuple[str, str]]:
    rng = np.random.default_rng((seed, part == "exam"))
    drawn = [pairs[int(rng.integers(len(pairs)))] for _ in range(rows)]
    return [(two, one) if rng.random() < 0.5 else (one, two) for one, two in drawn]


def _random_words(tokenizer: Any) -> list[int]:
    """Tokens that are whole words behind a space; all tokens but the first few, where there are too few of them."""
    size = len(tokenizer)
    names = tokenizer.convert_ids_to_tokens(list(range(size)))
    found = [index for index, name in enumerate(names) if index >= FIRST and _WORD.fullmatch(str(name))]
    special = set(tokenizer.all_special_ids)
    return found if len(found) >= 4 * WORDS else [index for index in range(size) if index not in special]


def _single(tokenizer: Any, text: str) -> bool:
    return len(tokenizer(text, add_special_tokens=False)["input_ids"]) == 1


def _of_texts(
    tokenizer: Any, texts: Sequence[str], twins: Sequence[str], answers: Sequence[str], wrongs: Sequence[str]
) -> Behaviour:
    begin = start_of(tokenizer)

    def rows(found: Sequence[str]) -> Tensor:
        ids = [[begin, *tokenizer(text, add_special_tokens=False)["input_ids"]] for text in found]
        if len({len(row) for row in ids}) != 1:
            raise BehaviourError("prompts differ in length under this tokenizer; mend: another behaviour")
        return torch.tensor(ids)

    def last(found: Sequence[str]) -> Tensor:
        ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in found]
        if any(len(row) != 1 for row in ids):
            raise BehaviourError("an answer is several tokens under this tokenizer; mend: another behaviour")
        return torch.tensor(ids)[:, 0]

    return Behaviour(rows(texts), rows(twins), last(answers), last(wrongs))
