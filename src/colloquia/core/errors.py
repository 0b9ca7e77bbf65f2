"""Every error a caller may meet, in one tree with three branches.

    ColloquiaError
    ├── UserError            the input is wrong; the message says what to change          exit 2
    │   ├── RecipeError
    │   ├── SnippetError
    │   ├── PromptError
    │   ├── PersonaError
    │   ├── GraphError
    │   ├── ExportError
    │   ├── WrongStore
    │   └── AgentError       an agent or template of the user's fails every dialogue
    ├── WorldError           the machine or a service failed; work done so far is safe    exit 4
    │   ├── StoreError
    │   ├── RunOwned         another process is working on this run                       exit 75
    │   ├── Postponed        the run was stopped; what was asked for comes later          exit 130
    │   └── BudgetReached    a cap of the recipe is reached; raise it to go on            exit 3
    └── DialogueFailure      one dialogue ends as failed(cause); the run goes on
        ├── UnparsableReply  cause "content"
        ├── Refused          cause "refused"
        └── LoopGuard        cause "loop"

A message names the thing, what was expected and the fix. A parameter stands in it as a Python
caller writes it, `max_length=64` in back quotes; the command line tells it as its option. Foreign
exceptions are translated where they enter, with `raise … from`.
"""

from typing import ClassVar


class ColloquiaError(Exception):
    """Base of every error raised on purpose; `exit_code` is what the command line ends with."""

    exit_code: ClassVar[int] = 1


class UserError(ColloquiaError):
    """The input is wrong; nothing was started."""

    exit_code = 2


class RecipeError(UserError):
    """A recipe that can't be read or doesn't fit together."""


class SnippetError(UserError):
    """A snippet source that can't be read or holds no usable snippet."""


class PromptError(UserError):
    """A prompt template that is malformed, unsafe, or lacks a value it declares."""


class PersonaError(UserError):
    """A persona card that is malformed or can't be found."""


class GraphError(UserError):
    """An agent graph that has no entry, an unreachable node or a cycle without a bound."""


class ExportError(UserError):
    """An export that can't be written where or as asked."""


class WrongStore(UserError):
    """What was named is no store, or there is none: a slip in a path or URL."""


class AgentError(UserError):
    """An agent or a template fails one dialogue like the other; its own exception is the cause.

    Raised while a run is under way: the dialogues stay pending, and the same run goes on once it
    is mended.
    """


class WorldError(ColloquiaError):
    """The machine or a service failed; what was done so far is safe and can be continued."""

    exit_code = 4


class StoreError(WorldError):
    """A store that is there and can't be opened, is of another version, or refused a write."""


class RunOwned(WorldError):
    """Another process is working on this run."""

    exit_code = 75


class Postponed(WorldError):
    """The run was stopped while a batch is on its way; it is taken up when the run goes on."""

    exit_code = 130


class BudgetReached(WorldError):
    """A cap of the recipe's `limits` is reached; raise it and run again to go on."""

    exit_code = 3


class DialogueFailure(ColloquiaError):
    """One dialogue can't go on; it is recorded as failed with this cause, and the run goes on."""

    cause: ClassVar[str] = "error"


class UnparsableReply(DialogueFailure):
    """A model's reply still didn't fit its schema after the allowed repairs."""

    cause = "content"


class Refused(DialogueFailure):
    """The model declines, or its provider's content filter does; asking again would not help."""

    cause = "refused"


class LoopGuard(DialogueFailure):
    """A dialogue used up its calls without coming to an end."""

    cause = "loop"
