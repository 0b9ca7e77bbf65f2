"""What a linter found: one value for recipes, prompts and personas alike."""

from colloquia.core.types import Value


class Problem(Value):
    """One finding, printed as `file:line: CODE message`."""

    file: str
    line: int
    """1-based; 1 also where the file as a whole is meant."""
    code: str
    """A letter for what was read and a number, e.g. `C103`; the table is in the docs."""
    message: str
    """What is wrong and, after a semicolon, the fix."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code} {self.message}"
