"""Files of lines that know their hash: written once, lines counted and hashed on the way."""

import hashlib
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from colloquia.corpus.formats import Format
from colloquia.corpus.manifest import ExportedFile


class LineFile:
    """One file of one format and split."""

    def __init__(self, stream: BinaryIO, *, path: str, name: Format, split: str | None) -> None:
        self._stream = stream
        self._path, self._format, self._split = path, name, split
        self._sha256 = hashlib.sha256()
        self._rows = self._size = 0

    def write(self, line: str) -> None:
        """Append a line, without its end."""
        data = line.encode("utf-8") + b"\n"
        self._stream.write(data)
        self._sha256.update(data)
        self._rows += 1
        self._size += len(data)

    def entry(self) -> ExportedFile:
        """Return the manifest's entry."""
        return ExportedFile(
            path=self._path,
            format=self._format,
            split=self._split,
            rows=self._rows,
            size=self._size,
            sha256=self._sha256.hexdigest(),
        )


class SplitFiles:
    """A format's files, one per split, each made with its first line: no file is empty."""

    def __init__(self, folder: Path, name: Format, paths: dict[str | None, str]) -> None:
        self._folder, self._format, self._paths = folder, name, paths
        self._open: dict[str | None, LineFile] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def write(self, split: str | None, line: str) -> None:
        """Append a line to a split's file."""
        if split not in self._open:
            path = self._paths[split]
            file = self._folder / path
            file.parent.mkdir(exist_ok=True)
            stream = self._stack.enter_context(file.open("xb"))
            self._open[split] = LineFile(stream, path=path, name=self._format, split=split)
        self._open[split].write(line)

    def entries(self) -> list[ExportedFile]:
        """Return the entries of the files that were made, in the order of splits."""
        return [self._open[split].entry() for split in self._paths if split in self._open]
