"""The starter project's corpus is the same to the byte on every Python, until changed on purpose.

After a change that is meant, its digests are written again, in the folder of an exported corpus:
`find * -type f | LC_ALL=C sort | xargs sha256sum`.
"""

from hashlib import sha256
from pathlib import Path

from command import Command

PINNED = Path(__file__).with_name("starter_corpus.sha256")


def test_the_starters_corpus_has_the_digests_that_are_pinned(
    colloquia: Command, project: Path
) -> None:
    assert colloquia("run", "recipe.yaml").code == 0
    assert colloquia("export", "-o", "corpus").code == 0
    corpus = project / "corpus"
    found = [
        f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(corpus).as_posix()}"
        for path in corpus.rglob("*")
        if path.is_file()
    ]
    assert sorted(found, key=lambda line: line.split()[1]) == PINNED.read_text().splitlines()
