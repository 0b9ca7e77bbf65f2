"""The foundation: what a snippet is about, and what matters most in it."""

from functools import lru_cache

from colloquia.offline.reading.overview import central, overview_text
from colloquia.offline.reading.study import study


@lru_cache(maxsize=256)
def foundation(text: str, title: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the core information and the verbatim quotes behind it."""
    studied = study(text, title)
    return overview_text(studied), tuple(statement.quote for statement in central(studied))
