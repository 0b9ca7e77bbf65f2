"""Recipes: YAML that grows or runs elsewhere, values beyond all bounds, paths that lead astray."""

import json
from collections.abc import Callable
from functools import partial

from benchmarks.hostile.recipe_settings import SETTINGS
from benchmarks.hostile.snippets import SAID
from benchmarks.hostile.variant import ENGLISH, ENGLISH_MB, Stage, Variant

START = "snippets: a.jsonl\n"
LAUGHS = "\n".join(
    [
        "l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]",
        *(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)),
    ]
)


def _tried(stage: Stage, *, recipe: Callable[[], str | bytes], wrong: bool) -> None:
    (stage.folder / "a.jsonl").write_text(json.dumps({"text": SAID}), "utf-8")
    written = recipe()
    file = stage.folder / "recipe.yaml"
    file.write_bytes(written if isinstance(written, bytes) else written.encode())
    codes = (2, 4) if wrong else (0, 1, 2, 4)
    stage.holds("lint", file, codes=codes)
    stage.holds("run", file, "--dry-run", codes=codes)
    stage.holds("run", file, "--quiet", codes=codes)
    stray = {path.name for path in stage.folder.iterdir()} & {"owned", "outside"}
    assert not stray, f"wrote {stray}"


#: What nothing may make of it but one line that says what is wrong.
_WRONG: dict[str, Callable[[], str | bytes]] = {
    "a billion laughs": lambda: LAUGHS,
    "an alias to itself": lambda: START + "name: &a [*a]",
    "an anchor": lambda: START + "name: &a b",
    "a merge key": lambda: "base: &b {seed: 1}\n<<: *b\n" + START,
    "a tag that runs Python": lambda: (
        START + "name: !!python/object/apply:os.system ['touch owned']"
    ),
    "a tag that imports": lambda: START + "name: !!python/name:os.system",
    "a binary tag": lambda: START + "name: !!binary aGk=",
    "a set": lambda: START + "models: !!set {a, b}",
    "a second document": lambda: START + "---\nname: b",
    "a hundred thousand documents": lambda: "---\n" * 100_000,
    "lists in lists": lambda: START + "name: " + "[" * 100_000,
    "maps in maps": lambda: START + "name: " + "{a: " * 50_000,
    "ever deeper lines": lambda: "".join(" " * n + "a:\n" for n in range(1_000)),
    "dashes in dashes": lambda: "- " * 100_000,
    "a list as a key": lambda: "? [a, b]\n: c\n" + START,
    "questions as keys": lambda: "? " * 50_000,
    "a key given twice": lambda: START + START,
    "a key of 500,000 characters": lambda: "a" * 500_000 + ": 1\n" + START,
    "a hundred thousand settings": lambda: START + "".join(f"k{n}: 1\n" for n in range(60_000)),
    "a value of 2 MB": lambda: START + "name: " + "a" * 2_000_000,
    "an integer of 100,000 digits": lambda: START + "seed: " + "9" * 100_000,
    "a hexadecimal number without end": lambda: START + "seed: 0x" + "f" * 100_000,
    "a seed that no store holds": lambda: START + f"seed: {10**30}",
    "a seed below zero": lambda: START + "seed: -1",
    "a seed in words": lambda: START + "seed: yes",
    "a number in base 60": lambda: START + "seed: 190:20:30",
    "1e999": lambda: START + "accept: {grounded: 1e999}",
    "not a number": lambda: START + "accept: {grounded: .nan}",
    "infinite dollars": lambda: START + "limits: {budget_usd: .inf}",
    "true dialogues at once": lambda: START + "limits: {concurrency: true}",
    "no dialogue at once": lambda: START + "limits: {concurrency: 0}",
    "10^30 dialogues at once": lambda: START + f"limits: {{concurrency: {10**30}}}",
    "10^9 exchanges": lambda: START + f"dialogue: {{exchanges: {10**9}}}",
    "a time without end": lambda: START + "limits: {wall: 99999999999999h}",
    "control characters": lambda: START + "name: a\x1b[31m",
    "escapes of control characters": lambda: START + 'name: "\\x1b]0;t\\x07"',
    "NUL in a path": lambda: 'snippets: "a\\0b"',
    "half a character": lambda: START + 'name: "\\ud800"',
    "what nobody sees as a setting": lambda: START + '"\u202e\u200b\U000e0041": 1',
    "what nobody sees as a persona": lambda: START + 'personas: "\u202eworking\u200b\U000e0041"',
    "bytes of no encoding": lambda: bytes(range(128, 256)),
    "UTF-16": lambda: START.encode("utf-16"),
    "a quote never closed": lambda: START + 'name: "' + "a\n" * 200_000,
    "a comment alone": lambda: "# a\n" * 200_000,
    "a list": lambda: "- a\n" * 10_000,
    "a word": lambda: "snippets",
    "nothing": lambda: "",
    "zeros": lambda: b"\0" * 1_000_000,
    "snippets from nowhere": lambda: "snippets: /proc/self/nothing",
    "snippets in a device": lambda: "snippets: /dev/urandom",
    "snippets in a URL": lambda: "snippets: http://127.0.0.1:9/a.jsonl",
    "a persona in another file": lambda: START + "personas: [/etc/passwd]",
    "a persona twice": lambda: START + "personas: [a, a, a]",
    "10,000 personas": lambda: START + f"personas: [{', '.join(['kid'] * 10_000)}]",
    "prompts in a file": lambda: START + "prompts: a.jsonl",
    "prompts that never end": lambda: START + "prompts: /dev/zero",
    "a model without a provider": lambda: START + "agents: {answerer: {model: a}}",
    "a model that is a path": lambda: START + "agents: {answerer: {model: 'hf:/etc'}}",
    "a model that is a module": lambda: START + "agents: {answerer: {model: 'os:system'}}",
    "a key in place of its name": lambda: (
        START + "models: {a: {model: openai/b, api_key_env: 'sk-a b'}}"
    ),
    "a password in an address": lambda: (
        START + "models: {a: {model: openai/b, api_base: 'http://u:p@127.0.0.1/'}}"
    ),
    "an address that is a file": lambda: (
        START + "models: {a: {model: openai/b, api_base: 'file:///etc/passwd'}}"
    ),
    "an address with line ends": lambda: (
        START + 'models: {a: {model: openai/b, api_base: "http://127.0.0.1/\\r\\nX: y"}}'
    ),
    "a price below zero": lambda: (
        START + "models: {a: {model: openai/b, price: {input: -1, output: 1}}}"
    ),
    "a million replies in a batch": lambda: START + "agents: {answerer: {samples: 1000000}}",
    "shares beyond one": lambda: START + "export: {split: {train: 1e308, validation: 1e308}}",
}
#: What may run, and must not do more than that.
_ODD: dict[str, Callable[[], str | bytes]] = {
    "a name that is a path": lambda: START + "name: ../../outside",
    "a name of 100,000 characters": lambda: START + f"name: {'a' * 100_000}",
    "a name that nobody sees": lambda: START + 'name: "\u202e\u200b\U000e0041"',
    "a name with alternating marks": lambda: START + "name: a" + "\u0301\u0316" * 100_000,
    "10,000 models": lambda: (
        START + "models:\n" + "".join(f"  m{n}: {{model: openai/a}}\n" for n in range(6_000))
    ),
    "a million tokens a reply": lambda: (
        START + f"models: {{a: {{model: openai/b, max_tokens: {10**18}}}}}"
    ),
    "words that others read as numbers": lambda: START + "name: 1_000\nlanguage: en",
    "Windows line ends": lambda: START.replace("\n", "\r\n").encode("utf-8-sig"),
    "a split named as a path": lambda: START + "export: {split: {../outside: 1.0}}",
    "formats named as paths": lambda: START + "export: {to: [../outside]}",
}
_SHORT = {"a billion laughs", "lists in lists", "10^30 dialogues at once"}
VARIANTS = SETTINGS + [
    Variant(
        family="recipes",
        name=name,
        attack=partial(_tried, recipe=recipe, wrong=wrong),
        peak_mb=ENGLISH_MB,
        imports=ENGLISH,
        short=name in _SHORT,
    )
    for wrong, recipes in ((True, _WRONG), (False, _ODD))
    for name, recipe in recipes.items()
]
