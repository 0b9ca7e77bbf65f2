"""Ways of making dialogues, compared by readers: `python -m benchmarks.readers PART …`.

The same passages and personas, the same model: one plain call for each passage (`one-call`), or a
run of a recipe (`colloquia run`). `sheet` writes what graders see, without a word of where it comes
from, and the key; `table` reads what they say. The rubric is `readers/RUBRIC.md`.

    python -m benchmarks.readers one-call SNIPPETS --model M --api-base URL --out one.jsonl
    python -m benchmarks.readers sheet one-call=one.jsonl turns=turns.db --sheet s.md --key key.json
    python -m benchmarks.readers table key.json A=a.jsonl B=b.jsonl
"""

import argparse
import asyncio
import json
from pathlib import Path

from benchmarks.reader_one_call import write_all
from colloquia.core.recipe import DialogueShape, ModelSettings, Recipe, Snippets


def one_call(args: argparse.Namespace) -> None:
    """Make a dialogue of each snippet in one call."""
    asked = ModelSettings(
        model=args.model,
        api_base=args.api_base,
        timeout_s=args.timeout_s,
        max_tokens=args.max_tokens,
    )
    recipe = Recipe(
        snippets=Snippets(path=str(args.snippets.resolve())),
        seed=args.seed,
        models={"asked": asked},
        dialogue=DialogueShape(exchanges=(args.exchanges, args.exchanges)),
    ).override(model="asked")
    rows = asyncio.run(write_all(recipe))
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    args.out.write_text("".join(lines), encoding="utf-8")
    exchanges = sum(len(row["exchanges"]) for row in rows)
    print(f"{len(rows)} dialogues, {exchanges} exchanges in {args.out}")
    for row in rows:
        if len(row["exchanges"]) != args.exchanges:
            print(f"  {row['id']}: {len(row['exchanges'])} exchanges, {args.exchanges} asked for")


def main() -> None:
    """Read the arguments and do the part."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parts = parser.add_subparsers(required=True)
    part = parts.add_parser("one-call", help="make dialogues by one call each")
    part.add_argument("snippets", type=Path)
    part.add_argument("--seed", type=int, default=0)
    part.add_argument("--exchanges", type=int, default=4)
    part.add_argument("--model", required=True)
    part.add_argument("--api-base")
    part.add_argument("--timeout-s", type=float)
    part.add_argument("--max-tokens", type=int, default=4096)
    part.add_argument("--out", type=Path, required=True)
    part.set_defaults(do=one_call)
    args = parser.parse_args()
    args.do(args)


if __name__ == "__main__":
    main()
