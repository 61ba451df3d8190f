"""Rivals one clause away from a report: what it would say with a clause less, a clause more, or other words.

Search finds rivals for the whole rule. Where those predict too nearly the same, a report is still examined clause by
clause: each clause must earn its place against the report without it, and each context that the exemplars share must
be shown not to matter.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import Exemplar
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import And, Not, Or, Position, Predicate, Prefix, Unless, Within, Word
from synthetic_neurons.prose.english import describe

REACH = 4
EARLY = 4
STEM = 4
MOST_CONTEXTS = 2
MOST_STEMS = 8


def clause_rivals(report: Report, exemplars: Sequence[Exemplar]) -> list[Report]:
    """Reports one clause away from `report`, no two alike; none for claims without a predicate.

    Args:
        report: what is examined.
        exemplars: teach windows; firing ones show which contexts a rival could make the condition.
    """
    firing = [each for each in exemplars if each.peak > 0]
    made: dict[str, Report] = {}
    for at, claim in enumerate(report.claims):
        if claim.predicate is None:
            continue
        changed = (*_less(claim.predicate), *_more(claim.predicate, firing), *_other_words(claim.predicate))
        for rival in (*(_with(report, at, each) for each in changed), *_without(report, at)):
            made.setdefault(repr(rival.claims), rival)
    made.pop(repr(report.claims), None)
    return list(made.values())


def _with(report: Report, at: int, predicate: Predicate) -> Report:
    claim = Claim(describe(predicate), predicate, report.claims[at].level)
    return _of((*report.claims[:at], claim, *report.claims[at + 1 :]))


def _without(report: Report, at: int) -> Iterator[Report]:
    if len(report.claims) > 1:
        yield _of((*report.claims[:at], *report.claims[at + 1 :]))


def _of(claims: tuple[Claim, ...]) -> Report:
    return Report("; ".join(claim.text for claim in claims), claims)


def _less(predicate: Predicate) -> Iterator[Predicate]:
    """The predicate without one of its clauses, at whatever depth they are joined."""
    if isinstance(predicate, And | Or) and len(predicate.of) > 1:
        for i in range(len(predicate.of)):
            left = (*predicate.of[:i], *predicate.of[i + 1 :])
            yield left[0] if len(left) == 1 else replace(predicate, of=left)
    if isinstance(predicate, Unless):
        yield predicate.of
        yield from (replace(predicate, of=each) for each in _less(predicate.of))


def _more(predicate: Predicate, firing: Sequence[Exemplar]) -> Iterator[Predicate]:
    """The predicate only where a context holds that the claim's firing exemplars share."""
    before = Counter[str]()
    for each in firing:
        at = int(each.values.argmax())
        passages = Passages.of([each.text])
        if at < len(passages.words) and evaluate(predicate, passages)[at] > 0:
            before.update({word.lower() for word in each.words[max(0, at - REACH) : at] if word.isalpha()})
    shared = [word for word, _ in sorted(before.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_CONTEXTS]]
    if shared:
        yield And((predicate, Within(Word(tuple(shared)), REACH)))
    yield And((predicate, Position(EARLY)))
    yield And((predicate, Not(Position(EARLY))))


def _other_words(predicate: Predicate) -> Iterator[Predicate]:
    """The predicate with its word list narrowed by half, and widened to words with the same beginning."""
    for place in _word_lists(predicate):
        words = place.words
        if len(words) > 1:
            yield _exchanged(predicate, place, Word(words[::2]))
            yield _exchanged(predicate, place, Word(words[1::2]))
        stems = list(dict.fromkeys(word[:STEM] for word in words if len(word) > STEM))[:MOST_STEMS]
        if stems:
            yield _exchanged(predicate, place, Or((place, *(Prefix(stem) for stem in stems))))


def _word_lists(predicate: Predicate) -> list[Word]:
    """The lists that the current word must be in; those of the context are left alone."""
    if isinstance(predicate, Word):
        return [predicate]
    if isinstance(predicate, And | Or):
        return [found for child in predicate.of for found in _word_lists(child)]
    return _word_lists(predicate.of) if isinstance(predicate, Unless) else []


def _exchanged(predicate: Predicate, old: Word, new: Predicate) -> Predicate:
    if predicate is old:
        return new
    if isinstance(predicate, And | Or):
        return replace(predicate, of=tuple(_exchanged(child, old, new) for child in predicate.of))
    return replace(predicate, of=_exchanged(predicate.of, old, new)) if isinstance(predicate, Unless) else predicate
