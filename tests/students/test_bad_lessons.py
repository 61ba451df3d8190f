"""Lessons that go wrong: every end has its name, every failure is counted, and no word is lost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from lesson_world import TRUTH, course, items, material, run, window

from benchmark.explainers.explainer import NoReport
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import BudgetExceeded, ExamOverlap, Exemplar, UnmeasurableText
from benchmark.students.deterministic import Deterministic
from benchmark.students.dialogue import MOST_TURNS, Rules, Transcript, hold
from benchmark.students.exam_room import THRESHOLD, Paper, forms, sit
from benchmark.students.keyword import Keyword
from benchmark.students.moves import Kind, Move, Reply, quiz, show, talk, tell
from benchmark.students.no_op import NoOp
from benchmark.students.student import Candidate, Capacity, Student
from benchmark.students.teachers import Scripted, Teacher, Tutor
from benchmark.students.teaching import Plan, Taught, teach
from benchmark.students.user_model import UserModel
from synthetic_neurons.passages import Floats, Passages, word_spans

WORDS = 300
SECRET = "the exam has a purple sign in it"
ERRORS = [BudgetExceeded("no queries left"), ExamOverlap("quotes the exam"), UnmeasurableText("empty")]


class Drone:
    """Says the same for ever, or so often, and then refuses.

    Args:
        said: its move.
        times: after so many it refuses; None never.
    """

    user_model: UserModel | None = None

    def __init__(self, said: Move, times: int | None = None) -> None:
        self.failures: Counter[str] = Counter()
        self.replies: list[Reply] = []
        self._said, self._left = said, times

    async def move(self) -> Move | None:
        if self._left == 0:
            raise NoReport("refusal", "I would rather not")
        if self._left is not None:
            self._left -= 1
        return self._said

    async def hear(self, move: Move, reply: Reply) -> None:
        self.replies.append(reply)

    async def report(self) -> Move | None:
        return None

    def menu(self) -> Mapping[Kind, Move]:
        return {}


class Listener(Deterministic):
    """Keeps every move that it hears, and proposes the same two texts once."""

    name, wishes = "listener", ("a bad one", "a good one")

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Move] = []

    async def hear(self, move: Move) -> Reply:
        self.heard.append(move)
        return await super().hear(move)

    def proposals(self, move: Move) -> tuple[str, ...]:
        return self.wishes if move.kind == "tell" else ()


class Mute:
    """Says nothing, answers nothing, and leaves every window blank."""

    name, misconception = "mute", None
    capacity: Capacity = "text-only"
    reads = False

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()

    async def hear(self, move: Move) -> Reply:
        return Reply()

    async def notes(self) -> str:
        return ""

    def candidate(self, notes: str) -> Candidate:
        return Blank()

    def fork(self) -> "Mute":
        return Mute()


class Blank:
    """Levels of a candidate who leaves some windows without an answer.

    Args:
        read: windows with an answer, each at its place; None reads none.
        levels: of their words.
    """

    def __init__(self, read: Sequence[int] = (), levels: Floats | None = None) -> None:
        self._read, self._levels = read, levels

    async def read(self, passages: Passages) -> Floats:
        levels = np.zeros(len(passages.words)) if self._levels is None else self._levels.copy()
        levels[~np.isin(passages.text_of, self._read)] = np.nan
        return levels


def held(
    teacher: Teacher, student: Student | None = None, rules: Rules | None = None, words: int = WORDS
) -> Transcript:
    """A lesson, which has its words whatever happens in it."""
    found = run(hold(teacher, student or NoOp(), words, rules))
    assert found.words == words
    return found


def spoken(found: Transcript) -> int:
    return sum(len(word_spans(turn.move.text)) for turn in found.turns)


def quotes(text: str) -> bool:
    return SECRET in text


def test_who_never_stops_is_stopped() -> None:
    found = held(Drone(talk("on")))
    assert found.end == "turns"
    assert sum(turn.move.text == "on" for turn in found.turns) == MOST_TURNS
    assert spoken(found) == WORDS


def test_who_only_quotes_the_exam_is_stopped_too() -> None:
    teacher = Drone(talk(SECRET))
    found = held(teacher, rules=Rules(shut=quotes), words=1000)
    assert (found.end, found.withheld) == ("turns", MOST_TURNS)
    assert not any(quotes(turn.move.text) for turn in found.turns)


@pytest.mark.parametrize("after", [0, 1, 3])
def test_who_refuses_is_made_up_for(after: int) -> None:
    student = Listener()
    found = held(Drone(tell((Claim("Colours."),)), after), student)
    assert found.end == "refusal"
    assert len(found.moves) == after
    assert [move.kind for move in student.heard[after:]] == ["talk"] * (len(student.heard) - after)
    assert spoken(found) == WORDS


def test_nothing_to_tell_is_no_lesson() -> None:
    assert held(Scripted([])).end == "empty"
    assert held(Scripted([tell((Claim("Colours."),))])).end == "finished"


def test_the_words_end_a_lesson() -> None:
    assert held(Drone(talk("on and on " * 20))).end == "words"
    assert held(Drone(talk("word " * 100))).end == "words", "to the last word"
    assert held(Drone(talk("word " * (WORDS + 1)))).end == "words", "what does not fit is not said"


def test_a_refusal_ends_an_arm_and_no_study() -> None:
    found = run(teach("live", course(), Keyword, plan=Plan(employ=lambda _: Drone(talk("on"), 0))))
    assert (found.transcript.end, found.transcript.words) == ("refusal", 600)
    assert found.after.r == 0.0


def test_an_abstention_s_static_lesson_is_empty() -> None:
    found = run(teach("static", course(Report.abstain("nothing")), Keyword))
    assert (found.transcript.end, found.transcript.words) == ("empty", 600)


def test_a_move_that_quotes_the_exam_is_never_heard() -> None:
    student, quote = Listener(), tell((Claim(SECRET),))
    teacher = Scripted([quote, tell((Claim("Colours."),))])
    found = held(teacher, student, Rules(shut=quotes))
    assert found.withheld == 1
    assert not any(quotes(move.text) for move in student.heard)
    assert [move.text for move in found.moves] == ["Colours."]
    assert found.turns[0].words == quote.words + found.moves[0].words, "its words are spent"
    assert spoken(found) == WORDS - quote.words
    assert found.end == "finished"


def test_a_withheld_quiz_is_answered_by_nobody_and_shown_to_nobody() -> None:
    watched: list[Move] = []

    async def before(student: Student, teacher: Teacher, move: Move) -> None:
        watched.append(move)

    teacher = Drone(quiz((SECRET,)), 3)
    found = held(teacher, Listener(), Rules(shut=quotes, before=before))
    assert found.withheld == 3
    assert found.moves == watched == []
    assert teacher.replies == [Reply(withheld=True)] * 3


def test_a_course_s_exam_is_shut_in_every_arm() -> None:
    shut = replace(course(), shut=lambda text: "red" in text)
    for arm in ("live", "examples", "static"):
        found: Taught = run(teach(arm, shut, Keyword))
        assert found.transcript.withheld > 0
        assert '"red"' not in found.notes


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_one_text_that_cannot_be_measured_spares_the_other(error: Exception) -> None:
    async def measure(texts: Sequence[str]) -> list[Exemplar]:
        if "bad" in texts[0]:
            raise error
        return [window("good", "a {} one", True)]

    student = Listener()
    found = held(Tutor(material()), student, Rules(measure=measure))
    (answer,) = [turn.move for turn in found.turns if turn.move.kind == "answer"]
    assert [each.text for each in answer.shown] == ["a good one"]
    assert found.refused == sum(move.kind == "tell" for move in student.heard)
    assert spoken(found) == WORDS


def test_other_errors_are_not_hidden() -> None:
    async def measure(texts: Sequence[str]) -> list[Exemplar]:
        raise RuntimeError("the laboratory burns")

    with pytest.raises(RuntimeError, match="burns"):
        held(Tutor(material()), Listener(), Rules(measure=measure))


def test_without_a_laboratory_all_wishes_are_refused() -> None:
    found = held(Scripted([tell((Claim("Colours."),))]), Listener())
    assert (found.refused, [turn.move.kind for turn in found.turns][:1]) == (2, ["tell"])
    assert not any(turn.move.kind == "answer" for turn in found.turns)


def test_an_answer_that_does_not_fit_is_not_said() -> None:
    async def measure(texts: Sequence[str]) -> list[Exemplar]:
        return [window("good", "a {} one and " + "so on " * 50, True)]

    found = held(Scripted([tell((Claim("Colours."),))]), Listener(), Rules(measure=measure), words=60)
    assert not any(turn.move.kind == "answer" for turn in found.turns)
    assert spoken(found) == 60


def test_only_a_live_lesson_measures() -> None:
    asked: list[str] = []

    async def measure(texts: Sequence[str]) -> list[Exemplar]:
        asked.extend(texts)
        return [window("good", "a {} one", True)]

    for arm in ("static", "oracle", "placebo", "yoked"):
        run(teach(arm, course(measure=measure), Listener, [tell((Claim("Colours."),))]))
    assert asked == []
    run(teach("live", course(measure=measure), Listener))
    assert set(asked) == set(Listener.wishes)


def test_a_student_that_answers_nothing_is_taught_and_examined() -> None:
    tutor = Tutor(material())
    found = held(tutor, Mute())
    assert found.end in ("finished", "words")
    assert tutor.model.forecasts
    assert all(each.said is None and not each.right for each in tutor.model.forecasts)
    taught = run(teach("live", course(), Mute))
    assert taught.after.unread == len(taught.after.right)
    assert not taught.after.right.any()
    assert taught.after.r == 0.0
    assert taught.flips is not None
    assert set(taught.flips.flipped.values()) == {0}
    assert taught.transcript.words == 600


def paper(read: Sequence[int], levels: Floats | None = None) -> Paper:
    return run(sit(Blank(read, levels), forms(items())["A"]))


def test_a_blank_window_is_unread_and_wrong_on_either_side() -> None:
    form = forms(items())["A"]
    fires = form.passages.per_text_max(form.values) > 0
    for side in (True, False):
        blank = int(np.flatnonzero(fires == side)[0])
        read = [place for place in range(len(fires)) if place != blank]
        found = paper(read, form.values)
        assert found.unread == 1
        assert np.flatnonzero(~found.right).tolist() == [blank], "all else is right"


def test_a_blank_window_counts_as_the_mean_level() -> None:
    form = forms(items())["A"]
    read = list(range(1, len(form.strata)))
    blank = form.passages.text_of == 0
    filled = np.where(blank, form.values[~blank].mean(), form.values)
    expected = run(sit(_Levels(filled), form)).r
    assert paper(read, form.values).r == pytest.approx(expected)
    assert expected < run(sit(_Levels(form.values), form)).r == pytest.approx(1.0)


def test_a_high_mean_makes_no_blank_window_right() -> None:
    form = forms(items())["A"]
    high = np.full(len(form.values), 4 * THRESHOLD)
    found = paper(range(3), high)
    assert found.unread == len(found.right) - 3
    assert found.right[3:].sum() == 0
    assert found.r == 0.0


def test_one_blank_word_spoils_its_window() -> None:
    form = forms(items())["A"]
    spoiled = form.values.copy()
    spoiled[0] = np.nan
    found = run(sit(_Levels(spoiled), form))
    assert (found.unread, bool(found.right[0])) == (1, False)


class _Levels:
    """Levels as they are.

    Args:
        levels: of the form's words.
    """

    def __init__(self, levels: Floats) -> None:
        self._levels = levels

    async def read(self, passages: Passages) -> Floats:
        return self._levels


@pytest.mark.parametrize("words", [1, 7, 40, 333])
@pytest.mark.parametrize("student", [NoOp, Listener, Keyword, Mute])
def test_every_lesson_has_exactly_its_words(words: int, student: type[NoOp]) -> None:
    teachers: list[Teacher] = [
        Drone(talk("on")),
        Drone(talk("on"), 2),
        Scripted([]),
        Scripted([tell(TRUTH.claims), show(material().firing[:2])]),
        Tutor(material()),
    ]
    for teacher in teachers:
        assert spoken(held(teacher, student(), words=words)) == words
