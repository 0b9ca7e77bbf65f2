"""The foundation: what a snippet is about, and what matters most in it."""

from functools import lru_cache

from colloquia.offline.reading.overview import central, overview_text
from colloquia.offline.reading.study import finish, study


@lru_cache(maxsize=256)
def foundation(text: str, title: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the core information and the verbatim quotes behind it."""
    studied = study(text, title)
    chosen = central(studied)
    said = overview_text(studied)
    if not said.strip():
        whole = text.strip()[:400]
        return finish(whole) if whole else "", (whole,) if whole else ()
    return said, tuple(statement.quote for statement in chosen)
