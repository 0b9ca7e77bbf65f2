"""Who judges: a model, several of them, or the grader's rule where no model is named.

What models reply is on disk before it is used, so a judging that was killed asks nothing again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from colloquia.agents.base import Bindings, CallSite
from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.core.model_options import ModelOptions
from colloquia.core.ports import ChatModel
from colloquia.core.recipe import OFFLINE, ModelSettings, Recipe
from colloquia.core.roles import JudgeInput, JudgeReply, Line
from colloquia.corpus.rows import OPEN_CONTEXT
from colloquia.finetune.data.questions import Question
from colloquia.finetune.judge.agent import Judge
from colloquia.finetune.judge.rule_judge import rule_reply
from colloquia.finetune.kept_calls import catalogue_within
from colloquia.models.catalogue import Catalogue
from colloquia.models.ledger.ledger import Ledger
from colloquia.store.budgets import RunBudget

RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Different answers of a student's to one question."""

    question: Question
    alone: bool
    """Asked without what was said before."""
    answers: tuple[str, ...]

    def brief(self, *, backwards: bool = False) -> JudgeInput:
        """Return what a judge is told."""
        question = self.question
        told = () if self.alone else question.history
        return JudgeInput(
            passage=question.system.removeprefix(OPEN_CONTEXT) or None,
            transcript=tuple(
                Line(
                    speaker="answerer" if said.role == "assistant" else "questioner",
                    text=said.content,
                )
                for said in told
            ),
            question=question.text,
            notes=_notes(question),
            replies=self.answers[::-1] if backwards else self.answers,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradings:
    """What each judge said of the answers in their order, and of the same in reverse order."""

    forwards: tuple[JudgeReply, ...]
    backwards: tuple[JudgeReply, ...]


@dataclass(kw_only=True)
class Panel:
    """One or more judges."""

    judges: tuple[Judge, ...] = ()
    """Bound; none: the rule judges."""
    catalogue: Catalogue = field(default_factory=Catalogue)
    budget: RunBudget | None = None
    """What they may spend; None where nothing is counted."""

    @property
    def names(self) -> list[str]:
        """Who judges."""
        return [judge.model.name for judge in self.judges if judge.model] or [RULE]

    @property
    def identity(self) -> list[str]:
        """Return what decides their replies: template, model and settings of each."""
        return [judge.identity for judge in self.judges] or [RULE]

    async def grade(self, contest: Contest, ledger: Ledger) -> Gradings:
        """Have every judge grade the answers twice.

        Raises:
            DialogueFailure: a judge's reply can't be used.
            WorldError: a service is out of reach, or the budget is reached.
        """
        if not self.judges:
            answers = contest.answers
            return Gradings(
                forwards=(rule_reply(contest.question, answers),),
                backwards=(rule_reply(contest.question, answers[::-1]),),
            )
        replies: dict[bool, list[JudgeReply]] = {False: [], True: []}
        for number, judge in enumerate(self.judges):
            for backwards, said in replies.items():
                place = f"{number}.judge.{'backwards' if backwards else 'forwards'}"
                site = CallSite(ledger=ledger, place=place, seed=0)
                asked = await judge.ask(contest.brief(backwards=backwards), site=site)
                said.append(asked.reply)
        return Gradings(forwards=tuple(replies[False]), backwards=tuple(replies[True]))

    async def close(self) -> None:
        """Let go of models and connections."""
        await self.catalogue.close()


def open_panel(names: Sequence[str], recipe: Recipe | None) -> Panel:
    """Return the judges of these names, made and not yet asked.

    Args:
        names: under the recipe's `models`, or a model's own; none for the recipe's critic.
        recipe: brings models, prompts and limits; without it and without names the rule judges.

    Raises:
        UserError: there is no such model, it lacks a key, or a price where there is a budget.
    """
    known = recipe or Recipe()
    settings = [known.models.get(name) or ModelSettings(model=name) for name in names]
    if not names and recipe is not None:
        settings = [recipe.settings_for("critic")]
    settings = [one for one in settings if one.model not in (OFFLINE, RULE)]
    catalogue, budget = catalogue_within(known, counted=bool(settings))
    templates = PromptLibrary.of(known)
    judges = [
        bound_judge(catalogue.make(ModelOptions.of(one)), one, templates, name=f"judge{number}")
        for number, one in enumerate(settings)
    ]
    return Panel(judges=tuple(judges), catalogue=catalogue, budget=budget)


def bound_judge(
    model: ChatModel, settings: ModelSettings, templates: PromptLibrary, *, name: str = "judge"
) -> Judge:
    """Return a judge played by a model."""
    return Judge(name=name).bind(Bindings.of_one(model, settings, templates.__getitem__))


def _notes(question: Question) -> str:
    if not question.answerable:
        return (
            "What is asked can't be known from what there is to go by. A right reply says so or "
            f"sets the question right, for example: {question.reference}"
        )
    quotes = " ".join(f"“{quote}”" for quote in question.evidence)
    return f"{question.reference}{' It rests on: ' if quotes else ''}{quotes}"
