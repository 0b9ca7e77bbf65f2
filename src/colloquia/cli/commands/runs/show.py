"""`colloquia show`: read a dialogue in the terminal."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.runs.opening import open_store
from colloquia.cli.view.ledger import ledger
from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.transcript import transcript
from colloquia.cli.view.transcript_markdown import as_markdown
from colloquia.core.errors import UserError

if TYPE_CHECKING:
    from colloquia.core.record import DialogueRecord
    from colloquia.core.types import ModelCall, Outcome
    from colloquia.store.repository import Store


@with_terminal
def show(
    terminal: Terminal,
    dialogue: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A dialogue's id or its beginning; see colloquia ls."),
    ] = None,
    run: Annotated[
        str | None, typer.Option(help="The run it is in; the latest by default.")
    ] = None,
    drafts: Annotated[
        bool, typer.Option("--drafts", help="Show turned-down drafts and why.")
    ] = False,
    calls: Annotated[
        bool, typer.Option("--calls", help="Show the model calls; with -v their messages too.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
) -> None:
    """Read a dialogue: who asked what, the answers with their evidence, and how they were judged.

    Without an ID it shows the first accepted dialogue of the run.
    """
    with open_store(terminal) as store:
        record = _find_dialogue(store, dialogue, run)
        made = store.calls(record.dialogue.run_id, record.dialogue.id) if calls else []
    if terminal.as_json:
        terminal.print_json(
            _dialogue_as_json(record) | ({"calls": _calls_as_json(made)} if calls else {})
        )
        return
    if markdown:
        terminal.say(as_markdown(record, drafts=drafts))
    else:
        terminal.say(*transcript(record, drafts=drafts))
    if made:
        terminal.say(*ledger(made, messages=terminal.verbose > 0))


def _find_dialogue(store: "Store", dialogue: str | None, run: str | None) -> "DialogueRecord":
    from colloquia.runs.handle import manifest_in

    if dialogue is not None:
        return store.record(dialogue, manifest_in(store, run).id if run else None)
    manifest = manifest_in(store, run)
    choices: tuple[list[Outcome] | None, ...] = (["accepted"], None)
    for outcomes in choices:
        for record in store.records(manifest.id, outcomes=outcomes):
            return record
    raise UserError(f"run {manifest.id} has no dialogues yet; colloquia run makes them")


def _dialogue_as_json(record: "DialogueRecord") -> dict[str, Any]:
    document: dict[str, Any] = record.model_dump(mode="json")
    return document | {"score": record.score, "path": [turn.id for turn in record.turns]}


def _calls_as_json(calls: "list[ModelCall]") -> list[dict[str, Any]]:
    return [call.model_dump(mode="json") for call in calls]
