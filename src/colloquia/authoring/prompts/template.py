"""A prompt template: its blocks, filled with declared values, become messages.

What a chat looks like comes from the template's source alone; values only fill it. The template is
read once (`reading.py`) and never changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from colloquia.authoring.problems import Problem
from colloquia.authoring.prompts.blocks import BlockKind
from colloquia.authoring.prompts.front_matter import Declared, TemplateTest
from colloquia.authoring.prompts.rendered import ChatRole, RenderedBefore
from colloquia.authoring.prompts.sandbox import MAX_OUTPUT, MAX_WORK, Compiled, RenderFault
from colloquia.authoring.prompts.untrusted import disarm, wrap
from colloquia.core.errors import PromptError
from colloquia.core.types import Message

HISTORY = "transcript"  # the input that <<history>> expands


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledBlock:
    """A block ready to render; history has no text of its own."""

    kind: BlockKind
    line: int
    compiled: Compiled | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTemplate:
    """A checked template; `render` turns declared values into messages."""

    name: str
    role: str
    description: str
    identity: str
    """`name@hash`: changes with any character of front matter or body."""
    input: Mapping[str, Declared]
    reply_schema: dict[str, Any] | None
    tests: tuple[TemplateTest, ...]
    file: str
    blocks: tuple[CompiledBlock, ...]

    def render(
        self,
        variables: Mapping[str, Any],
        *,
        before: RenderedBefore | None = None,
        work: int = MAX_WORK,
    ) -> tuple[Message, ...]:
        """Return the messages to send; adjacent ones of one role are joined, empty ones left out.

        Args:
            variables: a value for each declared input; others are ignored, so that a template of
                one's own may use less than its role is told.
            before: what was rendered for the same dialogue; it is added to.
            work: characters that filters and operators may take in, in all blocks.

        Raises:
            PromptError: a declared value is missing or of another type, or a block can't be
                rendered with these values.
        """
        values = {name: self._checked_value(name, variables) for name in self.input}
        before = before or RenderedBefore()
        texts: list[tuple[ChatRole, str]] = []
        room, work = MAX_OUTPUT, work // max(1, len(self.blocks))
        for block in self.blocks:
            if block.kind == "history":
                texts += self._render_history(values[HISTORY])
            elif block.compiled is not None:
                text = self._render_block(
                    block, block.compiled, values, before, room=room, work=work
                )
                room -= len(text)
                texts.append((block.kind, text))
        return tuple(before.message(role, text) for role, text in _join_neighbours(texts))

    def _checked_value(self, name: str, variables: Mapping[str, Any]) -> Any:
        value, declared = variables.get(name), self.input[name]
        if declared.accepts(value):
            return value
        got = type(value).__name__ if name in variables else "nothing"
        raise self._error(1, "P501", f"{name}: expected {declared.type}, got {got}; pass it")

    def _render_block(
        self,
        block: CompiledBlock,
        compiled: Compiled,
        values: Mapping[str, Any],
        before: RenderedBefore,
        *,
        room: int,
        work: int,
    ) -> str:
        try:
            if block.kind == "system":
                return before.instructions(compiled, values, room=room, work=work)
            return compiled.render(values, room=room, work=work).strip()
        except RenderFault as error:
            fault = error.fault
            raise self._error(block.line + fault.line - 1, fault.code, fault.message) from error

    def _render_history(self, lines: Sequence[Any]) -> list[tuple[ChatRole, str]]:
        """Return the dialogue as this role saw it: its own turns are the assistant's."""
        own = "questioner" if self.role == "questioner" else "answerer"
        texts: list[tuple[ChatRole, str]] = []
        for line in lines:
            match line:
                case {"speaker": str(speaker), "text": str(text)} if speaker == own:
                    texts.append(("assistant", disarm(text)))
                case {"speaker": str(), "text": str(text)}:
                    texts.append(("user", wrap(text, key=self.identity)))
                case _:
                    what = (
                        f"{HISTORY} holds {type(line).__name__}; give objects of speaker and text"
                    )
                    raise self._error(1, "P501", what)
        return texts

    def _error(self, line: int, code: str, message: str) -> PromptError:
        return PromptError(str(Problem(file=self.file, line=line, code=code, message=message)))


def _join_neighbours(texts: list[tuple[ChatRole, str]]) -> list[tuple[ChatRole, str]]:
    """Join neighbours of one role: chat templates want user and assistant to alternate."""
    joined: list[tuple[ChatRole, str]] = []
    for role, text in texts:
        if not text:
            continue
        if joined and joined[-1][0] == role:
            text = f"{joined.pop()[1]}\n\n{text}"
        joined.append((role, text))
    return joined
