"""The student in training acts in an environment, and its conversation grows token by token.

What it wrote stays as it was written: text that is made into tokens again may become others.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from colloquia.core.errors import UserError, WorldError
from colloquia.core.hashing import seed_for
from colloquia.corpus.kinds import Kind
from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.data.heard import TurnTokens, over_observed
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.environments.episode import OpenEpisode
from colloquia.finetune.environments.playing import AT_ONCE as ENVIRONMENTS_AT_ONCE
from colloquia.finetune.environments.protocol import TaskSet
from colloquia.finetune.settings import EchoSettings
from colloquia.finetune.train.methods.answering import AT_ONCE
from colloquia.finetune.train.methods.group_sampler import Rollout
from colloquia.models.faults.errors import CallFailed

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import Answer, Chat


@dataclass(kw_only=True)
class Conversation:
    """One episode in tokens, as it grows."""

    episode: OpenEpisode
    turns: TurnTokens
    most: int
    """Tokens that it may have, the next action included."""
    prompt: list[int]
    ids: list[int] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def act(self, answer: "Answer") -> None:
        """Take an action, let the environment answer, and listen."""
        said = [*answer.ids, *(() if answer.end is None else (answer.end,))]
        self._grow(said, ["action"] * len(said), [1.0] * len(said))
        heard = self.episode.act(answer.text)
        if heard.text:
            following = self.turns.heard(heard.text, heard.kind, end=answer.end)
            self._grow(following.ids, following.kinds, following.weights)

    def close_if_full(self, room: int) -> None:
        """End the episode where the next action may not fit."""
        if self.episode.is_open and len(self.prompt) + len(self.ids) + room > self.most:
            self.episode.problem = "no room for another action"

    def rollout(self, name: str) -> Rollout:
        """Return what is learnt from."""
        kept = min(len(self.ids), self.most - len(self.prompt))
        kinds = self.kinds[:kept]
        reward = self.episode.episode().reward
        return Rollout(
            prompt_ids=self.prompt,
            completion_ids=self.ids[:kept],
            scores={name: reward},
            is_right=reward > 0,
            own=[int(kind == "action") for kind in kinds],
            observed=over_observed(kinds, self.weights[:kept]),
        )

    def _grow(self, ids: Sequence[int], kinds: Sequence[Kind], weights: Sequence[float]) -> None:
        self.ids += ids
        self.kinds += kinds
        self.weights += weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Plays episodes with the decoder that `hf:` models are asked with, each by its own seed."""

    tokens: ChatTokens
    settings: EchoSettings
    environment: TaskSet
    most: int
    """Tokens of a conversation."""
    seed: int

    def __call__(self, model: Any, rows: Sequence[Row], *, round_: int) -> list[Rollout]:
        """Return an episode per row, of `echo_examples`; the same row may come several times.

        Raises:
            WorldError: memory runs out.
            UserError: a task isn't there, or doesn't fit.
        """
        from colloquia.models.local.text_generator import TextGenerator

        writer = TextGenerator(model, self.tokens.tokenizer, batch=AT_ONCE)
        turns = TurnTokens.of(self.tokens)
        talks = [
            self._begun(row, turns, seed=seed_for(self.seed, round_, row["id"], place))
            for place, row in enumerate(rows)
        ]
        while going := [talk for talk in talks if talk.episode.is_open]:
            answers = writer.answer([self._chat(talk) for talk in going])
            for answer in answers:
                if isinstance(answer, CallFailed):
                    raise WorldError(f"{answer}; fewer `max_tokens` need less memory")
            with ThreadPoolExecutor(ENVIRONMENTS_AT_ONCE) as pool:
                list(pool.map(Conversation.act, going, answers))
            for talk in going:
                talk.close_if_full(self.settings.max_tokens)
        return [talk.rollout("environment") for talk in talks]

    def _begun(self, row: Row, turns: TurnTokens, *, seed: int) -> Conversation:
        episode = OpenEpisode(environment=self.environment.make(), task=row["task"], seed=seed)
        prompt = self.tokens.question(episode.messages())
        if (needed := len(prompt) + self.settings.max_tokens) > self.most:
            raise UserError(
                f"task {row['task']!r} takes {needed:,} tokens with its first action; "
                f"max_length is {self.most:,}"
            )
        return Conversation(episode=episode, turns=turns, most=self.most, prompt=prompt)

    def _chat(self, talk: Conversation) -> "Chat":
        from colloquia.models.local.text_generator import Chat, Sampling

        return Chat(
            messages=(),
            ids=(*talk.prompt, *talk.ids),
            sampling=Sampling(
                temperature=self.settings.temperature,
                top_p=1.0,
                top_k=0,
                max_tokens=self.settings.max_tokens,
                seed=talk.episode.next_seed,
            ),
        )
