"""Deterministic students: what each learns, forgets, and carries into the exam."""

import numpy as np
import pytest
from hash_encoder import HashEncoder
from lesson_world import ANIMAL, COLOUR, COLOURS, LIBRARY, course, exemplars, material, run, window

from benchmark.explainers.report import Report
from benchmark.readers.embedding import EmbeddingReader
from benchmark.readers.encoder import ViewCache
from benchmark.students.course import TEACHING_ARMS
from benchmark.students.keyword import Keyword
from benchmark.students.labels import Labels
from benchmark.students.moves import Move, quiz, show, talk, tell
from benchmark.students.no_op import NoOp
from benchmark.students.note_taker import NoteTaker
from benchmark.students.parrot import Parrot
from benchmark.students.student import NOTE_WORDS, Student, cut_notes
from benchmark.students.teaching import teach
from benchmark.students.version_space import VersionSpace
from benchmark.students.yes_sayer import YesSayer
from synthetic_neurons.passages import Passages, word_spans

EXAM = Passages.of(["a red sign", "a purple sign", "a dog barks"])
SHOWN = show(tuple(exemplars()[:4]) + tuple(exemplars()[16:20]))


def levels(student: Student) -> list[float]:
    """The greatest level in each text of the exam."""
    return [float(each) for each in EXAM.per_text_max(run(student.candidate(run(student.notes())).read(EXAM)))]


def taught(student: Student, *moves: Move) -> Student:
    for move in moves:
        run(student.hear(move))
    return student


def test_who_learns_nothing_writes_nothing() -> None:
    assert levels(taught(NoOp(), SHOWN, tell((COLOUR,)))) == [0.0, 0.0, 0.0]
    assert run(taught(NoOp(), SHOWN).notes()) == ""


def test_the_yes_sayer_says_yes() -> None:
    student = YesSayer()
    reply = run(student.hear(quiz(("a red sign", "a dog barks"))))
    assert reply.text
    assert min(answer or 0 for answer in reply.answers) > 0.9
    assert levels(student) == [10.0, 10.0, 10.0]


def test_the_parrot_knows_the_very_words_alone() -> None:
    assert levels(taught(Parrot(), SHOWN)) == [10.0, 0.0, 0.0]
    assert levels(taught(Parrot(), tell((COLOUR,)))) == [0.0, 0.0, 0.0], "it hears no claim"


def test_the_keyword_student_looks_up_what_was_named() -> None:
    assert levels(taught(Keyword(), tell((COLOUR,)))) == [10.0, 10.0, 0.0]
    wrong = taught(Keyword(), tell((ANIMAL,)))
    assert levels(wrong)[2] == 10.0
    silent = (window("dog", "the {} barks", False), window("dog", "a {} sleeps", False))
    assert levels(taught(wrong, show(silent)))[2] == 0.0, "a named word that is shown silent is struck out"


def test_fewer_words_in_the_notes_are_less_capacity() -> None:
    found = [
        np.mean([level > 0 for level in levels(taught(Keyword(most), tell((COLOUR,))))[:2]]) for most in (0, 3, 10)
    ]
    assert found == [0.0, 0.5, 1.0]


def test_the_version_space_finds_the_rule_and_forgets_it() -> None:
    student = taught(VersionSpace(LIBRARY), SHOWN)
    assert LIBRARY.claims[int(student.belief.argmax())] == COLOUR
    assert student.belief[0] > 0.99
    assert levels(student)[1] > 9.0
    before = student.belief[0]
    forgetful = taught(VersionSpace(LIBRARY, forgetting=0.9), SHOWN, *[talk("tea")] * 20)
    assert forgetful.belief[0] < before
    assert forgetful.belief[0] == pytest.approx(1 / 3, abs=0.01)


def test_a_false_belief_gives_way_to_evidence_alone() -> None:
    biased = VersionSpace(LIBRARY, wrong=1, mass=0.95)
    assert levels(biased)[2] > 9.0
    assert levels(taught(biased, talk("tea")))[2] > 9.0
    assert levels(taught(biased, SHOWN))[2] < 1.0


def test_a_claim_outside_its_language_tells_it_nothing() -> None:
    student = VersionSpace(LIBRARY)
    run(student.hear(tell(Report("x", ()).claims or (type(COLOUR)("something else"),))))
    assert np.allclose(student.belief, 1 / 3)


def test_predicates_do_not_pass() -> None:
    assert all(each.predicate is None for each in tell((COLOUR,)).claims)


@pytest.mark.parametrize("make", [Keyword, Parrot, lambda: VersionSpace(LIBRARY)])
def test_a_fork_is_taught_apart(make: type[Keyword]) -> None:
    student = make()
    twin = student.fork()
    taught(twin, SHOWN, tell((COLOUR,)))
    assert levels(student)[0] == pytest.approx(levels(make())[0])
    assert levels(twin)[0] > levels(student)[0]


def test_notes_are_two_hundred_words_at_most() -> None:
    assert len(word_spans(cut_notes("word " * 500))) == NOTE_WORDS
    many = Report(
        "x", tuple(type(COLOUR)(f"'{a}{b}' and 'more{a}{b}'") for a in "abcdefghijkl" for b in "mnopqrstuvwx")
    )
    for student in (Keyword(), Parrot()):
        assert len(word_spans(run(taught(student, tell(many.claims), SHOWN).notes()))) <= NOTE_WORDS


def test_those_who_embed() -> None:
    cache = ViewCache(HashEncoder())
    embedding = EmbeddingReader(HashEncoder(), cache=cache)
    reader = taught(NoteTaker(embedding), tell((COLOUR,)))
    assert levels(reader)[0] > levels(reader)[2]
    assert len(word_spans(run(taught(NoteTaker(embedding, 5), tell((COLOUR,))).notes()))) == 5
    learner = taught(Labels(cache), SHOWN)
    assert levels(learner)[0] > levels(learner)[2]
    assert levels(Labels(cache)) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("arm", TEACHING_ARMS)
def test_every_arm_teaches_as_many_words_and_the_no_op_gains_nothing(arm: str) -> None:
    heard = run(teach("live", course(), lambda: VersionSpace(LIBRARY, wrong=1))).transcript.moves
    found = run(teach(arm, course(), NoOp, heard))  # type: ignore[arg-type]
    drilled = sum(show((each,)).words for each in exemplars())
    assert found.transcript.words == {"none": 0, "trained": drilled}.get(arm, 600)
    assert sum(turn.move.words for turn in found.transcript.turns) == found.transcript.words
    assert found.delayed is not None
    assert (found.before.r, found.after.r, found.delayed.r) == (0.0, 0.0, 0.0)


def test_the_arms_are_in_their_order() -> None:
    scores = {arm: run(teach(arm, course(), Keyword)).after.r for arm in ("oracle", "live", "placebo", "misaligned")}
    assert scores["oracle"] == scores["live"] == pytest.approx(1.0)
    assert scores["placebo"] < 0.1
    assert scores["misaligned"] <= scores["placebo"]
    assert material().claims == (COLOUR,)
    assert set(COLOURS) & set(run(teach("live", course(), Keyword)).notes.replace('"', "").split())
