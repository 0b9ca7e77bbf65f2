"""Small tasks for a shell, each drawn from its number: find, count, edit, sort and fix.

A task's number decides everything in it, so a name such as `count-17` is all that a corpus has to
keep of it. Numbers that end in 8 and 9 are for testing: no training asks them.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from colloquia.core.errors import UserError
from colloquia.core.hashing import seed_for
from colloquia.core.wording import did_you_mean
from colloquia.finetune.environments.terminal.task import ANSWER, ShellTask

KINDS = ("find", "count", "edit", "sort", "fix")
#: Tasks of each kind that a task set lists; there are as many as one asks for by name.
PER_KIND = 50
SPLITS = ("train", "test")

_FIRST_OF_TEST = 8  # last digits from here on
_VOCABULARY = """
amber birch cedar delta ember fjord grove heron islet juniper kestrel lagoon
meadow nectar orchid pebble quartz raven saddle tulip umber violet willow yarrow
"""
_WORDS = tuple(_VOCABULARY.split())


def task_names(split: str, *, per_kind: int = PER_KIND) -> list[str]:
    """Return the names of a split's tasks, kinds in turn."""
    numbers = [n for n in range(per_kind) if (n % 10 >= _FIRST_OF_TEST) == (split == "test")]
    return [f"{kind}-{number}" for number in numbers for kind in KINDS]


def shell_task(name: str) -> ShellTask:
    """Return the task of that name.

    Raises:
        UserError: there is none.
    """
    kind, _, number = name.partition("-")
    if kind not in KINDS or not number.isdecimal() or len(number) > 9:
        hint = did_you_mean(kind, KINDS)
        raise UserError(f"no task {name!r}{hint}; a name is a kind and a number, as count-17")
    draw = Random(seed_for("shell-task", kind, int(number)))
    variants = _VARIANTS[kind]
    make = variants[int(number) // 2 % len(variants)]
    return ShellTask(name=name, **make(draw))


def _some(draw: Random, many: int) -> list[str]:
    return draw.sample(_WORDS, many)


def _lines(words: Sequence[Any]) -> str:
    return "".join(f"{word}\n" for word in words)


def _shelf(draw: Random) -> dict[str, str]:
    """Return a folder of a few notes with a few words each."""
    names = _some(draw, draw.randint(3, 5))
    return {f"notes/{name}.txt": _lines(_some(draw, draw.randint(2, 4))) for name in sorted(names)}


def _find_word(draw: Random) -> dict[str, Any]:
    files = _shelf(draw)
    place = draw.choice(list(files))
    said = {word for text in files.values() for word in text.split()}
    word = draw.choice([w for w in _WORDS if w not in said])
    return {
        "text": f"Which file in notes has the word {word}? Write its path, as notes/NAME.txt, "
        f"into {ANSWER}.",
        "files": {**files, place: f"{files[place]}{word}\n"},
        "expected": {ANSWER: place},
        "solution": ("ls notes", f"grep -l {word} notes/* > {ANSWER}"),
        "wrong": f"grep -c {word} notes/* > {ANSWER}",
    }


def _find_largest(draw: Random) -> dict[str, Any]:
    sizes = draw.sample(range(1, 9), 4)
    names = sorted(_some(draw, 4))
    files = {
        f"notes/{name}.txt": _lines(["x" * 20] * size)
        for name, size in zip(names, sizes, strict=True)
    }
    largest = names[sizes.index(max(sizes))]
    return {
        "text": f"Which file in notes is the largest? Write its name, as NAME.txt, into {ANSWER}.",
        "files": files,
        "expected": {ANSWER: f"{largest}.txt"},
        "solution": ("ls -S notes", f"ls -S notes | head -n 1 > {ANSWER}"),
        "wrong": f"ls -S notes | tail -n 1 > {ANSWER}",
    }


def _find_ending(draw: Random) -> dict[str, Any]:
    names = _some(draw, 6)
    places = [f"data/{name}.{'log' if n < 2 else 'txt'}" for n, name in enumerate(names)]
    return {
        "text": f"Which files in data end in .log? Write their paths, sorted, into {ANSWER}.",
        "files": dict.fromkeys(places, "-\n"),
        "expected": {ANSWER: _lines(sorted(places[:2]))},
        "solution": ("ls data", f"ls data/*.log > {ANSWER}"),
        "wrong": f"ls data/*.txt > {ANSWER}",
    }


def _count_lines(draw: Random) -> dict[str, Any]:
    words = [draw.choice(_WORDS) for _ in range(draw.randint(3, 9))]
    return {
        "text": f"How many lines has list.txt? Write the number into {ANSWER}.",
        "files": {"list.txt": _lines(words)},
        "expected": {ANSWER: str(len(words))},
        "solution": ("cat list.txt", f"wc -l < list.txt > {ANSWER}"),
        "wrong": f"wc -c < list.txt > {ANSWER}",
    }


def _count_word(draw: Random) -> dict[str, Any]:
    word, *others = _some(draw, 4)
    times, rest = draw.randint(2, 5), draw.randint(1, 4)
    words = [word] * times + [draw.choice(others) for _ in range(rest)]
    draw.shuffle(words)
    return {
        "text": f"How many lines of list.txt have the word {word}? Write the number into {ANSWER}.",
        "files": {"list.txt": _lines(words)},
        "expected": {ANSWER: str(times)},
        "solution": ("cat list.txt", f"grep -c {word} list.txt > {ANSWER}"),
        "wrong": f"grep -vc {word} list.txt > {ANSWER}; echo more >> {ANSWER}",
    }


def _count_files(draw: Random) -> dict[str, Any]:
    files = _shelf(draw)
    return {
        "text": f"How many files are in notes? Write the number into {ANSWER}.",
        "files": files,
        "expected": {ANSWER: str(len(files))},
        "solution": ("ls notes", f"ls notes | wc -l > {ANSWER}"),
        "wrong": f"ls -a notes | wc -l > {ANSWER}",
    }


def _edit_replace(draw: Random) -> dict[str, Any]:
    old, new, *others = _some(draw, 5)
    words = [old, old, *others]
    draw.shuffle(words)
    return {
        "text": f"Replace {old} by {new} everywhere in list.txt.",
        "files": {"list.txt": _lines(words)},
        "expected": {"list.txt": _lines([new if word == old else word for word in words])},
        "solution": ("cat list.txt", f"sed -i s/{old}/{new}/ list.txt"),
        "wrong": f"sed -i 0,/{old}/s/{old}/{new}/ list.txt",
    }


def _edit_drop(draw: Random) -> dict[str, Any]:
    word, *others = _some(draw, 5)
    words = [word, word, *others[1:]]
    draw.shuffle(words)
    words.append(others[0])  # the last line stays, so that an empty one in its place would show
    return {
        "text": f"Delete the lines with {word} from list.txt.",
        "files": {"list.txt": _lines(words)},
        "expected": {"list.txt": _lines([kept for kept in words if kept != word])},
        "solution": ("cat list.txt", f"sed -i /{word}/d list.txt"),
        "wrong": f"sed -i s/{word}// list.txt",
    }


def _edit_append(draw: Random) -> dict[str, Any]:
    word, *others = _some(draw, 5)
    return {
        "text": f"Add a line {word} to the end of list.txt.",
        "files": {"list.txt": _lines(others)},
        "expected": {"list.txt": _lines([*others, word])},
        "solution": ("cat list.txt", f"echo {word} >> list.txt"),
        "wrong": f"echo {word} > list.txt",
    }


def _sort_names(draw: Random) -> dict[str, Any]:
    words = _unsorted(draw, _some(draw, draw.randint(4, 6)))
    return _sorting("names.txt", "by the alphabet", words, sorted(words), right="", wrong="-r")


def _sort_numbers(draw: Random) -> dict[str, Any]:
    numbers = _unsorted(draw, [*draw.sample(range(5, 10), 3), *draw.sample(range(10, 50), 3)])
    ordered = sorted(numbers, reverse=True)
    return _sorting("numbers.txt", "from large to small", numbers, ordered, right="-rn", wrong="-r")


def _sort_once(draw: Random) -> dict[str, Any]:
    words = _some(draw, 4)
    twice = _unsorted(draw, [*words, *words[:2]])
    told = "by the alphabet, each once,"
    return _sorting("names.txt", told, twice, sorted(words), right="-u", wrong="")


def _unsorted(draw: Random, values: list[Any]) -> list[Any]:
    """Return values in an order that isn't theirs, in neither direction."""
    while values in (sorted(values), sorted(values, reverse=True)):
        draw.shuffle(values)
    return values


def _sorting(
    file: str, told: str, given: Sequence[Any], wanted: Sequence[Any], *, right: str, wrong: str
) -> dict[str, Any]:
    return {
        "text": f"Sort the lines of {file} {told} into sorted.txt.",
        "files": {file: _lines(given)},
        "expected": {"sorted.txt": _lines(wanted)},
        "solution": (f"cat {file}", " ".join(f"sort {right} {file} > sorted.txt".split())),
        "wrong": " ".join(f"sort {wrong} {file} > sorted.txt".split()),
    }


def _fix_spelling(draw: Random) -> dict[str, Any]:
    numbers = draw.sample(range(1, 50), 4)
    wrong = draw.choice(("prnt", "pritn", "primt"))
    return {
        "text": "total.sh should print the sum of numbers.txt, and fails. Mend it.",
        "files": {
            "numbers.txt": _lines(numbers),
            "total.sh": "awk '{ s += $1 } END { " + wrong + " s }' numbers.txt\n",
        },
        "may_change": frozenset({"total.sh"}),
        # With one number more, so that no script passes which only says the sum.
        "verify": f'echo 7 >> numbers.txt; [ "$(sh total.sh)" = {sum(numbers) + 7} ]',
        "solution": ("cat total.sh", f"sed -i s/{wrong}/print/ total.sh"),
        "wrong": f"echo 'echo {sum(numbers)}' > total.sh",
    }


def _fix_path(draw: Random) -> dict[str, Any]:
    right, wrong = _some(draw, 2)
    words = _some(draw, draw.randint(3, 6))
    return {
        "text": f"count.sh should print how many lines {right}.txt has, and fails. Mend it.",
        "files": {f"{right}.txt": _lines(words), "count.sh": f"wc -l < {wrong}.txt\n"},
        "may_change": frozenset({"count.sh"}),
        "verify": f'echo more >> {right}.txt; [ "$(sh count.sh)" -eq {len(words) + 1} ]',
        "solution": ("cat count.sh", f"sed -i s/{wrong}/{right}/ count.sh"),
        "wrong": f"echo 'echo {len(words)}' > count.sh",
    }


def _fix_table(draw: Random) -> dict[str, Any]:
    words = _some(draw, 4)
    rows = [f"{word},{draw.randint(1, 99)}" for word in words]
    bad = sorted(draw.sample(range(4), 2))
    mixed = [row.replace(",", ";") if n in bad else row for n, row in enumerate(rows)]
    return {
        "text": "Some lines of table.csv have a semicolon where a comma should be. Mend them.",
        "files": {"table.csv": _lines(mixed)},
        "expected": {"table.csv": _lines(rows)},
        "solution": ("cat table.csv", "sed -i 's/;/,/' table.csv"),
        "wrong": "sed -i 's/;//' table.csv",
    }


_VARIANTS: Mapping[str, Sequence[Callable[[Random], dict[str, Any]]]] = {
    "find": (_find_word, _find_largest, _find_ending),
    "count": (_count_lines, _count_word, _count_files),
    "edit": (_edit_replace, _edit_drop, _edit_append),
    "sort": (_sort_names, _sort_numbers, _sort_once),
    "fix": (_fix_spelling, _fix_path, _fix_table),
}
