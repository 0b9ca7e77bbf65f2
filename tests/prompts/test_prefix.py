"""The packaged prompts grow at their end only, so that a prefix cache finds them again."""

import pytest

from colloquia.core.roles import (
    AnswererInput,
    Line,
    Passage,
    Profile,
    QuestionerInput,
    ReviewInput,
)
from colloquia.core.types import Value
from colloquia.prompts.library import PromptLibrary

LIBRARY = PromptLibrary.load()
HISTORY = tuple(
    Line(speaker="answerer" if number % 2 else "questioner", text=f"Line {number} is said here.")
    for number in range(4)
)


def brief(role: str, *, about: str, exchange: int) -> Value:
    """The brief of a role at an exchange (from 0) of a dialogue about a passage."""
    passage = Passage(title=f"On {about}", text=f"{about.title()} is caused by the Moon.")
    lines, question = HISTORY[: 2 * exchange], HISTORY[2 * exchange].text
    match role:
        case "questioner":
            ann = Profile(name="ann", background=f"A sailor who knows {about}.")
            return QuestionerInput(
                snippet=passage, persona=ann, kind="when", aim=question, transcript=lines
            )
        case "answerer":
            return AnswererInput(
                snippet=passage, question=question, transcript=lines, profile=f"She likes {about}."
            )
    answer = HISTORY[2 * exchange + 1].text
    return ReviewInput(snippet=passage, question=question, answer=answer, transcript=lines)


def prompt(role: str, *, about: str, exchange: int) -> tuple[str, str]:
    """The system message, and all that follows as one text."""
    values = brief(role, about=about, exchange=exchange).model_dump(mode="json")
    system, *rest = LIBRARY[role].render(values)
    assert system.role == "system"
    return system.content, "".join(f"<{message.role}>{message.content}" for message in rest)


ROLES = ("questioner", "answerer", "critic", "refusal_checker")


@pytest.mark.parametrize("role", ROLES)
def test_a_dialogue_never_changes_what_it_began_with(role: str) -> None:
    first, begun = prompt(role, about="tide", exchange=0)
    then, grown = prompt(role, about="tide", exchange=1)
    assert first == then
    assert len(grown) > len(begun)
    assert grown.index("Line 0") < grown.index("Line 1") < grown.index("Line 2"), "newest last"


@pytest.mark.parametrize("role", ROLES)
def test_what_belongs_to_one_dialogue_ends_the_system_prompt(role: str) -> None:
    """The instructions, which all dialogues share, stand before it."""
    tide, _ = prompt(role, about="tide", exchange=0)
    wind, _ = prompt(role, about="wind", exchange=0)
    begins = next(at for at, pair in enumerate(zip(tide, wind, strict=False)) if len({*pair}) > 1)
    assert "How to reply" in tide[:begins]
    assert max(len(tide), len(wind)) - begins < 700, "persona, passage and words about them"
