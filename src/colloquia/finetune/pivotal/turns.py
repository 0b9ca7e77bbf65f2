"""The exchange that decides a dialogue, for models that tell no likelihoods: turns for tokens."""

from collections.abc import Callable, Sequence

from colloquia.core.errors import UserError
from colloquia.core.types import Message
from colloquia.finetune.pivotal.search import Pivot, SearchSettings, find_pivots

Messages = tuple[Message, ...]

#: Goes on with a dialogue to its end: the messages so far and a number of the rollout -> the rest.
Resume = Callable[[Messages, int], Sequence[Message]]

#: Whether a whole dialogue is a success: a reviewer's score, a reference, a person.
TurnOracle = Callable[[Messages], bool]

#: Coarser than for tokens, since each rollout is a dialogue: a difference of two chances has a
#: standard error of up to 0.25, then 0.125.
TURNS = SearchSettings(gap=0.3, samples=8, confirm=32, split="middle")


def pivotal_turns(
    messages: Sequence[Message],
    resume: Resume,
    oracle: TurnOracle,
    *,
    settings: SearchSettings = TURNS,
) -> list[Pivot]:
    """Find the exchanges after which the chance of success is another.

    Args:
        messages: a whole dialogue; a system message at its beginning belongs to the first exchange.
            An exchange begins with each message of the user.
        resume: plays the rest, anew for each number. It is never asked about the same beginning and
            number twice.
        oracle: judges a whole dialogue; the given one as well, as it is.
        settings: how finely; `split` halves by number, since turns have no likelihood.

    Returns:
        The pivotal exchanges in order; where `change` is below 0, success fell.

    Raises:
        UserError: there is no message of the user.
    """
    begun = [n for n, message in enumerate(messages) if message.role == "user"]
    if not begun:
        raise UserError("there is no exchange: no message has the role user")
    ends = [0, *begun[1:], len(messages)]
    known: dict[int, list[bool]] = {}

    def rate(place: int, number: int) -> float:
        so_far = tuple(messages[: ends[place]])
        if place == len(begun):
            return float(oracle(so_far))
        made = known.setdefault(place, [])
        for n in range(len(made), number):
            made.append(oracle((*so_far, *resume(so_far, n))))
        return sum(made) / len(made)

    return list(find_pivots(len(begun), rate, settings))
