"""Ways of making dialogues, compared by readers: `python -m benchmarks.readers PART …`.

The same passages and personas, the same model: one plain call for each passage (`one-call`), or a
run of a recipe (`colloquia run`). `sheet` writes what graders see, without a word of where it comes
from, and the key; `table` reads what they say. The rubric is `docs/grading.md`.

    python -m benchmarks.readers one-call SNIPPETS --model M --api-base URL --out one.jsonl
    python -m benchmarks.readers sheet one-call=one.jsonl turns=turns.db --sheet s.md --key key.json
    python -m benchmarks.readers table key.json A=a.jsonl B=b.jsonl
"""

import argparse
import asyncio
import json
from pathlib import Path

from benchmarks.readers.one_call import write_all
from benchmarks.readers.sheet import key_of, mixed, sheet_of
from benchmarks.readers.sources import Source, rows_of
from benchmarks.readers.table import column_of, grades_in, lines_of, over_all
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


def sheet(args: argparse.Namespace) -> None:
    """Write the sheet and its key."""
    sources = [Source.of(named) for named in args.sources]
    pile = mixed((one for source in sources for one in source.conversations()), seed=args.seed)
    args.sheet.write_text(sheet_of(pile), encoding="utf-8")
    args.key.write_text(
        json.dumps(key_of(pile, sources), indent=1, ensure_ascii=False), encoding="utf-8"
    )
    exchanges = sum(len(one.exchanges) for one in pile.values())
    print(f"{len(pile)} dialogues, {exchanges} exchanges in {args.sheet}; the key is {args.key}")


def table(args: argparse.Namespace) -> None:
    """Print what graders say, by source."""
    key = json.loads(args.key.read_text(encoding="utf-8"))
    files = dict(named.partition("=")[::2] for named in args.graders)
    graders = {name: grades_in(Path(file), key) for name, file in files.items()}
    slips = dict(named.partition("=")[::2] for named in args.slips)
    columns = [
        column_of(name, key, graders, slips=rows_of(Path(slips[name])) if name in slips else None)
        for name in key["sources"]
    ]
    print("\n".join(lines_of(columns)))
    if len(graders) == 2:
        print(over_all(*graders.values()))


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
    part = parts.add_parser("sheet", help="write what graders see, and the key")
    part.add_argument("sources", nargs="+", metavar="NAME=PATH", help="a store or a .jsonl file")
    part.add_argument("--seed", type=int, default=0)
    part.add_argument("--sheet", type=Path, required=True)
    part.add_argument("--key", type=Path, required=True)
    part.set_defaults(do=sheet)
    part = parts.add_parser("table", help="read what graders say")
    part.add_argument("key", type=Path)
    part.add_argument("graders", nargs="+", metavar="GRADER=FILE")
    part.add_argument(
        "--slips",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="flaws made on purpose in a source, JSON Lines with the `text` that is flawed",
    )
    part.set_defaults(do=table)
    args = parser.parse_args()
    args.do(args)


if __name__ == "__main__":
    main()
