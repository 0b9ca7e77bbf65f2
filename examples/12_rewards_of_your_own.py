"""GRPO with a reward of your own: answers come to be short, from what they earn alone.

    python examples/12_rewards_of_your_own.py   # half a minute on a laptop's CPU

Needs the extra `finetune`; no key, no network, no model from elsewhere.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia
from colloquia.finetune.rewards.sampled_answer import SampledAnswer


def short(answer: SampledAnswer) -> float:
    """Return 1 for no token at all, 0 for as many as there may be."""
    return 1 - answer.tokens / answer.most_tokens


def main() -> None:
    people = Path(__file__).parent / "data" / "invented_people.jsonl"
    recipe = colloquia.Recipe.model_validate({"snippets": {"path": str(people), "limit": 8}})
    with TemporaryDirectory() as folder:
        work = Path(folder)
        run = colloquia.run(recipe, store=str(work / "store.db"))
        run.export(work / "corpus", to=["trl-sft", "trl-grpo"], split={"train": 1.0})
        result = colloquia.train(
            work / "corpus",
            output=work / "student",
            method="sft,grpo",
            max_length=512,
            sft={"steps": 20},
            # From another file its name would be my_rewards:short.
            grpo={
                "steps": 12,
                "batch_size": 32,
                "max_tokens": 32,
                "learning_rate": 0.001,
                "warmup_steps": 2,
                "rewards": {f"{__name__}:short": 1.0},
            },
        )
    _, grpo = result.stages
    assert grpo.reward is not None
    first, last = grpo.reward
    print(f"{grpo.mixed_groups} of {grpo.groups} groups of answers differed in what they earned")
    print(f"mean reward {first:.2f} -> {last:.2f}")


if __name__ == "__main__":
    main()
