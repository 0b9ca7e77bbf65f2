"""A recipe with its names resolved, and the dialogues it makes of snippets: all from the seed."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from colloquia.authoring.personas.profile import participant_profile, profile_of
from colloquia.authoring.personas.sampler import choose
from colloquia.core.commit import Sink
from colloquia.core.hashing import content_id, seed_for
from colloquia.core.limits import AUTO_CONCURRENCY
from colloquia.core.ports import CallStore
from colloquia.core.recipe import AUTO, OFFLINE, Recipe
from colloquia.core.types import (
    NOT_PROSE,
    OTHER_LANGUAGE,
    Dialogue,
    ModelCall,
    Persona,
    Snippet,
)
from colloquia.language.reading.identification import language_of
from colloquia.language.reading.pipeline import ENGLISH
from colloquia.models.ledger.ledger import Ledger
from colloquia.simulator.briefs import Case
from colloquia.simulator.dialogue import Walk, shape_of
from colloquia.simulator.graph import Graph
from colloquia.simulator.policy import Rules
from colloquia.snippets.formats.items import MAX_CHARS
from colloquia.snippets.prose.tables import is_table
from colloquia.snippets.prose.turns import is_talk
from colloquia.store.writing import Planned

WRITING = frozenset({"planner", "questioner", "answerer", "writer"})
"""The parts that write a dialogue; reviewers only judge it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A recipe with its names resolved."""

    recipe: Recipe
    recipe_hash: str
    graph: Graph
    personas: tuple[Persona, ...]
    warm_up: Callable[[], None] = lambda: None
    """Called before each walk: what a model has to read first is no part of a call's time."""
    let_go: Callable[[], None] = lambda: None
    """Called when the run is to stop: nobody may wait longer than for a call in flight."""
    at_once: int = AUTO_CONCURRENCY
    """Dialogues in flight at once where the recipe leaves it open."""
    commits: Mapping[str, str] = field(default_factory=dict)
    """Of models of the Hub: the name with the commit it stood for, by the recipe's name."""

    @property
    def rules(self) -> Rules:
        """What the recipe asks of a dialogue."""
        recipe = self.recipe
        return Rules(
            revisions=recipe.dialogue.revisions,
            samples=recipe.agents.answerer.samples,
            accept=recipe.accept,
            fewest=recipe.dialogue.exchanges[0],
            stuck=recipe.dialogue.stuck,
        )

    def language_of(self, snippet: Snippet) -> str:
        """Return the recipe's language, or what a snippet's is by its looks."""
        wanted = self.recipe.language
        return language_of(snippet.text) if wanted == AUTO else wanted

    def unwritable(self, snippet: Snippet) -> str | None:
        """Return why no dialogue can be made of a snippet: the offline teacher reads English prose.

        The reason is one of `UNWRITABLE`; None if one can be made.
        """
        offline = any(
            agent.part in WRITING and agent.model is not None and agent.model.name == OFFLINE
            for _, agent in self.graph.agents()
        )
        if offline and self.language_of(snippet) != ENGLISH:
            return OTHER_LANGUAGE
        other = is_talk(snippet.text) or is_table(snippet.text)
        return NOT_PROSE if offline and other else None

    def persona_for(self, snippet: Snippet) -> Persona:
        """Choose who asks about a snippet, by weight."""
        return choose(self.personas, seed=seed_for(self.recipe.seed, snippet.id, "persona"))

    def walk(
        self,
        dialogue: Dialogue,
        snippet: Snippet,
        *,
        calls: CallStore,
        known: Sequence[ModelCall] = (),
        sink: Sink,
        stopping: asyncio.Event,
    ) -> Walk:
        """Make the walk of one dialogue; `known` are the calls made for it before."""
        if (unwritable := self.unwritable(snippet)) is None:
            self.warm_up()
        recipe = self.recipe
        persona = self.persona_by_id(dialogue.persona_id)
        return Walk(
            Case(
                dialogue=dialogue,
                snippet=snippet,
                persona=profile_of(persona),
                participant=participant_profile(persona) if recipe.dialogue.profile else None,
                language=self.language_of(snippet),
                unwritable=unwritable,
            ),
            graph=self.graph,
            rules=self.rules,
            shape=recipe.dialogue,
            ledger=Ledger(
                dialogue_id=dialogue.id,
                known=known,
                store=calls,
                limit=recipe.limits.calls_per_dialogue,
                before_call=sink.written,
            ),
            sink=sink,
            stopping=stopping,
        )

    def persona_by_id(self, persona_id: str) -> Persona:
        """Return one of the recipe's personas."""
        return next(persona for persona in self.personas if persona.id == persona_id)

    def dialogue_for(self, snippet: Snippet, *, run_id: str) -> Dialogue:
        """Make the pending dialogue of a snippet; its id holds the recipe and the snippet."""
        return Dialogue(
            id=content_id("dlg1", [self.recipe_hash, snippet.id]),
            run_id=run_id,
            snippet_id=snippet.id,
            persona_id=self.persona_for(snippet).id,
            seed=seed_for(self.recipe.seed, snippet.id),
        )

    def planned(self, snippet: Snippet, *, run_id: str) -> Planned:
        """Make the pending dialogue of a snippet, and say how long it will take beside others.

        Exchanges come one after the other, so their number decides; of equals, the longer text.
        """
        dialogue = self.dialogue_for(snippet, run_id=run_id)
        exchanges = shape_of(dialogue, self.recipe.dialogue).exchanges
        return Planned(snippet, dialogue, exchanges * (MAX_CHARS + 1) + len(snippet.text))
