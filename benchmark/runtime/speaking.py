"""Language models in the roles of a lesson: teacher, student and reader, each Inspect's model of that role."""

from collections.abc import Sequence

from inspect_ai._util.error import PrerequisiteError
from inspect_ai.model import (
    CachePolicy,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelOutput,
    get_model,
)
from inspect_ai.util import collect

from benchmark.errors import UserError
from benchmark.runtime.batches import is_local
from benchmark.students.conversation import Message

_KINDS: dict[str, type[ChatMessageSystem] | type[ChatMessageUser] | type[ChatMessageAssistant]] = {
    "system": ChatMessageSystem,
    "user": ChatMessageUser,
    "assistant": ChatMessageAssistant,
}


class RoleError(UserError):
    """A lesson needs a model in a role that nobody was given."""


def in_role(role: str) -> Model:
    """The model of a role.

    Raises:
        RoleError: nobody was given that role; without it Inspect would take the evaluation's own model in silence.
    """
    try:
        return get_model(role=role, required=True)
    except PrerequisiteError:
        raise RoleError(
            f"this lesson asks a model in the role {role!r}, and there is none; mend: inspect eval ... --model-role "
            f"{role}=<provider>/<model>, or viva teach --{role}-model embedded"
        ) from None


class Speaking:
    """A role's model, as students and teachers speak to it.

    Args:
        role: "teacher", "student" or "reader".
        kept: whether answers are kept in Inspect's cache; they are as good as the model is the same.
    """

    def __init__(self, role: str, kept: bool = False) -> None:
        self._role, self._kept = role, kept
        self.calls = 0

    async def answers(self, conversations: Sequence[Sequence[Message]], longest: int) -> list[str | None]:
        """One answer to each conversation; None where the provider withheld it."""
        self.calls += len(conversations)
        outputs = await collect(*(self._one(each, longest) for each in conversations))
        return [None if output.stop_reason == "content_filter" else output.completion for output in outputs]

    async def _one(self, conversation: Sequence[Message], longest: int) -> ModelOutput:
        model = in_role(self._role)
        # The key holds the model, where its weights lie, its configuration and all messages.
        scopes = {"weights": str(model.model_args.get("model_path", ""))}
        kept = CachePolicy(expiry=None, per_epoch=False, scopes=scopes) if self._kept else False
        # A hosted model may think before it answers, and pays for that out of the same tokens.
        config = GenerateConfig(max_tokens=longest) if is_local(str(model)) else GenerateConfig()
        return await model.generate(messages(conversation), config=config, cache=kept)


def messages(conversation: Sequence[Message]) -> list[ChatMessage]:
    """Messages as Inspect has them."""
    return [_KINDS[each.role](content=each.text) for each in conversation]
