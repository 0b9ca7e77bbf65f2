"""Who plays: a student of ours, many episodes side by side, or any model behind the port."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from colloquia.core.ports import ChatModel, ChatRequest
from colloquia.finetune.environments.episode import OpenEpisode
from colloquia.models.faults.errors import CallFailed

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import Chat, TextGenerator

#: Environments that work at once; most of a command's time is waiting.
AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaySettings:
    """How a student is asked for its actions."""

    temperature: float = 1.0
    max_tokens: int = 64
    """Of one action."""


def play(
    student: "TextGenerator",
    plays: Sequence[OpenEpisode],
    settings: PlaySettings,
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Play all episodes to their end, a turn of each at a time.

    Args:
        student: a model in memory.
        plays: begun ones.
        settings: of its actions.
        stopped: asked before each turn; once true, episodes stay open.
    """
    while (going := [one for one in plays if one.is_open]) and not stopped():
        chats = [_chat(one, settings) for one in going]
        answers = student.answer(chats, stopped=stopped)
        if stopped():
            return
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(_take, going, answers))


def _take(play: OpenEpisode, answer: object) -> None:
    if isinstance(answer, CallFailed):
        play.problem = str(answer)
    else:
        play.act(answer.text)  # type: ignore[attr-defined]


def _chat(play: OpenEpisode, settings: PlaySettings) -> "Chat":
    from colloquia.models.local.text_generator import Chat, Sampling

    sampling = Sampling(
        temperature=settings.temperature,
        top_p=1.0,
        top_k=0,
        max_tokens=settings.max_tokens,
        seed=play.next_seed,
    )
    return Chat(messages=play.messages(), sampling=sampling)


async def play_with(model: ChatModel, play: OpenEpisode, settings: PlaySettings) -> None:
    """Play one episode with any model behind the port, a guest from AutoGen among them.

    Raises:
        CallFailed: what the model raises.
    """
    while play.is_open:
        request = ChatRequest(
            role="answerer",
            prompt="",
            messages=play.messages(),
            temperature=settings.temperature,
            max_tokens=settings.max_tokens,
            seed=play.next_seed,
        )
        play.act((await model.complete(request)).text)
