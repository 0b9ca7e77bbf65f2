"""The log of a training: one JSON line per measurement, exact however often it was interrupted."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOG_FILE = "log.jsonl"

_PART = "of "


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One line: what was measured after a step of a stage."""

    stage: int
    """1-based."""
    method: str
    step: int
    values: dict[str, float]
    """`loss`, `eval_loss`, `learning_rate`, `grad_norm` and what a method has of its own."""

    def to_json(self) -> str:
        """Return the line."""
        content: dict[str, Any] = {"stage": self.stage, "method": self.method, "step": self.step}
        return json.dumps(content | self.values)


def log_measurement(file: Path, one: Measurement) -> None:
    """Add a line to the log."""
    with file.open("a", encoding="utf-8") as log:
        log.write(one.to_json() + "\n")


def read_log(file: Path) -> Iterator[Measurement]:
    """Yield the log's lines; one that was cut by a kill is passed over."""
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            content = json.loads(line)
            head = {name: content.pop(name) for name in ("stage", "method", "step")}
        except (ValueError, KeyError):
            continue
        yield Measurement(**head, values=content)


def rewind_log(file: Path, *, stage: int, step: int) -> None:
    """Drop what was logged after a step of a stage: it will be done, and logged, again.

    The log is replaced whole: whatever happens meanwhile, the old one or the new one is there.
    """
    kept = [one for one in read_log(file) if (one.stage, one.step) <= (stage, step)]
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text("".join(one.to_json() + "\n" for one in kept), encoding="utf-8")
    partial.replace(file)


def measured_as(corpus: str) -> str:
    """Return what a trainer is to call the validation rows of one corpus of several."""
    return _PART + corpus


def losses_by_corpus(names: Iterable[str]) -> dict[str, str]:
    """Return those of a measurement's names that are validation losses, with their corpora.

    That of the only corpus is `eval_loss`, and its name is empty.
    """
    found = {}
    for name in names:
        if name == "eval_loss":
            found[name] = ""
        elif name.startswith(f"eval_{_PART}") and name.endswith("_loss"):
            found[name] = name.removeprefix(f"eval_{_PART}").removesuffix("_loss")
    return found
