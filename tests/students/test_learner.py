import numpy as np
import pytest
from hash_encoder import HashEncoder

from benchmark.exam.items import Stratum
from benchmark.explainers.report import Report
from benchmark.laboratory import Exemplar
from benchmark.statistics.weighted import weighted_r
from benchmark.students.arms import ARMS, Arm, comprehension_gain, lessons
from benchmark.students.learner import Learner, note_report
from benchmark.students.lesson import Lesson
from synthetic_neurons.passages import Floats, Passages

PETS = ("dog", "cat", "hamster", "rabbit", "parrot", "ferret", "gerbil", "canary")
OTHER = ("tax", "bank", "river", "stone", "paper", "cloud", "engine", "window", "letter", "the", "of", "and")


def texts(seed: int, count: int, pets: tuple[str, ...]) -> list[str]:
    """Twelve words, one in twelve a pet."""
    rng = np.random.default_rng(seed)
    words = [*pets, *OTHER]
    share = np.array([1 / 12 / max(1, len(pets))] * len(pets) + [1.0] * len(OTHER))
    share[len(pets) :] *= (1 - share[: len(pets)].sum()) / len(OTHER)
    return [" ".join(rng.choice(words, 12, p=share)) for _ in range(count)]


def truth(passages: Passages) -> Floats:
    return np.array([10.0 if word in PETS else 0.0 for word in passages.words])


def exemplars() -> list[Exemplar]:
    """The teach windows hold the first three pets only."""
    made = []
    for text in texts(0, 60, PETS[:3]):
        passages = Passages.of([text])
        stratum: Stratum = "firing" if truth(passages).any() else "silent"
        made.append(Exemplar(text, passages.words, truth(passages), stratum))
    return made


EXAM = Passages.of(texts(1, 300, PETS))
OWN = Report("Fires on pets. For example " + ", ".join(f'"{pet}"' for pet in PETS) + ".")
PLACEBO = Report('Fires on money. For example "tax", "bank", "coin", "interest", "loan".')


def score(arm: Arm) -> float:
    student = Learner(HashEncoder()).study(lessons(OWN, PLACEBO, exemplars())[arm])
    return weighted_r(truth(EXAM), student.read(EXAM), np.ones(len(EXAM.words)))


def test_the_lesson_beats_the_examples_and_these_beat_the_placebo() -> None:
    scores = {arm: score(arm) for arm in ARMS}
    assert scores["lesson"] > scores["none"] + 0.1 > scores["placebo"]
    assert comprehension_gain(scores["lesson"], scores["placebo"]) > 0.15


def test_the_gain_of_a_placebo_over_itself_is_exactly_zero() -> None:
    assert comprehension_gain(score("placebo"), score("placebo")) == 0.0


def test_examples_teach_words_that_the_notes_do_not_name() -> None:
    student = Learner(HashEncoder()).study(Lesson(tuple(exemplars()[:12]), ""))
    levels = dict(zip(EXAM.words, student.read(EXAM).tolist(), strict=True))
    assert max(levels[pet] for pet in PETS[:3]) > 2.0
    assert levels["ferret"] < 0.5
    assert levels["tax"] < 0.5


def test_notes_teach_words_that_the_examples_do_not_show() -> None:
    student = Learner(HashEncoder()).study(Lesson((), 'Fires on "ferret".'))
    levels = dict(zip(EXAM.words, student.read(EXAM).tolist(), strict=True))
    assert levels["ferret"] == max(levels.values()) > 2.0


def test_a_student_without_examples_or_notes_predicts_nothing() -> None:
    np.testing.assert_array_equal(Learner(HashEncoder()).study(Lesson((), "")).read(EXAM), 0.0)


def test_levels_stay_between_zero_and_ten_and_are_the_same_again() -> None:
    lesson = lessons(OWN, PLACEBO, exemplars())["lesson"]
    first, second = (Learner(HashEncoder()).study(lesson).read(EXAM) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.shape == (len(EXAM.words),)
    assert ((first >= 0) & (first <= 10)).all()


def test_an_earlier_lesson_leaves_no_trace() -> None:
    learner, made = Learner(HashEncoder()), lessons(OWN, PLACEBO, exemplars())
    learner.study(made["placebo"]).read(EXAM)
    np.testing.assert_array_equal(
        learner.study(made["lesson"]).read(EXAM), Learner(HashEncoder()).study(made["lesson"]).read(EXAM)
    )


def test_the_exam_is_one_word_at_a_time_whatever_else_is_in_it() -> None:
    """A window's prediction does not depend on the other windows, so no student can learn during the exam."""
    student = Learner(HashEncoder()).study(lessons(OWN, PLACEBO, exemplars())["lesson"])
    whole = student.read(EXAM)
    alone = student.read(Passages.of(EXAM.texts[7:8]))
    np.testing.assert_allclose(alone, whole[EXAM.first[7] : EXAM.first[8]], atol=1e-5)


def test_notes_become_one_claim_a_sentence() -> None:
    report = note_report("Fires on dogs. Level 5 for cats!\nNot on 3.5 tax")
    assert report is not None
    assert [claim.text for claim in report.claims] == ["Fires on dogs.", "Level 5 for cats!", "Not on 3.5 tax"]
    assert note_report(" \n ") is None


def test_labels_that_do_not_fit_their_words_are_refused() -> None:
    wrong = Exemplar("one two", ("one", "two"), np.zeros(3), "silent")
    with pytest.raises(ValueError, match="2 words and 3 labels"):
        Learner(HashEncoder()).study(Lesson((wrong,), ""))
