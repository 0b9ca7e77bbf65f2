"""Rendering: history as the role saw it, prompts that grow at their end, wrong values refused."""

from typing import Any

import pytest

from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.authoring.prompts.reading import parse_template
from colloquia.authoring.prompts.rendered import RenderedBefore
from colloquia.core.errors import PromptError
from colloquia.core.types import Message

LIBRARY = PromptLibrary.load()
SNIPPET = {"title": "Tides", "text": "Tides are caused by the Moon.", "language": "en"}
PERSONA = {
    "name": "ann",
    "background": "A sailor.",
    "knowledge": {},
    "goals": ["learn"],
    "traits": {"patience": 2.0},
    "behaviours": [],
    "opening_styles": [],
    "never": [],
}


def talk(exchanges: int) -> list[dict[str, str]]:
    lines = []
    for at in range(exchanges):
        lines.append({"speaker": "questioner", "text": f"Question {at}?"})
        lines.append({"speaker": "answerer", "text": f"Answer {at}."})
    return lines


def values(role: str, exchanges: int) -> dict[str, Any]:
    shared = {"snippet": SNIPPET, "transcript": talk(exchanges)}
    match role:
        case "answerer":
            own = {"question": f"Question {exchanges}?", "profile": "A sailor asks.", "draft": None}
            return shared | own | {"quotes": [], "reasons": [], "sample": 0}
        case "questioner":
            told = {"persona": PERSONA, "kind": "when", "aim": "x", "foundation": None}
            return shared | told | {"draft": None, "reasons": []}
        case _:
            own = {"question": f"Question {exchanges}?", "answer": f"Answer {exchanges}."}
            return shared | own | {"quotes": [], "declined": False}


def as_text(messages: tuple[Message, ...]) -> str:
    return "".join(f"\n[{message.role}]\n{message.content}" for message in messages)


def shared_start(one: str, other: str) -> str:
    pairs = zip(one, other, strict=False)
    return one[: next(at for at, (left, right) in enumerate(pairs) if left != right)]


@pytest.mark.parametrize("role", ["questioner", "answerer", "critic", "refusal_checker"])
def test_a_prompt_grows_only_at_its_end(role: str) -> None:
    for exchanges in range(1, 6):
        earlier = as_text(LIBRARY[role].render(values(role, exchanges)))
        later = as_text(LIBRARY[role].render(values(role, exchanges + 1)))
        shared = shared_start(earlier, later)
        assert f"Answer {exchanges - 1}." in shared
        assert len(earlier) - len(shared) < 400  # what is left is the last instruction


@pytest.mark.parametrize("role", ["questioner", "answerer", "critic", "refusal_checker"])
def test_what_all_dialogues_share_stands_before_what_is_ones_own(role: str) -> None:
    elsewhere = {
        "snippet": {"title": "Wind", "text": "Wind is moving air.", "language": "en"},
        "persona": PERSONA | {"background": "A pilot."},
        "profile": "A pilot asks.",
    }
    tides, *_ = LIBRARY[role].render(values(role, 1))
    wind, *_ = LIBRARY[role].render(values(role, 1) | elsewhere)
    shared = shared_start(tides.content, wind.content)
    assert "How to reply" in shared
    assert len(tides.content) - len(shared) < 700  # persona, passage, and words about them


def test_the_answerer_sees_questions_as_the_users() -> None:
    messages = LIBRARY["answerer"].render(values("answerer", 1))
    assert [message.role for message in messages] == ["system", "user", "assistant", "user"]
    assert ">Question 0?</data>" in messages[1].content
    assert messages[2].content == "Answer 0."


def test_the_questioner_sees_answers_as_the_users() -> None:
    messages = LIBRARY["questioner"].render(values("questioner", 2))
    roles = [message.role for message in messages]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
    assert messages[2].content == "Question 0?"
    assert ">Answer 0.</data>" in messages[3].content


def test_the_environment_speaks_as_a_user() -> None:
    given = values("answerer", 0) | {"transcript": [{"speaker": "environment", "text": "A bell."}]}
    messages = LIBRARY["answerer"].render(given)
    assert [message.role for message in messages] == ["system", "user"]
    assert ">A bell.</data>" in messages[1].content


def test_a_role_of_ones_own_sees_history_as_the_answerer_does() -> None:
    template = parse_template(
        "---\nrole: mine\ndescription: x\ninput: {transcript: {type: list, untrusted: true}}\n---\n"
        "<<history>>\n<<user>>\nGo on.",
        name="mine",
    )
    messages = template.render({"transcript": talk(1)})
    assert [message.role for message in messages] == ["user", "assistant", "user"]


def test_an_empty_block_sends_no_message() -> None:
    template = parse_template(
        "---\nrole: mine\ndescription: x\ninput: {flag: {type: boolean}}\n---\n"
        "<<system>>\n{% if flag %}x{% endif %}\n<<user>>\nGo on.",
        name="mine",
    )
    assert [message.role for message in template.render({"flag": False})] == ["user"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"question": 3}, "question: expected string, got int"),
        ({"snippet": "text"}, "snippet: expected object, got str"),
        ({"sample": None}, "sample: expected integer, got NoneType"),
        ({"sample": True}, "sample: expected integer, got bool"),
        ({"reasons": "one"}, "reasons: expected list, got str"),
        ({"transcript": ["hello"]}, "transcript holds str"),
        ({"transcript": [{"speaker": "answerer"}]}, "transcript holds dict"),
    ],
)
def test_a_value_of_another_type_is_refused(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(PromptError, match=f"P501 {fault}"):
        LIBRARY["answerer"].render(values("answerer", 1) | change)


def test_a_missing_value_is_refused_unless_optional() -> None:
    given = values("answerer", 1)
    del given["draft"], given["profile"]
    assert LIBRARY["answerer"].render(given)
    del given["snippet"]
    with pytest.raises(PromptError, match="P501 snippet: expected object, got nothing"):
        LIBRARY["answerer"].render(given)


def test_a_further_sample_and_a_revision_say_so() -> None:
    sample = as_text(LIBRARY["answerer"].render(values("answerer", 1) | {"sample": 2}))
    assert "attempt 3" in sample
    revision = values("answerer", 1) | {"draft": "Ten metres.", "reasons": ["No height.", "Vague."]}
    text = as_text(LIBRARY["answerer"].render(revision))
    for part in ("Ten metres.", "No height.", "Vague."):
        assert part in text


@pytest.mark.parametrize("role", ["questioner", "answerer", "critic"])
def test_what_a_dialogues_prompts_share_is_one_message(role: str) -> None:
    before, template = RenderedBefore(), LIBRARY[role]
    first, second = (template.render(values(role, n), before=before) for n in (1, 2))
    assert first[0].role == "system"
    assert first[0] is second[0], "so its id is hashed once"
    assert (first, second) == tuple(template.render(values(role, n)) for n in (1, 2))


def test_instructions_are_rendered_anew_for_other_values() -> None:
    before, template = RenderedBefore(), LIBRARY["critic"]
    template.render(values("critic", 1), before=before)
    other = values("critic", 1) | {"snippet": SNIPPET | {"text": "Tides rise twice a day."}}
    assert template.render(other, before=before) == template.render(other)
    assert "rise twice" in template.render(other, before=before)[0].content
