"""The answerer as a student plays it: asked in the words it was trained on, read as plain text.

A student learnt chats, not the packaged template with its rules and its JSON, and a small one
would fail on the form alone. So it sees what it saw in training, and its quote and whether it
declines are read off its answer by rule. Reviewers are told what they always are.
"""

from typing import Any

from colloquia.agents.answerer import Answerer
from colloquia.authoring.prompts.rendered import RenderedBefore
from colloquia.core.roles import AnswererInput, AnswererReply
from colloquia.core.types import Message, ModelCall
from colloquia.corpus.manifest import Context
from colloquia.corpus.rows import system_message
from colloquia.language.asking.declining import declines
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import content_forms
from colloquia.models.wire.thoughts import thought_apart

#: In place of an answer that is empty or was cut off: no reviewer takes it.
NO_ANSWER = "…"


class StudentAnswerer(Answerer):
    """Answers as it learnt to; a revision is another draft, since nobody taught it to mend one."""

    def __init__(self, *, context: Context, name: str | None = None) -> None:
        """Make the agent.

        Args:
            context: `open` shows it the passage as its corpus does.
            name: its name in the graph.
        """
        super().__init__(name=name)
        self._context = context

    @property
    def identity(self) -> str:
        """What the recipe's hash sees of it."""
        return f"{super().identity} {self._context}"

    def render(
        self, brief: AnswererInput, variables: dict[str, Any], *, before: RenderedBefore
    ) -> tuple[Message, ...]:
        """Return the chat so far as a row of its corpus has it."""
        passage = Message(
            role="system", content=system_message(brief.snippet, thinks=False, is_open=True)
        )
        said = (
            Message(role="assistant" if line.speaker == "answerer" else "user", content=line.text)
            for line in brief.transcript
        )
        subject = brief.snippet.title or "this"
        question = brief.question or f"Can you give me the basics of {subject}?"
        shown = (passage,) if self._context == "open" else ()
        return (*shown, *said, Message(role="user", content=question))

    def read_reply(self, call: ModelCall, brief: AnswererInput) -> AnswererReply:
        """Take the words for the answer, and for its quote the sentence that bears it out most."""
        said = call.reply or ""
        if thought := thought_apart(said):
            said = thought.answer
        answer = said.strip() if call.stop == "stop" else ""
        declined = bool(answer) and declines(answer)
        quotes = () if declined or not answer else _nearest(answer, brief.snippet.text)
        return AnswererReply(answer=answer or NO_ANSWER, quotes=quotes, declined=declined)


def _nearest(answer: str, passage: str) -> tuple[str, ...]:
    """Return the sentence that shares most content words with an answer; nothing where none does.

    That it is there makes no answer right: facts that the passage lacks are found all the same.
    """
    claimed = content_forms(answer)
    shared = [
        (len(claimed & content_forms(one.text)), one.text) for one in split_sentences(passage)
    ]
    most, sentence = max(shared, key=lambda pair: pair[0], default=(0, ""))
    return (sentence,) if most else ()
