"""The judges' calls, kept in a store of their own beside the samples: counted, and never twice.

The store keeps calls below dialogues; here each question has one, about its passage, for which
nobody is planned to speak.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from colloquia.core.hashing import content_id
from colloquia.core.recipe import Recipe
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import Dialogue, Persona, Snippet
from colloquia.core.version import __version__
from colloquia.finetune.data.questions import Question
from colloquia.models.ledger.ledger import Ledger
from colloquia.store.budgets import RunBudget
from colloquia.store.repository import Store
from colloquia.store.writing import Planned

CALLS_FILE = "calls.db"
CALLS_PER_QUESTION = 1000  # a panel of any size, with repairs

_NOBODY = Persona(id=content_id("pers1", "judge"), name="judge")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCalls:
    """An open store of judges' calls."""

    store: Store
    run_id: str

    async def ledger(self, question: Question) -> Ledger:
        """Return the ledger of one question."""
        calls, dialogue = self.store.ledger(self.run_id), _dialogue_id(self.run_id, question)
        known = await calls.calls(dialogue)
        return Ledger(dialogue_id=dialogue, known=known, store=calls, limit=CALLS_PER_QUESTION)


@asynccontextmanager
async def open_calls(
    folder: Path, questions: Sequence[Question], *, budget: RunBudget | None, identity: str
) -> AsyncIterator[JudgeCalls]:
    """Open the store in a folder, made if it isn't there, for the length of a block."""
    run_id = content_id("run1", [identity, 1])
    manifest = RunManifest(
        id=run_id,
        recipe_hash=identity,
        name="judge",
        recipe=Recipe(name="judge"),
        seed=0,
        code_version=__version__,
    )
    with Store.open(folder / CALLS_FILE, create=True) as store:
        await store.begin_run(manifest, [_NOBODY])
        await store.add_dialogues(run_id, [_planned(run_id, one) for one in questions])
        if budget is not None:
            await store.begin_budget(budget, run_id)
        yield JudgeCalls(store=store, run_id=run_id)


def _planned(run_id: str, question: Question) -> Planned:
    snippet = Snippet.of(question.system or question.text)
    dialogue = Dialogue(
        id=_dialogue_id(run_id, question),
        run_id=run_id,
        snippet_id=snippet.id,
        persona_id=_NOBODY.id,
        seed=0,
    )
    return Planned(snippet, dialogue)


def _dialogue_id(run_id: str, question: Question) -> str:
    return content_id("dlg1", [run_id, question.id])
