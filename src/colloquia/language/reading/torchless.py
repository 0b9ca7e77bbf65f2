"""spaCy is imported without PyTorch where no pipeline could use it.

thinc, below spaCy, imports torch wherever that is installed: more than a second and 180 MB in each
process that reads English, for pipelines that never call it. So torch is as good as not installed
while spaCy is imported, unless a pipeline of transformers might want it. It can be imported later.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from threading import get_ident

_WANT_TORCH = ("spacy_transformers", "spacy_curated_transformers")


@contextmanager
def without_torch() -> Iterator[None]:
    """Let `import spacy` in this block find no torch, in this thread; other threads' imports do."""
    hook = _NoTorch()
    if "torch" not in sys.modules and not any(map(find_spec, _WANT_TORCH)):
        sys.meta_path.insert(0, hook)
    try:
        yield
    finally:
        if hook in sys.meta_path:
            sys.meta_path.remove(hook)


class _NoTorch:
    """An import hook that knows no torch, for the thread that made it."""

    def __init__(self) -> None:
        self.thread = get_ident()

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Refuse torch; leave all else to the hooks behind it."""
        if name == "torch" and get_ident() == self.thread:
            raise ModuleNotFoundError("torch isn't loaded for spaCy", name=name)
        return None
