"""Tokens per second of our runner beside a plain TRL script: `python -m benchmarks.train`.

Both train the same model on the same rows with the same numbers, in turn, each in a process of its
own. Speed is taken from the first step's end to the last's, so loading and saving aren't in it.
With a GPU also models of 1 to 15 billion random weights, packed, in bfloat16, and the share of what
one large matrix product reaches on the same card in the same run.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.train.case import Case
from benchmarks.train.shapes import (
    ON_GPU,
    SHAPES,
    SMALL,
    TINY,
    Shape,
    bytes_needed,
    fits,
    operations_per_token,
)

ROOT = Path(__file__).parents[2]
SNIPPETS = ROOT / "examples" / "data" / "invented_people.jsonl"
RUNNERS = ("ours", "plain")
PACK, PACKS = 2048, 4  # tokens of a sequence, sequences of a step
GRPO_TINY, GRPO_SMALL = (12, 64), (6, 16)  # steps, and answers of a step
FIGURES = ["steps", "tokens", "tokens_per_s", "tokens_per_cpu_s", "loss", "peak_mb", "gpu_peak_gb"]
Found = dict[str, Any]


def main() -> None:
    """Measure what this machine can, and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=[*SHAPES], help="shapes; the last 3 on a GPU")
    parser.add_argument("--json", action="store_true", help="all figures on one line")
    asked = parser.parse_args()
    import torch

    from colloquia.finetune.train.libraries import quiet_libraries

    with tempfile.TemporaryDirectory() as folder, quiet_libraries():
        work = Path(folder)
        make_corpus(work, "corpus", dialogues=120)
        make_corpus(work, "few", dialogues=12)  # a minute of CPU per training of the larger model
        possible = (TINY, SMALL, *(ON_GPU if torch.cuda.is_available() else ()))
        wanted = [SHAPES[name] for name in asked.only] if asked.only else possible
        found: list[Found] = []
        for shape in wanted:
            measure = on_gpu if shape in ON_GPU else on_cpu
            found += measure(work, shape, asked.repeats)
    where: Found = {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }
    if asked.json:
        print(json.dumps({"machine": where, "cases": found}))
        return
    print(f"\n{where['gpu'] or 'CPU, one thread'}, torch {where['torch']}, load {where['load']}")
    print("\n".join(line(one) for one in found))


def make_corpus(work: Path, name: str, *, dialogues: int) -> None:
    """Export the offline teacher's dialogues about invented people, all as training rows."""
    import colloquia

    recipe = colloquia.Recipe.model_validate(
        {
            "snippets": {"path": str(SNIPPETS), "limit": dialogues},
            "dialogue": {"exchanges": [5, 6]},
        }
    )
    run = colloquia.run(recipe, store=str(work / f"{name}.db"))
    run.export(work / name, to=["trl-sft", "trl-dpo", "trl-grpo"], split={"train": 1.0})


def make_base(work: Path, shape: Shape) -> Path:
    """Write random weights of a shape and a tokenizer of the corpus to a folder."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from colloquia.finetune.data.corpus_files import open_corpus
    from colloquia.finetune.settings import TinySettings
    from colloquia.finetune.train.tiny import make_tiny

    place = work / f"base-{shape.name}"
    rows = open_corpus(work / "corpus").rows("trl-sft", "train")
    texts = [message["content"] for row in rows for message in row["messages"]]
    # The tokenizer's; the weights of that call are replaced below.
    make_tiny(place, texts, settings=TinySettings(), context=PACK, seed=0)
    small = json.loads((place / "config.json").read_text())
    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_value_heads,
        max_position_embeddings=PACK,
        tie_word_embeddings=shape.tied,
        bos_token_id=None,
        eos_token_id=small["eos_token_id"],
        pad_token_id=small["pad_token_id"],
    )
    torch.manual_seed(0)
    large = shape.weights > 1e9
    if large:
        torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device("cuda" if large else "cpu"):
            model = LlamaForCausalLM(config)
        model.save_pretrained(place)
    finally:
        torch.set_default_dtype(torch.float32)
    del model
    if large:
        torch.cuda.empty_cache()  # the trainings are other processes and need the card
    return place


def on_cpu(work: Path, shape: Shape, repeats: int) -> list[Found]:
    """Measure SFT, DPO and GRPO, one thread each and no GPU."""
    base = make_base(work, shape)
    cases = [
        Case(
            runner="ours",
            method=method,
            shape=shape.name,
            base=str(base),
            corpus=str(work / ("corpus" if shape is TINY else "few")),
            work=str(work / "training"),
            batch=8 if shape is TINY else 2,
            epochs=2 if shape is TINY else 1,
        )
        for method in ("sft", "dpo")
    ]
    steps, answers = GRPO_TINY if shape is TINY else GRPO_SMALL
    cases.append(replace(cases[0], method="grpo", steps=steps, batch=answers))
    return [in_turn(case, repeats, gpu=False) for case in cases]


def on_gpu(work: Path, shape: Shape, repeats: int) -> list[Found]:
    """Measure packed SFT with adapters and of all weights, where it fits."""
    import torch

    card, peak = torch.cuda.get_device_properties(0).total_memory, matmul_peak()
    torch.cuda.empty_cache()
    found: list[Found] = []
    base: Path | None = None
    for lora in (True, False):
        sizes: Found = {"lora": lora, "tokens": PACK * PACKS}
        if not fits(shape, **sizes, card_bytes=card):
            needed = bytes_needed(shape, **sizes)
            found.append({"shape": shape.name, "lora": lora, "needs_gb": needed / 1e9})
            continue
        base = base or make_base(work, shape)
        case = Case(
            runner="ours",
            method="sft",
            shape=shape.name,
            base=str(base),
            corpus=str(work / "corpus"),
            work=str(work / "training"),
            epochs=3,
            batch=PACKS,
            max_length=PACK,
            lora=lora,
            packing=True,
        )
        one = in_turn(case, repeats, gpu=True)
        per_token = operations_per_token(shape, lora=lora)
        for runner in RUNNERS:
            one[runner]["share_of_peak"] = one[runner]["tokens_per_s"] * per_token / peak
        found.append(one | {"peak_tflops": peak / 1e12})
    if base is not None:
        shutil.rmtree(base)  # tens of gigabytes
    return found


def in_turn(case: Case, repeats: int, *, gpu: bool) -> Found:
    """Run ours, plain, ours, plain, …, and return the median of each figure."""
    runs: dict[str, list[Found]] = {runner: [] for runner in RUNNERS}
    for number in range(repeats):
        for runner in RUNNERS:
            print(f"{case.shape} {case.method} {runner} {number + 1}/{repeats}", file=sys.stderr)
            runs[runner].append(alone({**asdict(case), "runner": runner}, gpu=gpu))
    return {
        "shape": case.shape,
        "method": case.method,
        "lora": case.lora,
        "batch": case.batch,
        "n": repeats,
        **{runner: medians(runs[runner]) for runner in RUNNERS},
    }


def alone(case: Found, *, gpu: bool) -> Found:
    """Run one case in a process of its own; stops the benchmark if it fails."""
    surroundings = dict(os.environ)
    if not gpu:
        surroundings |= {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.train.case", json.dumps(case)],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    for left in Path(case["work"]).parent.glob(f"{Path(case['work']).name}*"):
        shutil.rmtree(left)
    if done.returncode:
        raise SystemExit(f"{case} failed:\n{done.stderr[-3000:]}")
    result: Found = json.loads(done.stdout.splitlines()[-1])
    return result


def medians(runs: Sequence[Found]) -> Found:
    """Return the median of each measured figure."""
    return {
        name: statistics.median(run[name] for run in runs)
        for name, value in runs[0].items()
        if name in FIGURES and value is not None
    }


def matmul_peak(size: int = 8192, times: int = 20) -> float:
    """Return the operations per second of a large product of bfloat16 matrices: best of five."""
    import torch

    one, other = (torch.randn(size, size, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    best_ms = float("inf")
    for _ in range(5):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for _ in range(times):
            one @ other
        end.record()
        torch.cuda.synchronize()
        best_ms = min(best_ms, start.elapsed_time(end) / times)
    return 2 * size**3 / (best_ms / 1e3)


def line(one: Found) -> str:
    """Return one case as text."""
    way = "LoRA" if one["lora"] else "all weights"
    if "needs_gb" in one:
        return f"{one['shape']} {way}: needs about {one['needs_gb']:.0f} GB, not tried"
    head = f"{one['shape']} {one['method']}, {way}, batch {one['batch']}, n={one['n']}"
    rows = [head]
    for runner in RUNNERS:
        got = one[runner]
        rows.append(
            f"  {runner:6} {got['tokens_per_s']:>9,.0f} tokens/s {got['tokens_per_cpu_s']:>9,.0f} "
            f"tokens/CPU s, peak {got['peak_mb']:,.0f} MB, loss {got['loss']:.4f} "
            f"after {got['steps']:.0f} steps"
        )
        if "share_of_peak" in got:
            rows[-1] += (
                f", card {got['gpu_peak_gb']:.1f} GB, {got['share_of_peak']:.0%} of "
                f"{one['peak_tflops']:.0f} TFLOP/s"
            )
    ratio = one["ours"]["tokens_per_cpu_s"] / one["plain"]["tokens_per_cpu_s"]
    if "peak_tflops" in one:
        ratio = one["ours"]["tokens_per_s"] / one["plain"]["tokens_per_s"]
    return "\n".join([*rows, f"  ours is {ratio:.2f} x as fast as plain TRL"])


if __name__ == "__main__":
    main()
