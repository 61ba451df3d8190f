"""A person as the student: what is shown, what is typed, and what cannot be read."""

from collections import deque
from collections.abc import Iterable

import numpy as np
import pytest
from lesson_world import course, items, run, window

from benchmark.students.exam_room import forms, sit
from benchmark.students.moves import quiz, show, talk
from benchmark.students.person import MOST_ASKED, PERSON, Person, is_person
from benchmark.students.student import NOTE_WORDS
from benchmark.students.teaching import Plan, teach
from synthetic_neurons.passages import word_spans

ONCE = Plan(probed=False, repeated=False)


class Typed:
    """A console whose lines are typed beforehand; nothing more is typed after the last."""

    def __init__(self, lines: Iterable[str], rest: str = "") -> None:
        self._lines, self._rest = deque(lines), rest
        self.shown: list[str] = []
        self.asked: list[str] = []

    def say(self, text: str) -> None:
        self.shown.append(text)

    async def ask(self, question: str) -> str:
        self.asked.append(question)
        return self._lines.popleft() if self._lines else self._rest


def test_a_quiz_is_answered_text_by_text() -> None:
    console = Typed(["y", "what?", "N", "?", "a", "b", "c"])
    person = Person(console)
    reply = run(person.hear(quiz(("one", "two", "three", "four"))))
    assert reply.answers == (0.9, 0.1, None, None)
    assert person.failures == {"quiz: no answer": 2}
    assert [text.strip() for text in console.shown[1:]] == ["one", "two", "three", "four"]


def test_a_text_to_try_is_a_proposal_and_anything_else_is_said() -> None:
    person = Person(Typed(["try: a red one", "so colours?", "", "TRY:"]))
    replies = [run(person.hear(show((window("red", "a {}", True),)))) for _ in range(4)]
    assert [each.proposed for each in replies] == [("a red one",), (), (), ()]
    assert [each.text for each in replies] == ["", "so colours?", "", ""]


def test_what_the_teacher_quotes_is_shown_as_it_stands() -> None:
    console = Typed([])
    run(Person(console).hear(show((window("red", "a <b> {} & more", True),))))
    assert "a <b> red & more" in console.shown[-1]


def test_filler_asks_for_nothing() -> None:
    console = Typed([])
    run(Person(console).hear(talk("tea")))
    assert console.asked == []


def test_notes_are_written_once_after_the_lesson_and_cut() -> None:
    console = Typed(["a " * 150, "b " * 150, "", "never asked for"])
    person = Person(console)
    assert run(person.notes()) == ""
    assert console.asked == []
    run(person.hear(talk("tea")))
    written = run(person.notes())
    assert len(word_spans(written)) == NOTE_WORDS
    assert run(person.notes()) == written
    assert len(console.asked) == 3


def test_the_exam_is_one_text_at_a_time_in_another_order_without_feedback() -> None:
    form = forms(items())["A"]
    console = Typed([], rest="none")
    paper = run(sit(Person(console).candidate("colours"), form))
    texts = [line.split(": ", 1)[1] for line in console.shown if line.startswith("\n") and " of " in line]
    assert sorted(texts) == sorted(form.passages.texts)
    assert texts != list(form.passages.texts)
    assert (paper.right == ~paper.fires).all()
    assert not any("right" in line or "wrong" in line for line in console.shown)
    assert any("colours" in line for line in console.shown)


def test_words_are_typed_and_what_cannot_be_told_is_unread() -> None:
    form = forms(items())["A"]
    person = Person(Typed(["?", *["elephants"] * MOST_ASKED], rest=""))
    paper = run(sit(person.candidate(""), form))
    assert paper.unread == 2
    assert person.failures == {"exam: cannot tell": 1, "exam: unparsable": 1}
    assert np.isnan(paper.said).sum() == 2
    assert not paper.right[np.isnan(paper.said)].any()


def test_enter_is_none_of_them() -> None:
    form = forms(items())["A"]
    person = Person(Typed([]))
    paper = run(sit(person.candidate(""), form))
    assert (paper.unread, paper.said.max(), person.failures) == (0, 0.0, {})
    levels = run(person.candidate("").read(form.passages))
    assert levels.tolist() == [0.0] * len(form.passages.words)


def test_a_person_is_taught_by_every_arm_that_needs_no_copy() -> None:
    for arm in ("none", "static", "live", "placebo"):
        person = Typed(["y"] * 200, rest="")
        found = run(teach(arm, course(), lambda console=person: Person(console), plan=ONCE))  # type: ignore[misc]
        assert found.delayed is None
        assert found.looked_up is None
        assert found.curve == ()
    with pytest.raises(TypeError, match="cannot be forked"):
        Person(Typed([])).fork()


def test_names_of_people() -> None:
    assert is_person(PERSON)
    assert is_person("person ada")
    assert not is_person("personal")
    assert not is_person("keyword")
