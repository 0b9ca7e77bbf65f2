"""What README and docs say is what the program does, and where they point there is something."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from checkout import ROOT
from documents import Block, Play, blocks, commands, matches

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")])
BLOCKS = {page: blocks(page, page.read_text()) for page in PAGES}
RUNNING = [block for found in BLOCKS.values() for block in found if block.runs]


def _place(value: Block | Path) -> str:
    if isinstance(value, Path):
        return value.relative_to(ROOT).as_posix()
    return f"{_place(value.page)}:{value.line}"


@pytest.fixture(scope="module")
def plays(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Play]:
    return {page: Play(BLOCKS[page], tmp_path_factory.mktemp(page.stem)) for page in PAGES}


@pytest.mark.parametrize("block", RUNNING, ids=_place)
def test_a_block_does_what_its_page_says(block: Block, plays: dict[Path, Play]) -> None:
    plays[block.page].up_to(block)


@cache
def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, made as GitHub makes them."""
    text = re.sub(r"^ *(`{3,}).*?^ *\1", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ +(.+?) *$", text, flags=re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=_place)
def test_relative_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^ *(`{3,}).*?^ *\1", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\((?![a-z]+:)([^)\s#]*)(?:#([^)\s]+))?\)", prose)
    broken = []
    for target, anchor in links:
        path = (page.parent / target).resolve() if target else page
        known = _anchors(path) if anchor and path.suffix == ".md" and path.is_file() else {anchor}
        if not path.exists() or anchor not in known:
            broken.append(f"{target}#{anchor}" if anchor else target)
    assert not broken, f"{_place(page)} links to nothing: {', '.join(broken)}"


# Spelt so that this file doesn't hold what it looks for.
PRIVATE = re.compile(r"(?<![\w.])/(?:work|root|Users|home/\w+)/|[i]ndex-url|[p]ypi\.org/simple")


def _own_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0")[:-1] if (path := ROOT / name).is_file()]


def test_no_file_speaks_of_one_machine() -> None:
    found = [
        f"{_place(path)}:{number}: {line.strip()}"
        for path in _own_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if PRIVATE.search(line)
    ]
    assert not found, "\n" + "\n".join(found)


# The harness itself, played on small pages: each way to be wrong has to be noticed.

PAGE = """\
```python
from pathlib import Path
print(Path("card.yaml").exists())
```

```text
{seen}
```

```yaml file=card.yaml
name: x
```

```console
$ mkdir -p sub && cd sub
$ cat ../card.yaml \\
    ../card.yaml
name: x
...
```

<!-- run: touch hidden -->

```bash fails
test -e hidden && test -e {absent}
```
"""


def _play(folder: Path, source: str) -> None:
    page = folder / "page.md"
    found = blocks(page, source)
    Play(found, folder).up_to(found[-1])


def test_a_right_page_plays(tmp_path: Path) -> None:
    _play(tmp_path, PAGE.format(seen=False, absent="card.yaml"))
    assert (tmp_path / "card.yaml").read_text() == "name: x\n"
    assert (tmp_path / "sub" / "hidden").exists()


@pytest.mark.parametrize(
    ("seen", "absent", "told"),
    [
        (True, "card.yaml", r"page\.md:1 shows\nTrue\n\nbut the program prints\nFalse"),
        (False, "../card.yaml", r"page\.md:24: \$ test -e"),
    ],
    ids=["other output", "a command that was to fail"],
)
def test_a_wrong_page_is_noticed(tmp_path: Path, seen: bool, absent: str, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        _play(tmp_path, PAGE.format(seen=seen, absent=absent))


def test_a_failing_block_shows_the_pages_own_line(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        _play(tmp_path, "Some words.\n\n```python\nx = 1\nx / 0\n```\n")
    assert caught.traceback[-1].lineno == 5 - 1  # pytest counts from 0


def test_blocks_that_are_not_to_run_are_left_alone() -> None:
    source = "```python no-run\n1 / 0\n```\n```sql\nselect\n```\n```\nbare\n```\n"
    assert [block.runs for block in blocks(Path("p.md"), source)] == [False, False, False]


def test_commands_keep_their_output_apart() -> None:
    assert list(commands("$ one\na\nb\n$ two \\\n  more\n")) == [
        ("one", "a\nb\n"),
        ("two \\\n  more", ""),
    ]


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\nb\n", "a  \nb\n\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("took ... s\n", "took 1.5 s\n", True),
        ("took ... s\n", "took 1.5 m\n", False),
        ("a\n", "a\nb\n", False),
        ("a.c\n", "abc\n", False),
    ],
)
def test_dots_stand_for_anything(expected: str, printed: str, same: bool) -> None:
    assert matches(expected, printed) is same
