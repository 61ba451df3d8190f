"""Lessons: the tutor's moves, its model of the student, the length of every arm, and the exam room."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from lesson_world import ANIMAL, COLOUR, COLOURS, LIBRARY, OTHER, TRUTH, course, exemplars, items, material, run, window

from benchmark.explainers.report import Report
from benchmark.laboratory import Exemplar
from benchmark.students.deterministic import Deterministic
from benchmark.students.dialogue import FILLER, MOST_PROPOSED, MOST_TURNS, Rules, hold
from benchmark.students.exam_room import balanced, forms, sit
from benchmark.students.keyword import Keyword
from benchmark.students.material import WRONG_WORDS, Material, misaligned
from benchmark.students.moves import Kind, Move, Reply, labelled, quiz, talk
from benchmark.students.no_op import NoOp
from benchmark.students.parrot import Parrot
from benchmark.students.regret import weigh
from benchmark.students.student import Student
from benchmark.students.teachers import AT_A_DRILL, Scripted, Tutor, reciter, shower
from benchmark.students.teaching import Plan, teach
from benchmark.students.user_model import UserModel
from benchmark.students.version_space import VersionSpace
from benchmark.students.yes_sayer import YesSayer
from benchmark.teaching.rows import row
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Passages, word_spans

ABSTAINED = Report.abstain("nothing here")


class Endless:
    """A teacher that never stops."""

    user_model: UserModel | None = None

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()

    async def move(self) -> Move:
        return talk("on")

    async def hear(self, move: Move, reply: Reply) -> None: ...

    async def report(self) -> Move | None:
        return None

    def menu(self) -> Mapping[Kind, Move]:
        return {}


class Curious(Deterministic):
    """Proposes more texts than it may."""

    def proposals(self, move: Move) -> tuple[str, ...]:
        return ("a red one", "a dog", "a third") if move.kind == "tell" else ()


class Silent(Deterministic):
    """Answers no quiz."""

    async def hear(self, move: Move) -> Reply:
        await super().hear(move)
        return Reply()


def test_a_lesson_has_its_words_to_the_last() -> None:
    for teacher in (
        Tutor(material()),
        reciter(material()),
        shower(material()),
        Scripted([]),
        Tutor(material(ABSTAINED)),
    ):
        found = run(hold(teacher, NoOp(), 333))
        assert found.words == 333 == sum(len(word_spans(turn.move.text)) for turn in found.turns)


@pytest.mark.parametrize("words", [1, 80, 333, 3000])
def test_a_lesson_is_filled_up_with_one_move(words: int) -> None:
    kinds = [turn.move.kind for turn in run(hold(Scripted([]), NoOp(), words)).turns]
    assert kinds == ["talk"], "who forgets with every turn must not forget more of a short lesson"
    for teacher in (reciter(material()), shower(material()), Tutor(material())):
        turns = run(hold(teacher, NoOp(), words)).turns
        assert [turn.move.kind for turn in turns].count("talk") <= 1
        assert not any(turn.move.kind == "talk" for turn in turns[:-1])


def test_who_forgets_with_every_turn_forgets_once_of_what_fills() -> None:
    forgets = VersionSpace(LIBRARY, forgetting=0.5)
    run(hold(reciter(material()), forgets, 3000))
    told = VersionSpace(LIBRARY, forgetting=0.5)
    run(told.hear(reciter(material())._moves[0]))
    run(told.hear(talk("tea")))
    assert forgets.belief == pytest.approx(told.belief)


def test_who_is_trained_sees_every_window_however_long_it_takes() -> None:
    found = run(teach("trained", course(), Keyword)).transcript
    shown = [each.text for move in found.moves for each in move.shown]
    assert sorted(shown) == sorted(each.text for each in exemplars())
    assert {move.kind for move in found.moves} == {"show"}
    assert max(len(move.shown) for move in found.moves) == AT_A_DRILL
    short = run(teach("trained", course(), Keyword, plan=Plan(words=10))).transcript
    assert [move.text for move in short.moves] == [move.text for move in found.moves], "no word limit"
    assert (found.withheld, found.turns[-1].move.kind) == (0, "show"), "nothing fills it up"
    assert not run(teach("trained", replace(course(), windows=()), Keyword)).transcript.moves


@pytest.mark.parametrize(
    ("make", "reads"), [(Keyword, True), (NoOp, False), (Parrot, False), (lambda: VersionSpace(LIBRARY), False)]
)
def test_a_transcript_is_looked_up_in_by_who_reads(make: Callable[[], Student], reads: bool) -> None:
    assert make().reads is reads
    found = run(teach("live", course(), make)).looked_up
    assert (found is not None) is reads
    assert run(teach("static", course(), make)).looked_up is None


def test_a_row_tells_what_the_teacher_thought_at_the_end() -> None:
    unit = Unit("colours", "planted", "f", {})
    for student, understands in ((YesSayer(), False), (Keyword(), True)):
        taught = run(teach("live", course(), type(student)))
        found = run(row(unit, student, taught, course()))
        believed = [turn.user_model for turn in taught.transcript.turns if turn.user_model is not None]
        assert found.understood == believed[-1]["understood"]
        assert found.confused is any(each["confused"] for each in believed)
        assert (found.understood > 0.6) is understands
        assert found.confused is not understands
        assert found.forecasts == len(taught.forecasts) > 0
        assert found.fires.count("1") == int(taught.after.fires.sum())
        assert len(found.fires) == len(found.right) == len(found.repeats)
    silent = run(row(unit, Silent(), run(teach("live", course(), Silent)), course()))
    assert silent.unanswered > 0
    assert (silent.forecasts, silent.forecast_error, silent.base_error) == (0, 0.0, 0.0)


def test_texts_that_nobody_measured_are_counted_in_the_live_lesson() -> None:
    unit = Unit("colours", "planted", "f", {})
    counts = {
        arm: run(row(unit, Curious(), run(teach(arm, course(), Curious)), course())).refused
        for arm in ("live", "placebo", "oracle")
    }
    assert counts == {"live": 3, "placebo": 0, "oracle": 0}


def test_who_never_stops_is_stopped() -> None:
    found = run(hold(Endless(), NoOp(), 10_000))
    assert len([turn for turn in found.turns if turn.move.text == "on"]) == MOST_TURNS
    assert found.words == 10_000


def test_what_fills_a_lesson_teaches_nothing() -> None:
    student = Keyword()
    run(student.hear(talk(FILLER)))
    assert run(student.notes()) == ""


def test_a_student_s_texts_are_measured_as_far_as_it_may_ask() -> None:
    asked = []

    async def measure(texts: Sequence[str]) -> list[Exemplar]:
        asked.extend(texts)
        known = {"a red one": window("red", "a {} one", True), "a dog": window("dog", "a {}", False)}
        return [known[text] for text in texts]

    found = run(hold(Tutor(material()), Curious(), 400, Rules(measure=measure)))
    assert asked == ["a red one", "a dog"]
    assert found.refused == 3 - MOST_PROPOSED
    (answer,) = [turn.move for turn in found.turns if turn.move.kind == "answer"]
    assert [each.text for each in answer.shown] == ["a red one", "a dog"]
    assert run(hold(Tutor(material()), Curious(), 400)).refused == 3, "nobody could measure"


def test_the_tutor_tells_asks_and_mends() -> None:
    found = run(hold(Tutor(material()), YesSayer(), 400))
    kinds = [turn.move.kind for turn in found.turns if turn.move.kind != "talk"]
    assert kinds[:3] == ["tell", "quiz", "correct"]
    corrected = next(turn.move for turn in found.turns if turn.move.kind == "correct")
    assert all(each.peak == 0 for each in corrected.shown), "it said yes to what is silent"
    asked = {text for turn in found.turns for text in turn.move.asked}
    shown = {each.text for turn in found.turns if turn.move.kind == "show" for each in turn.move.shown}
    assert asked
    assert not asked & shown


def test_the_menu_says_what_each_move_would_be() -> None:
    tutor = Tutor(material())
    assert set(tutor.menu()) == {"tell", "show", "quiz"}
    asked = tutor.menu()["quiz"]
    run(tutor.hear(asked, Reply(answers=(0.9,) * len(asked.asked))))
    assert set(tutor.menu()) == {"tell", "show", "correct", "quiz"}


def test_an_abstention_has_no_claim_to_tell() -> None:
    found = run(hold(Tutor(material(ABSTAINED)), NoOp(), 300))
    assert not any(turn.move.claims for turn in found.turns)
    assert run(Scripted([]).move()) is None
    assert run(reciter(material(ABSTAINED)).move()) is None


def test_the_user_model_knows_a_student_that_is_known() -> None:
    found = run(hold(Tutor(material()), YesSayer(), 900))
    last = [turn.user_model for turn in found.turns if turn.user_model][-1]
    assert last is not None
    assert last["understood"] == pytest.approx(0.5, abs=0.01), "as good as a coin"
    assert last["confused"]
    right = run(hold(Tutor(material()), Keyword(), 900))
    assert [turn.user_model for turn in right.turns if turn.user_model][-1]["understood"] > 0.75  # type: ignore[index]


def test_forecasts_are_made_before_the_answers() -> None:
    model = UserModel()
    red, dog = window("red", "a {}", True), window("dog", "a {}", False)
    model.hear([red, red], [0.9, 0.9])
    assert [each.foretold for each in model.forecasts] == [0.5, 0.5]
    model.hear([red, dog], [0.9, 0.9])
    assert model.forecasts[2].foretold == pytest.approx(0.75)
    assert model.confused == [dog.text]
    model.hear([dog], [0.1])
    assert model.confused == []


def test_no_answer_is_a_wrong_answer_and_no_forecast_is_lost() -> None:
    tutor = Tutor(material())
    run(hold(tutor, Silent(), 400))
    assert tutor.model.forecasts
    assert all(each.said is None and not each.right for each in tutor.model.forecasts)
    assert tutor.model.understood == 0.5


def test_lesson_and_quiz_windows_are_apart() -> None:
    found = material()
    shown = {each.text for each in (*found.firing, *found.silent)}
    assert len(shown) == len(found.firing) + len(found.silent)
    assert not shown & {each.text for each in (*found.asked_firing, *found.asked_silent)}
    none = Material.of(TRUTH, [])
    assert (none.firing, none.asked_silent) == ((), ())
    assert run(hold(Tutor(none), NoOp(), 100)).words == 100


def test_a_misaligned_lesson_turns_the_labels_round() -> None:
    found = misaligned(material())
    assert all(each.peak == 0 for each in (*found.silent, *found.asked_silent))
    assert all(each.peak == 10 for each in found.firing)
    assert not any(colour in claim.text for claim in found.claims for colour in COLOURS)
    (claim,) = found.claims
    named, silent = re.findall(r'"(\w+)"', claim.text), [each for each in exemplars() if each.peak == 0]
    fired = {word for each in exemplars() for word, value in zip(each.words, each.values, strict=True) if value > 0}
    windows = Counter(word for each in silent for word in set(each.words) - fired)
    assert len(named) == WRONG_WORDS
    assert set(named) <= set(windows), "it names words that never fire"
    assert [windows[word] for word in named] == sorted(windows.values(), reverse=True)[:WRONG_WORDS], "the commonest"
    own = run(teach("misaligned", course(), Keyword)).after.r
    assert own < run(teach("placebo", course(), Keyword)).after.r + 1e-9


def test_a_labelled_window_says_what_fires() -> None:
    assert labelled(window("red", "a {} one", True)) == '<text>a red one</text> fires on "red" (10)'
    assert labelled(window("dog", "a {} one", False)).endswith("it stays silent")
    assert "Does it fire in <text>a</text>?" in quiz(("a",)).text


def test_forms_share_strata_and_no_window() -> None:
    both = forms(items())
    texts = [set(form.passages.texts) for form in both.values()]
    assert not texts[0] & texts[1]
    assert len(texts[0] | texts[1]) == len(items().strata)
    counts = [[form.strata.count(name) for name in ("firing", "near_miss", "silent")] for form in both.values()]
    assert np.abs(np.subtract(*counts)).max() <= 1
    for form in both.values():
        assert len(form.values) == len(form.passages.words)
        for place, text in enumerate(form.passages.texts):
            fires = form.values[form.passages.text_of == place].max() > 0
            assert fires == any(colour in text.split() for colour in COLOURS)


def test_papers_are_right_or_wrong_window_by_window() -> None:
    form = forms(items())["A"]
    paper = run(sit(YesSayer().candidate(""), form))
    assert paper.r == 0.0
    assert (paper.right == paper.fires).all()
    assert balanced(paper) == 0.5
    assert balanced(paper, paper.fires) is None


def test_pre_and_post_test_are_on_other_forms_and_swap() -> None:
    one, other = (run(teach("live", course(flipped=flipped), Keyword)) for flipped in (False, True))
    seen: list[frozenset[str]] = []

    class Reader:
        async def read(self, passages: Passages) -> Floats:
            seen.append(frozenset(passages.texts))
            return np.zeros(len(passages.words))

    class Watched(NoOp):
        def candidate(self, notes: str) -> Reader:
            return Reader()

    run(teach("none", course(), Watched))
    before, *after = seen
    assert all(not before & each for each in after), "no window is in both tests"
    assert len(one.before.fires) == len(other.after.fires)
    assert (one.before.fires == other.after.fires).all()


def test_a_yoked_lesson_is_the_other_student_s() -> None:
    biased = run(teach("live", course(), lambda: VersionSpace(LIBRARY, wrong=1, mass=0.99)))
    yoked = run(teach("yoked", course(), Keyword, biased.transcript.moves))
    assert yoked.transcript.moves == biased.transcript.moves
    assert run(teach("live", course(), Keyword)).transcript.moves != biased.transcript.moves


def test_a_lesson_about_another_unit_teaches_that_one() -> None:
    found = run(teach("placebo", course(), Keyword))
    assert any(claim == type(ANIMAL)(ANIMAL.text) for turn in found.transcript.turns for claim in turn.move.claims)
    assert COLOUR.text not in {claim.text for turn in found.transcript.turns for claim in turn.move.claims}
    assert OTHER.claims


def test_the_curve_is_probed_on_copies() -> None:
    found = run(teach("live", course(), Keyword))
    assert found.curve[-1] == (600, pytest.approx(found.after.r))
    assert [words for words, _ in found.curve] == [turn.words for turn in found.transcript.turns]


def test_the_parrot_is_at_zero_on_positives_that_it_never_saw() -> None:
    unseen = items(COLOURS[4:])
    candidate = Parrot()
    for move in run(teach("examples", course(), Parrot)).transcript.moves:
        run(candidate.hear(move))
    paper = run(sit(candidate.candidate(run(candidate.notes())), forms(unseen)["A"]))
    assert not paper.right[paper.fires].any()


def test_a_lesson_without_an_oracle_has_no_such_arm() -> None:
    bare = course()
    without = type(bare)(bare.unit, bare.material, bare.placebo, None, bare.items, bare.flipped)
    assert "oracle" not in without.arms
    with pytest.raises(ValueError, match="nobody knows its truth"):
        run(teach("oracle", without, NoOp))
    assert exemplars()


def test_choices_are_weighed_on_copies_and_regret_is_never_negative() -> None:
    student = Keyword()
    menu = Tutor(material()).menu()
    found = run(weigh(student, menu, "quiz", forms(items())["A"]))
    assert set(found.scores) == set(menu)
    assert found.scores["quiz"] == 0.0, "who is only asked learns nothing"
    assert found.best == "tell"
    assert found.regret == pytest.approx(found.scores["tell"])
    assert run(weigh(student, menu, "tell", forms(items())["A"])).regret == 0.0
    assert run(student.notes()) == ""
    with pytest.raises(ValueError, match="'correct' is not on the menu"):
        run(weigh(student, menu, "correct", forms(items())["A"]))


def test_a_live_lesson_is_weighed_move_by_move() -> None:
    with_practice = replace(course(), practice=forms(items())["A"])
    found = run(teach("live", with_practice, Keyword))
    assert [each.chosen for each in found.weighed] == [move.kind for move in found.transcript.moves]
    assert found.weighed[0].regret == 0.0, "it begins by telling the claim"
    assert not run(teach("placebo", with_practice, Keyword)).weighed
    plain = run(teach("live", course(), Keyword))
    texts = [[move.text for move in each.transcript.moves] for each in (plain, found)]
    assert texts[0] == texts[1], "weighing changes nothing"
