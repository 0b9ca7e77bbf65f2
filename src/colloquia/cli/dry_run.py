"""`colloquia run --dry-run`: what would be done, found out without writing anything."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from colloquia.app import prepare
from colloquia.cli.common import Common
from colloquia.cli.printable import one_line
from colloquia.snippets.reader import SnippetReport, read_snippets
from colloquia.store.location import Location
from colloquia.store.repository import Store

if TYPE_CHECKING:
    from colloquia.core.recipe import Recipe
    from colloquia.simulator.runner import Setup


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a run would do."""

    recipe_hash: str
    run: str | None
    """The run that would go on; None for a new one."""
    snippets: SnippetReport
    finished: int
    """Dialogues of that run that have their outcome."""
    calls: tuple[int, int]
    """Fewest and most per dialogue, as long as no answer needs mending."""
    models: tuple[str, ...]
    personas: tuple[str, ...]

    @property
    def to_do(self) -> int:
        """Dialogues left; fewer where snippets come twice."""
        return max(0, self.snippets.read - self.finished)

    @property
    def expected_calls(self) -> tuple[int, int]:
        """Fewest and most in all."""
        fewest, most = self.calls
        return self.to_do * fewest, self.to_do * most

    def document(self) -> dict[str, Any]:
        """Return the forecast as plain JSON."""
        return {
            "recipe_hash": self.recipe_hash,
            "run": self.run,
            "new": self.run is None,
            "snippets": self.snippets.read,
            "bad_snippets": {"count": self.snippets.bad, "first": self.snippets.problems},
            "finished": self.finished,
            "to_do": self.to_do,
            "expected_calls": list(self.expected_calls),
            "models": list(self.models),
            "personas": list(self.personas),
        }


def tell_forecast(common: Common, recipe: "Recipe", *, fresh: bool) -> None:
    """Say what a run of this recipe would do."""
    forecast = foresee(recipe, store=common.store, fresh=fresh)
    if common.as_json:
        common.document(forecast.document())
        return
    fewest, most = forecast.expected_calls
    state = f"continues {forecast.run}" if forecast.run else "a new run"
    common.say(
        f"recipe {forecast.recipe_hash}: {state}",
        f"snippets {forecast.snippets.read:,}, bad lines {forecast.snippets.bad:,}",
        f"dialogues {forecast.to_do:,} to do, {forecast.finished:,} finished before",
        f"calls {fewest:,} to {most:,}, and more for revisions" if most else "nothing to do",
        f"models {one_line(', '.join(forecast.models))}",
        f"personas {one_line(', '.join(forecast.personas))}",
    )
    common.note("nothing was written; the same command without --dry-run does it")


def foresee(recipe: "Recipe", *, store: str, fresh: bool) -> Forecast:
    """Resolve everything that a run would resolve, and count its snippets.

    Raises:
        ColloquiaError: whatever the run would stumble over at its start.
    """
    setup = prepare(recipe)
    report = SnippetReport()
    source = recipe.folder / recipe.snippets.path
    for _ in read_snippets(source, limit=recipe.snippets.limit, report=report):
        pass  # counted in the report, and forgotten: a file may be larger than memory
    run, finished = (None, 0) if fresh else _earlier(store, setup.recipe_hash)
    roles = type(recipe.agents).model_fields
    return Forecast(
        recipe_hash=setup.recipe_hash,
        run=run,
        snippets=report,
        finished=finished,
        calls=_calls_per_dialogue(setup),
        models=tuple(sorted({recipe.settings_for(role).model for role in roles})),
        personas=tuple(persona.name for persona in setup.personas),
    )


def _calls_per_dialogue(setup: "Setup") -> tuple[int, int]:
    """Return the fewest and most calls of a dialogue in which no answer needs mending.

    One call for the plan; then per exchange a question, its answers (the first of them all is the
    foundation) and, on each answer, the reviewers that ask a model.
    """
    asking = [agent for _, agent in setup.graph.agents() if agent.template_identity is not None]
    reviewers = sum(agent.part == "reviewer" for agent in asking)
    samples = setup.recipe.agents.answerer.samples
    fewest, most = (
        1 + exchanges * (1 + samples * (1 + reviewers))
        for exchanges in setup.recipe.dialogue.exchanges
    )
    return fewest, most


def _earlier(store: str, recipe_hash: str) -> tuple[str | None, int]:
    """Return the run of this recipe and how many of its dialogues are finished."""
    path = Location.of(store).path
    if path is not None and not path.exists():
        return None, 0
    with Store.open(store) as opened:
        run = opened.latest_run(recipe_hash)
        if run is None:
            return None, 0
        counts = opened.counts(run.id)
    return run.id, counts.planned - counts.pending
