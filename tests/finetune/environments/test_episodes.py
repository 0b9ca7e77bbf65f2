"""Episodes: played by a student, a model behind the port, an AutoGen agent; kept as dialogues."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent
from guessing import Guessing, GuessingTasks

from colloquia.core.errors import UserError
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.types import ToolCall
from colloquia.corpus.export import export
from colloquia.finetune.environments.episode import Episode, OpenEpisode
from colloquia.finetune.environments.find import find_environment
from colloquia.finetune.environments.playing import PlaySettings, play, play_with
from colloquia.finetune.environments.protocol import Observation
from colloquia.finetune.environments.rollouts import RolloutPlan, roll_out
from colloquia.finetune.environments.transcripts import (
    episode_record,
    planned_episode,
    rollout_manifest,
)
from colloquia.models.autogen_client import AsAutogen
from colloquia.models.local.text_generator import Answer, Chat
from colloquia.models.scripted import ScriptedModel
from colloquia.store.repository import Store


def played(*guesses: str, task: str = "7") -> Episode:
    episode = OpenEpisode(environment=Guessing(), task=task)
    for guess in guesses:
        episode.act(guess)
    return episode.episode()


class Student:
    """Says the guesses one after the other; stands for a model in memory."""

    batch = 2

    def __init__(self, *guesses: str) -> None:
        self.guesses = guesses
        self.seen: list[Chat] = []

    def answer(self, chats: list[Chat], **_: object) -> list[Answer]:
        self.seen += chats
        said = [self.guesses[len(chat.messages) // 2] for chat in chats]
        return [Answer(text=text, ids=(), stop="stop", tokens_in=1) for text in said]


def test_an_episode_has_kinds_and_a_reward() -> None:
    episode = played("nine", "9", "7")
    assert [(turn.kind, turn.text) for turn in episode.turns] == [
        ("task", "Guess a number from 0 to 9."),
        ("action", "nine"),
        ("warning", "Say a number."),
        ("action", "9"),
        ("observation", "too high"),
        ("action", "7"),
        ("observation", "right"),
    ]
    assert (episode.reward, episode.done, episode.actions) == (1.0, True, 3)


def test_a_student_plays_many_at_a_time_each_with_seeds_of_its_own() -> None:
    student = Student("5", "7", "8")
    episodes = [OpenEpisode(environment=Guessing(), task=t, seed=n) for n, t in enumerate("789")]
    play(student, episodes, PlaySettings())  # type: ignore[arg-type]
    assert [one.episode().reward for one in episodes] == [1.0, 1.0, 0.0]
    assert not any(one.is_open for one in episodes)
    assert len({chat.sampling.seed for chat in student.seen}) == len(student.seen)


def test_any_model_behind_the_port_can_play() -> None:
    heard: list[ChatRequest] = []

    def guess(request: ChatRequest) -> ChatReply:
        heard.append(request)
        return ChatReply(text="5" if len(request.messages) == 1 else "7")

    episode = OpenEpisode(environment=Guessing(), task="7")
    asyncio.run(play_with(ScriptedModel([guess] * 3), episode, PlaySettings()))
    assert episode.episode().reward == 1.0
    assert [message.content for message in heard[1].messages][1:] == ["5", "too low"]


def test_an_autogen_agent_plays_through_its_tools() -> None:
    def clerk(request: ChatRequest) -> ChatReply:
        said = [m.content for m in request.messages if m.role == "tool"]
        if "right" in said:
            return ChatReply(text="It was 7.")
        arguments = json.dumps({"action": "7" if said else "3"})
        return ChatReply(
            text="", tool_calls=(ToolCall(id=f"call_{len(said)}", name="act", arguments=arguments),)
        )

    episode = OpenEpisode(environment=Guessing(), task="7")
    agent = AssistantAgent(
        "player",
        model_client=AsAutogen(ScriptedModel([clerk] * 5, name="clerk")),
        tools=[episode.as_tool()],
        max_tool_iterations=4,
    )
    asyncio.run(agent.run(task=episode.messages()[0].content))
    assert [turn.text for turn in episode.episode().turns][1:] == ["3", "too low", "7", "right"]
    assert episode.as_tool()("1") == "The episode is over."


def test_what_was_solved_is_accepted_and_the_reward_is_its_score(tmp_path: Path) -> None:
    manifest = rollout_manifest("guessing", identity={"student": "none"}, seed=0)
    told = Guessing().reset("7").text
    records = [
        episode_record(planned_episode(manifest, "guessing", "7", told, sample=n), played(*said))
        for n, said in enumerate([("nine", "7"), ("1", "2", "3")])
    ]
    solved, unsolved = records
    assert (solved.dialogue.outcome, solved.score) == ("accepted", 1.0)
    assert (unsolved.dialogue.outcome, unsolved.dialogue.reason) == ("rejected", "unsolved")
    out = tmp_path / "out"
    export(records, manifest=manifest, to=["echo-jsonl"], out=out, split={"train": 1.0}, only="all")
    rows = [json.loads(line) for line in (out / "echo/train.jsonl").read_text().splitlines()]
    kinds = [[(m["kind"], m["weight"]) for m in row["messages"]] for row in rows]
    assert [
        ("context", 0.0),
        ("action", 1.0),
        ("warning", 0.0),
        ("action", 1.0),
        ("observation", 1.0),
    ] in kinds
    assert {row["task"] for row in rows} == {"7"}
    assert {row["source"] for row in rows} == {"environment:guessing"}


def test_rollouts_go_on_where_they_were_stopped(tmp_path: Path) -> None:
    plan = RolloutPlan(tasks=GuessingTasks().tasks("train"), samples=2)

    def once(student: Student, *, turns: int | None = None) -> tuple[str, dict[str, int]]:
        asked = iter(range(turns)) if turns is not None else None
        with Store.open(tmp_path / "a.db", create=True) as store:
            manifest = asyncio.run(
                roll_out(
                    student,  # type: ignore[arg-type]
                    GuessingTasks(),
                    plan,
                    store=store,
                    identity={"student": "s"},
                    stopped=lambda: asked is not None and next(asked, None) is None,
                )
            )
            counts = store.counts(manifest.id)
            return manifest.id, {"accepted": counts.accepted, "pending": counts.pending}

    first, stopped = once(Student("5", "7", "8"), turns=6)
    assert stopped["pending"] > 0
    again, done = once(Student("5", "7", "8"))
    assert again == first
    assert done == {"accepted": 2, "pending": 0}  # 7 is found, 3 isn't
    with Store.open(tmp_path / "a.db") as store:
        records = list(store.records(first))
    assert len({record.dialogue.seed for record in records}) == 4
    assert {turn.speaker for r in records for turn in r.turns} == {
        "questioner",
        "answerer",
        "environment",
    }


def test_an_environment_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_environment("terminal").name == "terminal"
    assert find_environment("guessing:numbers").name == "guessing"
    for name, says in {
        "terminla": "did you mean",
        "nowhere:at_all": "ModuleNotFoundError",
        "guessing:nothing": "AttributeError",
        "guessing:Guessing": "no name, tasks and make",
        "guessing:": "no environment 'guessing:'",
        "guessing:a:b": "is no name of the form MODULE:NAME",
    }.items():
        with pytest.raises(UserError, match=says):
            find_environment(name)


def test_what_an_environment_says_can_be_written_down() -> None:
    class Garbled(Guessing):
        def reset(self, task: str) -> Observation:
            return Observation(text="Guess\udcff \x1b[31ma number.")

    assert OpenEpisode(environment=Garbled(), task="7").told == "Guess\ufffd a number."


def test_who_hears_nothing_is_told_so() -> None:
    class Silent(Guessing):
        def step(self, action: str) -> Observation:
            return Observation(text="")

    episode = OpenEpisode(environment=Silent(), task="7")
    episode.act("1")
    assert [(one.role, one.content) for one in episode.messages()][1:] == [
        ("assistant", "1"),
        ("user", "(nothing)"),
    ]
    assert episode.episode().turns[-1].kind == "warning"


class Faulty:
    """An environment whose step does what it is told to."""

    def __init__(self, step: Any) -> None:
        self.step = step

    def reset(self, task: str) -> Observation:
        return Observation(text=f"Task {task}")


class Mute(Exception):
    """An error that can't be told."""

    def __str__(self) -> str:
        raise RuntimeError("not even this")


def _cry() -> Observation:
    raise Mute


def _raise(_: str) -> Observation:
    raise RuntimeError("the world broke")


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (_raise, "Faulty on task '7' failed: 'RuntimeError: the world broke'"),
        (lambda _: "warm", "said a str, no Observation"),
        (lambda _: Observation(text=3), "said '3', no text"),  # type: ignore[arg-type]
        (lambda _: Observation(text="warm", reward="1"), "reward '1', no"),  # type: ignore[arg-type]
        (lambda _: Observation(text="", kind="odd"), "of the kind 'odd'"),  # type: ignore[arg-type]
        (lambda _: Observation(text="warm", done="no"), "is done: 'no'; give True"),  # type: ignore[arg-type]
        (lambda _: sys.exit(3), "on task '7' failed: 'SystemExit: 3'"),
        (lambda _: _cry(), "on task '7' failed: .*Mute"),
        (lambda _: Observation(text="warm", reward=float("nan")), "gave the reward 'nan'"),
    ],
)
def test_an_environment_that_fails_is_told_with_its_task(step: Any, told: str) -> None:
    episode = OpenEpisode(environment=Faulty(step), task="7")
    with pytest.raises(UserError, match=told):
        episode.act("3")


def test_an_environment_that_sets_no_task_is_told() -> None:
    class Mute(Guessing):
        def reset(self, task: str) -> Observation:
            return Observation(text=" ")

    with pytest.raises(UserError, match="Mute on task '7' doesn't say what is to be done"):
        OpenEpisode(environment=Mute(), task="7")


class OddTasks:
    """A task set that is wrong in one place."""

    name = "odd"

    def __init__(self, *, tasks: Any = ("7",), made: Any = None) -> None:
        self.given, self.made = tasks, made

    def tasks(self, split: str) -> Any:
        return self.given[split] if isinstance(self.given, dict) else self.given

    def make(self) -> Any:
        return self.made


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (OddTasks(tasks=[1, 2]), r"tasks\('train'\) has '1'; give a text of at most 200"),
        (OddTasks(tasks=None), r"tasks\('train'\) failed: .TypeError"),
        (OddTasks(tasks={}), r"tasks\('train'\) failed: .KeyError"),
        (OddTasks(tasks=["a\udcff"]), r"tasks\('train'\) has .*; give a text of at most 200"),
        (OddTasks(tasks=["x" * 201]), r"tasks\('train'\) has .*; give a text of at most 200"),
        (OddTasks(tasks=[]), r"tasks\('train'\) has none"),
        (OddTasks(made=3), r"make\(\) gave an object of type int without reset and step"),
    ],
)
def test_a_task_set_that_is_wrong_is_told(
    monkeypatch: pytest.MonkeyPatch, odd: OddTasks, told: str
) -> None:
    monkeypatch.setattr("guessing.numbers", odd)
    found = find_environment("guessing:numbers")
    with pytest.raises(UserError, match=f"environment 'guessing:numbers': {told}"):
        found.tasks("train")
        found.make()
