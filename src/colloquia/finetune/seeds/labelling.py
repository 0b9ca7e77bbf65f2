"""Labels from a model: a sample of the snippets, each graded once.

Calls are kept in a store beside the output, as those of a run are: counted against the budget
before they are sent, and never made twice.
"""

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from heapq import nsmallest
from pathlib import Path
from typing import Any

from colloquia.agents.base import Bindings, CallSite
from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.core.errors import DialogueFailure, UserError
from colloquia.core.hashing import digest, seed_for
from colloquia.core.model_options import ModelOptions
from colloquia.core.ports import ChatModel
from colloquia.core.recipe import OFFLINE, Recipe
from colloquia.core.roles import Passage, SeedInput
from colloquia.core.types import Snippet, Value
from colloquia.finetune.kept_calls import CALLS_FILE, KeptCalls, catalogue_within, open_calls
from colloquia.finetune.seeds.embedder import Watch
from colloquia.finetune.seeds.filtering import new_file, require_new_file
from colloquia.finetune.seeds.grader import AUDIENCE, SeedGrader
from colloquia.finetune.seeds.labels import row_of
from colloquia.finetune.work_folder import Work, open_work_folder
from colloquia.language.reading.identification import language_of
from colloquia.models.catalogue import Catalogue
from colloquia.simulator.side_by_side import side_by_side
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport
from colloquia.store.budgets import RunBudget

LABELLING = Work(
    doing="labelling",
    identity_file="labelling.json",
    can_resume=lambda folder: (folder / CALLS_FILE).exists(),
)
AT_ONCE = 32  # snippets before the model, which keeps its own pace
CALLS_PER_SNIPPET = 10  # with repairs


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSettings:
    """Which snippets are graded, and for whom."""

    sample: int | None = None
    """How many, drawn by a hash of their words; None for all."""
    audience: str = AUDIENCE
    seed: int = 0


class LabelResult(Value):
    """What was graded."""

    read: int
    """Snippets in the source."""
    labelled: int
    failed: dict[str, int]
    """Cause -> snippets whose reply couldn't be used."""
    ephemeral: int
    mean: float | None
    cost_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelledLabel:
    """One snippet's row with its label, or why it has none."""

    row: dict[str, Any] | None = None
    cause: str | None = None
    problem: str | None = None
    cost_usd: float = 0.0


def label(
    source: Path,
    *,
    out: Path,
    recipe: Recipe,
    settings: LabelSettings,
    model: ChatModel | None = None,
    resume: bool = False,
    watch: Watch = lambda done, total: None,
) -> LabelResult:
    """Have a model grade a sample of the snippets.

    Args:
        source: a snippet file or folder; only read.
        out: a new .jsonl file: the snippets with `label`, `ephemeral` and `reason`.
        recipe: its critic's model grades, within its `limits`; its `prompts` may hold a template.
        settings: which snippets, for whom.
        model: a model of your own in place of the recipe's.
        resume: go on with a labelling that was interrupted; give what it was begun with.
        watch: told how many are graded, of how many.

    Raises:
        UserError: the model can't grade, lacks a key or a price, a file is there already, no reply
            could be used, or an unfinished labelling was begun with something else.
        RunOwned: another process is at it.
        WorldError: the model is out of reach, or the budget is reached; `resume` goes on.
    """
    require_new_file(out)
    report = SnippetReport()
    chosen = _chosen(source, settings, report)
    grader, catalogue, budget = _bound_grader(recipe, model)
    identity = {
        "grader": grader.identity,
        "snippets": digest([one.id for one in chosen])[:20],
        "asked": asdict(settings),
    }
    with open_work_folder(LABELLING, out, identity, resume=resume) as work:
        try:
            graded = asyncio.run(
                _grade_all(grader, chosen, settings, work, catalogue, budget, watch)
            )
            failed = Counter(one.cause for one in graded if one.cause)
            if failed.total() == len(graded):
                raise UserError(f"no reply could be used; the first: {graded[0].problem}")
        except UserError:
            shutil.rmtree(work, ignore_errors=True)  # going on would end just so
            raise
        rows = [one.row for one in graded if one.row is not None]
        with new_file(out) as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    shutil.rmtree(LABELLING.folder_of(out), ignore_errors=True)
    return LabelResult(
        read=report.read,
        labelled=len(rows),
        failed=dict(failed.most_common()),
        ephemeral=sum(row["ephemeral"] for row in rows),
        mean=round(sum(row["label"] for row in rows) / len(rows), 4),
        cost_usd=round(sum(one.cost_usd for one in graded), 6),
    )


def _chosen(source: Path, settings: LabelSettings, report: SnippetReport) -> list[Snippet]:
    unique = {one.id: one for one in read_snippets(source, report=report)}.values()
    if settings.sample is None:
        return list(unique)
    return nsmallest(
        settings.sample, unique, key=lambda one: seed_for(settings.seed, "label", one.id)
    )


async def _grade_all(
    grader: SeedGrader,
    snippets: Sequence[Snippet],
    settings: LabelSettings,
    work: Path,
    catalogue: Catalogue,
    budget: RunBudget | None,
    watch: Watch,
) -> list[ModelledLabel]:
    identity = digest([grader.identity, settings.audience])[:20]
    try:
        async with open_calls(
            work,
            {one.id: one for one in snippets},
            role=grader.prompt,
            identity=identity,
            budget=budget,
            most=CALLS_PER_SNIPPET,
        ) as calls:
            return await _grade(grader, snippets, settings, calls, watch)
    finally:
        await catalogue.close()


def _bound_grader(
    recipe: Recipe, model: ChatModel | None
) -> tuple[SeedGrader, Catalogue, RunBudget | None]:
    """Return the grader with its model, made and not yet asked."""
    settings = recipe.settings_for("critic")
    if model is None and settings.model == OFFLINE:
        raise UserError(
            "the offline teacher can't grade snippets: name a model (`model=`), or label by hand"
        )
    catalogue, budget = catalogue_within(recipe, counted=model is None)
    asked = catalogue.make(ModelOptions.of(settings)) if model is None else model
    templates = PromptLibrary.of(recipe)
    bindings = Bindings.of_one(asked, settings, templates.__getitem__)
    return SeedGrader().bind(bindings), catalogue, budget


async def _grade(
    grader: SeedGrader,
    snippets: Sequence[Snippet],
    settings: LabelSettings,
    calls: KeptCalls,
    watch: Watch,
) -> list[ModelledLabel]:
    turns, done = asyncio.Semaphore(AT_ONCE), 0

    async def grade(snippet: Snippet) -> ModelledLabel:
        nonlocal done
        async with turns:
            brief = SeedInput(
                snippet=Passage(
                    title=snippet.title, text=snippet.text, language=language_of(snippet.text)
                ),
                audience=settings.audience,
            )
            site = CallSite(ledger=await calls.ledger(snippet.id), place="0.seed_grader", seed=0)
            try:
                said = (await grader.ask(brief, site=site)).reply
            except DialogueFailure as error:
                made = ModelledLabel(cause=error.cause, problem=str(error))
            else:
                row = row_of(
                    snippet, label=said.value, ephemeral=said.ephemeral, reason=said.reason
                )
                made = ModelledLabel(row=row)
            done += 1
            watch(done, len(snippets))
            return replace(made, cost_usd=await calls.cost_usd(snippet.id))

    return await side_by_side(grade(snippet) for snippet in snippets)
