"""`colloquia pivotal`: the tokens that decide whether an answer will be right."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.student.asking import (
    EVERY_S,
    BatchOption,
    ContextOption,
    LimitOption,
    ModelArgument,
    OutOption,
    SeedOption,
    TemperatureOption,
    TokensOption,
    finite,
    tell_unasked,
)
from colloquia.cli.signals.ctrl_c import Signals
from colloquia.cli.view.errors import INTERRUPTED
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal

if TYPE_CHECKING:
    from colloquia.finetune.pivotal.run import PivotalResult

QuestionsArgument = Annotated[
    Path,
    typer.Argument(
        metavar="QUESTIONS",
        help="A corpus with trl-grpo rows, or lines of prompt and reference.",
        show_default=False,
    ),
]
GapOption = Annotated[
    float, typer.Option(min=0.01, max=0.99, callback=finite, help="Least change of success.")
]
LooksOption = Annotated[
    int, typer.Option("--samples", "-n", min=2, metavar="N", help="Rollouts for a first look.")
]
ConfirmOption = Annotated[
    int, typer.Option(min=2, metavar="N", help="Rollouts where a token looks pivotal.")
]
SplitOption = Annotated[
    Literal["middle", "likelihood"], typer.Option(help="Where a part is halved.")
]
ResponsesOption = Annotated[
    int, typer.Option(min=1, metavar="N", help="Responses searched per question.")
]
AnswerOption = Annotated[bool, typer.Option("--answer-span", help="Search the answer itself too.")]
KeepOption = Annotated[
    str, typer.Option(metavar="LOW..HIGH", help="Solve rates of questions to search.")
]
OracleOption = Annotated[
    str | None, typer.Option(metavar="MODULE:FUNCTION", help="Says what is right.")
]
RolloutsOption = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Most rollouts in all.")
]
BudgetOption = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Most tokens of rollouts in all.")
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on where it was stopped.")]


@with_terminal
def pivotal(
    terminal: Terminal,
    model: ModelArgument,
    questions: QuestionsArgument,
    out: OutOption,
    gap: GapOption = 0.2,
    samples: LooksOption = 32,
    confirm: ConfirmOption = 256,
    split: SplitOption = "likelihood",
    responses: ResponsesOption = 1,
    answer_span: AnswerOption = False,
    keep: KeepOption = "0.2..0.8",
    oracle: OracleOption = None,
    context: ContextOption = "closed",
    temperature: TemperatureOption = 1.0,
    limit: LimitOption = None,
    max_tokens: TokensOption = 96,
    max_rollouts: RolloutsOption = None,
    budget_tokens: BudgetOption = None,
    batch: BatchOption = None,
    seed: SeedOption = 0,
    resume: ResumeOption = False,
) -> None:
    """Find the tokens after which a student's answer is more or less likely right.

    OUT holds pairs of single tokens, for train --method dpo with the same student.
    """
    from colloquia.finetune.measure.solve_rate import parse_band
    from colloquia.finetune.pivotal.rollouts import RolloutSettings
    from colloquia.finetune.pivotal.run import PivotalSettings
    from colloquia.finetune.pivotal.search import SearchSettings
    from colloquia.finetune.pivotal.tokens import TokenSearch

    band = parse_band(keep)
    search = SearchSettings(gap=gap, samples=samples, confirm=confirm, split=split)
    settings = PivotalSettings(
        rollouts=RolloutSettings(temperature=temperature, max_tokens=max_tokens, seed=seed),
        tokens=TokenSearch(search=search, responses=responses, answer_span=answer_span),
        low=band.low,
        high=band.high,
        oracle=oracle,
        context=context,
        limit=limit,
        max_rollouts=max_rollouts,
        max_tokens=budget_tokens,
    )
    result = _search_visibly(
        terminal, model, questions, out=out, settings=settings, resume=resume, batch=batch
    )
    _tell(terminal, result, model=model, out=out)
    if result.interrupted:
        raise typer.Exit(INTERRUPTED)


def _tell(terminal: Terminal, result: "PivotalResult", *, model: Path, out: Path) -> None:
    if terminal.as_json:
        terminal.print_json({"out": str(out), **result.model_dump(mode="json")})
    elif not result.interrupted:
        for reason, number in result.excluded.items():
            terminal.say(f"  left out, {reason.replace('_', ' ')}: {number:,}")
        terminal.say(
            f"{out}: {counted(result.pairs, 'pair')} of {counted(result.pivots, 'pivotal token')} "
            f"in {counted(result.searched, 'question')}, {counted(result.rollouts, 'rollout')} of "
            f"{counted(result.tokens, 'token')}"
        )
        terminal.note(f"next: colloquia train {out} --method dpo --base {model}")
    tell_unasked(terminal, result.excluded.get("unasked", 0), result.problem)
    if result.interrupted:
        terminal.note("interrupted and saved: the same command with --resume goes on")


def _search_visibly(
    terminal: Terminal, model: Path, questions: Path, **options: Any
) -> "PivotalResult":
    """Search where it can be seen how far it is; the first signal stops it, and nothing is lost."""
    from colloquia.finetune.pivotal.run import Progress
    from colloquia.finetune.pivotal.run import pivotal as search

    began = asked = False
    next_line = time.monotonic() + EVERY_S

    def stop() -> None:
        nonlocal asked
        asked = True

    with Signals() as signals:

        def on_look(now: Progress) -> None:
            nonlocal began, next_line
            if not began:
                began = True
                signals.on_first(
                    stop, then=lambda: terminal.note("stopping: rollouts so far are kept")
                )
            if time.monotonic() >= next_line:
                next_line = time.monotonic() + EVERY_S
                terminal.note(
                    f"question {now.question:,} of {now.questions:,}: "
                    f"{counted(now.pivots, 'pivotal token')} so far, "
                    f"{counted(now.rollouts, 'rollout')}, {counted(now.tokens, 'token')}"
                )

        return search(model, questions, watch=on_look, should_stop=lambda: asked, **options)
