"""Students that are language models, by name; each is weaker than the first in what it sees or carries."""

from collections.abc import Callable, Mapping

from benchmark.students.conversation import Interlocutor
from benchmark.students.library import Library
from benchmark.students.model_student import ModelStudent, Sight
from benchmark.students.student import Student

LAST_TURNS = 2
FEW_WORDS = 20
NAMES = ("model", "model_forgetful", "model_brief", "model_biased", "model_sure", "model_terse")


def model_students(speaker: Interlocutor, library: Library) -> Mapping[str, Callable[[], Student]]:
    """Name to a maker of fresh students.

    Args:
        speaker: the model in the student's role.
        library: whose first hypothesis the false belief is, as it is that of the deterministic "biased".
    """
    belief = f"It fires on {library.claims[0].text.rstrip('.')}." if len(library) else "It fires on names of animals."
    sights = {
        "model": Sight(),
        "model_forgetful": Sight(turns=LAST_TURNS),
        "model_brief": Sight(notes=FEW_WORDS),
        "model_biased": Sight(belief=belief),
        "model_sure": Sight(belief=belief, sure=True),
        "model_terse": Sight(terse=True),
    }
    return {name: _maker(speaker, sights[name], name) for name in NAMES}


def _maker(speaker: Interlocutor, sight: Sight, name: str) -> Callable[[], Student]:
    return lambda: ModelStudent(speaker, sight, name)
